#include "swell/io/street_network.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/street_lines.h"

namespace swell {

TEST(street_network, a_degree_of_longitude_at_the_equator_is_111195_metres) {
  EXPECT_NEAR(metres_between({0, 0}, {1, 0}), 111195.08, 0.01);
  EXPECT_NEAR(metres_between({8, 60}, {9, 60}), 111195.08 / 2,
              10);  // cos 60 = 1/2; the great circle is a little shorter
  const StreetNetwork::Origin origin = {8.5, 47.4};
  const auto place = project(origin, 8.51, 47.41);
  EXPECT_NEAR(std::hypot(place.x, place.y), metres_between({8.5, 47.4}, {8.51, 47.41}), 0.5);
  const Geographic back = unproject(origin, place);
  EXPECT_NEAR(back.longitude, 8.51, 1e-12);
  EXPECT_NEAR(back.latitude, 47.41, 1e-12);
}

StreetNetwork network_of(const std::string& lines) { return parse_street_lines(as_bytes_of(lines), "t"); }

TEST(street_network, part_of_the_depot_is_kept_and_the_rest_is_named) {
  const std::string parts =
      "junction a 0 0\njunction b 1 0\njunction c 2 0\njunction d 3 0\njunction e 4 0\njunction f 9 9\n"
      "street a b 1\nstreet c d 2 duty\nstreet d e 3\n";
  StreetNetwork largest = network_of(parts);
  keep_part_of_depot(largest, "t");
  EXPECT_EQ(largest.streets.size(), 2u);
  EXPECT_EQ(largest.junctions[*largest.depot].name, "c");
  StreetNetwork first = network_of(parts + "depot b\n");
  keep_part_of_depot(first, "t");
  ASSERT_EQ(first.streets.size(), 1u);
  EXPECT_EQ(first.junctions[*first.depot].name, "b");
  ASSERT_EQ(first.notes.size(), 1u);
  EXPECT_EQ(first.notes[0],
            "left out, for no round from b can hold them: 4 of 6 junctions and 2 of 3 streets, of length 5; 1 of these "
            "have a duty");
  StreetNetwork orphan = network_of(parts + "depot f\n");
  EXPECT_THROW(keep_part_of_depot(orphan, "t"), InputError);
  StreetNetwork away = network_of(parts + "depot a\nend e\n");
  EXPECT_THROW(keep_part_of_depot(away, "t"), InputError);
}

// One can walk into c and not back.
TEST(street_network, one_way_dead_ends_are_left_out) {
  StreetNetwork network = network_of(
      "junction a 0 0\njunction b 1 0\njunction c 2 0\nstreet a b 1 oneway\nstreet b a 2 oneway\nstreet b c 1 "
      "oneway\n");
  keep_part_of_depot(network, "t");
  EXPECT_EQ(network.junctions.size(), 2u);
  EXPECT_EQ(network.streets.size(), 2u);
}

TEST(street_network, junctions_are_found_by_name_or_place) {
  const StreetNetwork network = network_of("junction a 0 0\njunction b 10 0\nstreet a b 1\n");
  EXPECT_EQ(junction_named(network, "b", "--depot"), 1);
  EXPECT_EQ(junction_named(network, "7,1", "--depot"), 1);
  EXPECT_THROW(junction_named(network, "c", "--depot"), InputError);
}

}  // namespace swell
