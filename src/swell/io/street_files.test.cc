#include "swell/io/street_files.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

namespace {

StreetNetwork read(const std::string& text) {
  const auto network = parse_street_file(as_bytes_of(text), "file");
  if (!network) throw std::runtime_error("not recognised: " + text);
  return *network;
}

void refused(const std::string& text, const std::string& what) {
  try {
    read(text);
    ADD_FAILURE() << text;
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

std::string feature(const std::string& coordinates, const std::string& properties = "{}") {
  return R"({"type":"Feature","properties":)" + properties + R"(,"geometry":{"type":"LineString","coordinates":)" +
         coordinates + "}}";
}
std::string collection(const std::string& features) {
  return R"({"type":"FeatureCollection","features":[)" + features + "]}";
}

const std::string kOsm = R"(<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6">
 <node id="1" lat="47.0" lon="8.0"/><node id="2" lat="47.001" lon="8.0"/><node id="3" lat="47.002" lon="8.0"/>
 <node id="4" lat="47.001" lon="8.001"><tag k="depot" v="yes"/></node>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="B&#228;ckergasse"/></way>
 <way id="11"><nd ref="4"/><nd ref="2"/><tag k="highway" v="service"/><tag k="oneway" v="-1"/></way>
 <way id="12"><nd ref="4"/><nd ref="99"/><tag k="highway" v="service"/></way>
 <way id="13"><nd ref="1"/><nd ref="4"/><tag k="building" v="yes"/></way>
</osm>)";

}  // namespace

// The middle point of the first line is shared, so the line is two streets; the bend of the second is none.
TEST(street_files, geojson_lines_meet_where_they_share_a_point) {
  const StreetNetwork network =
      read("\xef\xbb\xbf" +
           collection(feature("[[8,47],[8.001,47],[8.002,47]]", R"({"name":"Long","duty":true})") + "," +
                      feature("[[8.001,47],[8.0015,47.001],[8.001,47.002]]", R"({"oneway":"yes","length":300})")));
  ASSERT_EQ(network.streets.size(), 3u);
  EXPECT_EQ(network.junctions.size(), 4u);
  EXPECT_TRUE(network.streets[0].duty);
  EXPECT_EQ(network.streets[1].name, "Long");
  EXPECT_NEAR(network.streets[0].length, metres_between({8, 47}, {8.001, 47}), 6e-4);
  EXPECT_NEAR(network.streets[0].length, 75.8, 0.1);  // 111195 m x 0.001 x cos 47
  EXPECT_EQ(network.streets[2].length, 300);
  EXPECT_TRUE(network.streets[2].one_way());
  EXPECT_EQ(network.streets[2].bends.size(), 1u);
}

TEST(street_files, geojson_with_other_coordinates_is_taken_as_plain) {
  const StreetNetwork network = read(collection(feature("[[600000,200000],[600300,200400]]")));
  EXPECT_FALSE(network.origin.has_value());
  EXPECT_DOUBLE_EQ(network.streets[0].length, 500);
}

TEST(street_files, geojson_loops_multilines_and_depots_are_read) {
  const StreetNetwork network = read(collection(
      feature("[[0,0],[0.001,0],[0.001,0.001],[0,0]]") + "," +
      R"({"type":"Feature","properties":{"reward":4},"geometry":{"type":"MultiLineString","coordinates":[[[0,0],[0,0.002]],[[0,0.002],[0,0.004]]]}},)" +
      R"({"type":"Feature","properties":{"depot":true},"geometry":{"type":"Point","coordinates":[0.0001,0.0039]}})"));
  ASSERT_EQ(network.streets.size(), 3u);
  EXPECT_EQ(network.streets[0].a, network.streets[0].b);
  EXPECT_EQ(network.streets[1].reward, 2);
  ASSERT_TRUE(network.depot.has_value());
  EXPECT_EQ(*network.depot, network.streets[2].b);
}

TEST(street_files, geojson_mistakes_are_named) {
  refused("{\"type\":", "the JSON is broken at byte 9");
  refused(R"({"type":"Topology"})", "Topology");
  refused(collection(""), "no LineString");
  refused(collection(feature("[[0,0]]")), "feature 1");
  refused(collection(feature("[[0,0],[\"a\",1]]")), "longitude");
  refused(collection(feature("[[0,0],[1,1]]", R"({"length":-3})")), "length is -3");
  refused(collection(feature("[[0,0],[1,1]]", R"({"duty":"perhaps"})")), "perhaps");
}

TEST(street_files, osm_ways_are_cut_at_shared_nodes_and_at_the_border) {
  const StreetNetwork network = read(kOsm);
  ASSERT_EQ(network.streets.size(), 3u);
  EXPECT_EQ(network.streets[0].name,
            "B\xc3\xa4"
            "ckergasse");
  EXPECT_NEAR(network.streets[0].length, 111.195, 0.001);
  EXPECT_FALSE(network.streets[1].one_way());
  // Against its drawing: from node 2 to node 4.
  EXPECT_TRUE(network.streets[2].one_way());
  EXPECT_EQ(network.junctions[network.streets[2].a].name, "2");
  EXPECT_EQ(network.junctions[network.streets[2].b].name, "4");
  EXPECT_EQ(network.junctions[*network.depot].name, "4");
  EXPECT_EQ(network.notes.size(), 1u);
  refused("<osm><node id='1' lat='95' lon='0'/></osm>", "lat 95");
  refused("<osm><node id='1' lat='x' lon='0'/></osm>", "lat of node");
  refused("<osm></osm>", "highway");
  refused("<osm><node", "not XML");
  refused("<kml></kml>", "kml");
}

TEST(street_files, graphml_edges_and_those_against_them_are_one_street) {
  const std::string head =
      R"(<?xml version='1.0'?><graphml xmlns="http://graphml.graphdrawing.org/xmlns">
      <key id="d0" for="node" attr.name="x"/><key id="d1" for="node" attr.name="y"/><key id="d2" for="edge" attr.name="length"/>
      <key id="d3" for="graph" attr.name="crs"/><key id="d4" for="edge" attr.name="geometry"/>)";
  const std::string nodes =
      R"(<node id="a"><data key="d0">8</data><data key="d1">47</data></node>
      <node id="b"><data key="d0">8.001</data><data key="d1">47</data></node>)";
  const StreetNetwork directed = read(
      head + R"(<graph edgedefault="directed"><data key="d3">epsg:4326</data>)" + nodes +
      R"(<edge source="a" target="b"><data key="d2">80</data><data key="d4">LINESTRING (8 47, 8.0005 47.0001, 8.001 47)</data></edge>
      <edge source="b" target="a"><data key="d2">90</data></edge><edge source="a" target="b"><data key="d2">70</data></edge></graph></graphml>)");
  ASSERT_EQ(directed.streets.size(), 2u);
  EXPECT_EQ(directed.streets[0].length, 80);
  EXPECT_EQ(directed.streets[0].back, 90);
  EXPECT_EQ(directed.streets[0].bends.size(), 1u);
  EXPECT_TRUE(directed.streets[1].one_way());
  EXPECT_TRUE(directed.origin.has_value());
  const StreetNetwork plain =
      read(R"(<graphml><key id="w" for="edge" attr.name="weight"/><graph edgedefault="undirected">
      <node id="n0"/><node id="n1"/><edge source="n0" target="n1"><data key="w">3</data></edge></graph></graphml>)");
  EXPECT_FALSE(plain.placed);
  EXPECT_EQ(plain.streets[0].back, 3);
  refused("<graphml><graph><node id='a'/><edge source='a' target='b'/></graph></graphml>", "no node of that name");
  refused("<graphml><graph><node id='a'/><edge source='a' target='a'/></graph></graphml>", "no length");
}

