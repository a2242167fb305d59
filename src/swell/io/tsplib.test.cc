#include "swell/io/tsplib.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/tsplib_reader.h"

namespace swell {

namespace {

Tsplib read(const std::string& text) { return parse_tsplib(as_bytes_of(text), "file"); }

std::string places(const std::string& weights, const std::string& rows) {
  return "NAME: t\nTYPE : TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE : " + weights + "\nNODE_COORD_SECTION\n" + rows + "EOF\n";
}

std::string matrix(const std::string& format, const std::string& numbers) {
  return "TYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: " + format +
         "\nEDGE_WEIGHT_SECTION\n" + numbers + "\nEOF\n";
}

void expect_refused(const std::string& text, const std::string& where, const std::string& what) {
  try {
    read(text);
    ADD_FAILURE() << text;
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find(where), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

}  // namespace

// By hand: 5 and sqrt(2) = 1.414; sqrt(25 / 10) = 1.58.
TEST(tsplib, distances_round_as_the_format_defines) {
  const std::string rows = "1 0 0\n2 3 4\n3 1 1\n";
  const Tsplib euclid = read(places("EUC_2D", rows)), above = read(places("CEIL_2D", rows)),
               att = read(places("ATT", rows));
  EXPECT_EQ(distance(euclid, 0, 1), 5);
  EXPECT_EQ(distance(euclid, 0, 2), 1);
  EXPECT_EQ(distance(above, 0, 2), 2);
  EXPECT_EQ(distance(att, 0, 1), 2);
  EXPECT_EQ(distance(att, 2, 2), 0);
}

// One degree of latitude is 6378.388 pi / 180 = 111.32 km, and the format adds one before it cuts.
TEST(tsplib, geographical_places_are_degrees_and_minutes) {
  const Tsplib geo = read(places("GEO", "1 10.00 20.00\n2 11.00 20.00\n3 10.30 20.00\n"));
  EXPECT_EQ(distance(geo, 0, 1), 112);
  EXPECT_EQ(distance(geo, 0, 2), 56);  // half a degree
}

TEST(tsplib, all_forms_of_a_matrix_are_the_same_matrix) {
  const Tsplib full = read(matrix("FULL_MATRIX", "0 1 2\n1 0 3\n2 3 0"));
  EXPECT_EQ(distance(full, 2, 1), 3);
  EXPECT_EQ(read(matrix("UPPER_ROW", "1 2 3")).matrix, full.matrix);
  EXPECT_EQ(read(matrix("LOWER_ROW", "1\n2 3")).matrix, full.matrix);
  EXPECT_EQ(read(matrix("UPPER_DIAG_ROW", "0 1 2 0 3 0")).matrix, full.matrix);
  EXPECT_EQ(read(matrix("LOWER_DIAG_ROW", "0 1 0 2 3 0")).matrix, full.matrix);
  EXPECT_EQ(read(matrix("UPPER_COL", "1\n2 3")).matrix, full.matrix);
  EXPECT_EQ(read(matrix("LOWER_COL", "1 2 3")).matrix, full.matrix);
  EXPECT_EQ(read(matrix("UPPER_DIAG_COL", "0 1 0 2 3 0")).matrix, full.matrix);
  EXPECT_EQ(read(matrix("LOWER_DIAG_COL", "0 1 2 0 3 0")).matrix, full.matrix);
  // What stands on the diagonal says nothing.
  EXPECT_EQ(read(matrix("FULL_MATRIX", "-1 1 2\n1 9999999999999 3\n2 3 1e30")).matrix, full.matrix);
}

// By hand, for the differences (3, 4, 12), (1, 1, 1) and their like.
TEST(tsplib, rules_in_two_and_three_dimensions) {
  const std::string flat = "1 0 0\n2 3.4 4\n3 1 1\n", solid = "1 0 0 0\n2 3 4 12\n3 1 1 1\n";
  const auto between = [&](const std::string& weights, const std::string& rows, int64_t a, int64_t b) {
    return distance(read(places(weights, rows)), a, b);
  };
  EXPECT_EQ(between("MAN_2D", flat, 0, 1), 7);  // 7.4
  EXPECT_EQ(between("MAX_2D", flat, 0, 1), 4);
  EXPECT_EQ(between("FLOOR_2D", flat, 0, 2), 1);  // 1.41
  EXPECT_EQ(between("EUC_3D", solid, 0, 1), 13);
  EXPECT_EQ(between("EUC_3D", solid, 0, 2), 2);    // 1.73
  EXPECT_EQ(between("CEIL_3D", solid, 1, 2), 12);  // sqrt(4 + 9 + 121) = 11.58
  EXPECT_EQ(between("FLOOR_3D", solid, 1, 2), 11);
  EXPECT_EQ(between("MAN_3D", solid, 0, 1), 19);
  EXPECT_EQ(between("MAX_3D", solid, 0, 1), 12);
  // A diffractometer's phi goes round: from 359 to 1 are 2 degrees.
  const std::string angles = "1 359 0 0\n2 1 1.2 1.15\n3 0 0 0\n";
  EXPECT_EQ(between("XRAY1", angles, 0, 1), 200);
  EXPECT_EQ(between("XRAY2", angles, 0, 1), 160);  // 2 / 1.25
  // A degree along the equator: 6378388 pi / 180 = 111323.87 m, and one is added before it is cut.
  EXPECT_EQ(between("GEOM", "1 0 0\n2 0 1\n3 0.5 0.5\n", 0, 1), 111324);
  expect_refused(places("EUC_3D", flat), "file", "three coordinates");
}

TEST(tsplib, distances_come_from_the_cities_and_not_from_their_drawing) {
  const Tsplib problem = read(
      "NAME: t\nTYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: EUC_2D\nDISPLAY_DATA_TYPE: TWOD_DISPLAY\n"
      "NODE_COORD_SECTION\n1 0 0\n2 3 4\n3 1 1\nDISPLAY_DATA_SECTION\n1 0 0\n2 300 400\n3 7 7\nEOF\n");
  EXPECT_EQ(distance(problem, 0, 1), 5);
  EXPECT_EQ(problem.draw_x, (std::vector<double>{0, 300, 7}));
  const Tsplib drawn = read(
      "TYPE: TSP\nDIMENSION: 3\nEDGE_WEIGHT_TYPE: EXPLICIT\nEDGE_WEIGHT_FORMAT: UPPER_ROW\n"
      "EDGE_WEIGHT_SECTION\n1 2 3\nDISPLAY_DATA_SECTION\n1 0 0\n2 300 400\n3 7 7\n");
  EXPECT_EQ(distance(drawn, 0, 1), 1);
  EXPECT_EQ(drawn.draw_y, (std::vector<double>{0, 400, 7}));
}

TEST(tsplib, files_as_they_are_found_are_read) {
  const std::string plain = places("EUC_2D", "1 0 0\n2 3 4\n3 1 1\n");
  const std::string expected = fingerprint(read(plain));
  std::string windows, old;
  for (const char c : plain) {
    windows += c == '\n' ? "\r\n" : std::string(1, c);
    old += c == '\n' ? '\r' : c;
  }
  for (const std::string& text : {"\xef\xbb\xbf" + plain, windows, old}) EXPECT_EQ(fingerprint(read(text)), expected);
  std::string named = plain;
  named.replace(named.find("TSP\n"), 4, "TSP (M.~Hofmeister)\n");
  EXPECT_EQ(fingerprint(read(named)), expected);
  EXPECT_EQ(fingerprint(read("dimension 3\nedge_weight_type EUC_2D\nNODE_COORD_SECTION\n3 1 1\n1 0 0\n2 3 4\n")),
            expected);
  const Tsplib from_zero = read(places("EUC_2D", "0 0 0\n1 3 4\n2 1 1\n"));
  EXPECT_EQ(from_zero.first_city, 0);
  EXPECT_EQ(fingerprint(from_zero), expected);
  // A tour that came with the problem is passed over.
  std::string toured = plain;
  toured.replace(toured.find("EOF"), 4, "TOUR_SECTION\n1\n3\n2\n-1\nEOF\n");
  EXPECT_EQ(fingerprint(read(toured)), expected);
  EXPECT_NE(fingerprint(read(places("EUC_2D", "1 0 0\n2 3 4\n3 1 2\n"))), expected);
  EXPECT_NE(fingerprint(read(places("CEIL_2D", "1 0 0\n2 3 4\n3 1 1\n"))), expected);
}

TEST(tsplib, distances_with_decimals_are_kept_exactly) {
  const Tsplib problem = read(matrix("UPPER_ROW", "1.5 2 0.125"));
  EXPECT_EQ(problem.decimals, 3);
  EXPECT_EQ(distance(problem, 0, 1), 1500);
  EXPECT_EQ(distance(problem, 1, 2), 125);
  EXPECT_EQ(length_text(problem, 3625), "3.625");
  EXPECT_EQ(length_text(problem, 25), "0.025");
  EXPECT_FALSE(problem.rounded);
  EXPECT_EQ(read(matrix("UPPER_ROW", "1.0 2e3 25e-1")).decimals, 1);
  // As many decimals as fit beside the largest.
  const Tsplib wide = read(matrix("UPPER_ROW", "0.123456789012 1000000 3"));
  EXPECT_TRUE(wide.rounded);
  EXPECT_EQ(wide.decimals, 6);
  EXPECT_EQ(distance(wide, 0, 1), 123457);
  EXPECT_EQ(distance(wide, 0, 2), 1000000000000);
}

TEST(tsplib, fixed_edges_are_read_and_checked) {
  const std::string head = "DIMENSION: 5\nEDGE_WEIGHT_TYPE: EUC_2D\nFIXED_EDGES_SECTION\n",
                    tail = "\nNODE_COORD_SECTION\n1 0 0\n2 3 4\n3 1 1\n4 7 7\n5 8 9\nEOF\n";
  using Edges = std::vector<std::pair<int32_t, int32_t>>;
  EXPECT_EQ(read(head + "4 1\n2 3\n1 4\n-1" + tail).fixed, (Edges{{0, 3}, {1, 2}}));
  expect_refused(head + "1 2\n1 3\n4 1\n-1" + tail, "line 6", "third");
  expect_refused(head + "1 2\n2 3\n3 1\n-1" + tail, "line 6", "closes a circle");
  expect_refused(head + "1 6\n-1" + tail, "line 4", "from 1 to 5");
  expect_refused(head + "2 2\n-1" + tail, "line 4", "itself");
}

TEST(tsplib, mistakes_are_refused_by_line) {
  expect_refused("", "file", "DIMENSION");
  expect_refused("TYPE: ATSP\n", "line 1", "ATSP (asymmetric");
  expect_refused("TYPE : HCP\n", "line 1", "HCP (a search for a Hamiltonian cycle)");
  expect_refused("TYPE : CVRP\n", "line 1", "CVRP (vehicle routing");
  expect_refused("NAME : v\nCAPACITY : 3\n", "line 2", "CVRP");
  expect_refused("x,y\n1,2\n", "line 1", "not how a TSPLIB file begins");
  expect_refused("{\"type\": \"FeatureCollection\"}", "line 1", "not how a TSPLIB file begins");
  expect_refused("NONSENSE: 1\n", "line 1", "NONSENSE");
  expect_refused(places("SPECIAL", ""), "line 4", "XRAY2 and EXPLICIT");
  expect_refused(places("EUC_2D", "1 0 0\n2 3 4\n"), "line 8", "words");
  expect_refused(places("EUC_2D", "1 0 0\n2 3 4\n2 1 1\n"), "line 8", "second time");
  expect_refused(places("EUC_2D", "1 0 0\n2 3 4\n4 1 1\n"), "line 8", "from 1 to 3");
  expect_refused(places("EUC_2D", "1 0 inf\n"), "line 6", "finite");
  expect_refused(matrix("UPPER_ROW", "1 2"), "line", "distance");
  expect_refused(matrix("UPPER_ROW", "1 -2 3"), "line 6", "-2");
  expect_refused(matrix("FULL_MATRIX", "0 1 2\n9 0 3\n2 3 0"), "line 7", "symmetric");
  // The diagonal says nothing, and is no reason to take the word behind the matrix for its last number.
  expect_refused(matrix("FULL_MATRIX", "0 1 2\n1 0 3\n2 3 EOF"), "diagonal", "EOF");
  expect_refused(matrix("LOWER_DIAG_ROW", "0 1 0 2 3 x"), "diagonal", "x");
  expect_refused(matrix("SPIRAL", "1"), "line 5", "SPIRAL");
  expect_refused("DIMENSION: 900000\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n", "line 3", "cannot hold");
}

}  // namespace swell