TEST(street_files, csv_columns_are_found_by_name) {
  const StreetNetwork network = read(
      "\xef\xbb\xbfName;From;To;Length;OneWay;Duty\r\n\"Main; "
      "Street\";1;2;10.5;no;yes\r\n;2;1;7;yes;\r\nLoop;1;1;0;-1;0\r\n");
  ASSERT_EQ(network.streets.size(), 3u);
  EXPECT_EQ(network.streets[0].name, "Main; Street");
  EXPECT_TRUE(network.streets[0].duty);
  EXPECT_EQ(network.streets[0].length, 10.5);
  EXPECT_TRUE(network.streets[1].one_way());
  EXPECT_EQ(network.streets[2].a, network.streets[2].b);
  EXPECT_FALSE(network.placed);
  const StreetNetwork bare = read("a,b,3\nb,c,4\n");
  EXPECT_EQ(bare.streets.size(), 2u);
  EXPECT_EQ(bare.junctions[2].name, "c");
  const StreetNetwork placed = read("lon1,lat1,lon2,lat2\n8,47,8.001,47\n8.001,47,8,47.001\n");
  EXPECT_EQ(placed.junctions.size(), 3u);
  EXPECT_NEAR(placed.streets[0].length, 75.83, 0.01);
}

TEST(street_files, csv_mistakes_are_named_by_line) {
  refused("from,to,length\na,b,-1\n", "line 2: length is \"-1\"");
  refused("from,to,length\na,b,\n", "line 2: the length is empty");
  refused("from,to,length\na,b\n", "line 2: 2 fields");
  refused("from,to,length\n,b,2\n", "line 2: from is empty");
  refused("from,to,length,oneway\na,b,2,maybe\n", "maybe");
  refused("colour,size,shape\nred,1,2\n", "line 1: no columns of a street network");
  refused("from,to,length\n\"a,b,1\n", "quote");
  // A comma within a number, or within a name without quotes, shifts what follows it.
  refused("from,to,length\na,b,100\nb,c,100,5\n", "line 3: 4 fields, the first row has 3");
  refused("a,b,100\nb,Square, north,100\n", "line 2");
  EXPECT_EQ(read("from,to,length\na,b,100,,\n").streets.size(), 1u);
}

TEST(street_files, tsplib_is_no_street_network) {
  EXPECT_FALSE(parse_street_file(as_bytes_of("NAME: x\nTYPE: TSP\nDIMENSION: 3\n"), "f").has_value());
  EXPECT_FALSE(parse_street_file(as_bytes_of(""), "f").has_value());
}

}  // namespace swell
