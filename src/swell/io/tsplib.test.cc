#include "swell/io/tsplib.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

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
}

TEST(tsplib, mistakes_are_refused_by_line) {
  expect_refused("", "file", "DIMENSION");
  expect_refused("TYPE: ATSP\n", "line 1", "ATSP");
  expect_refused("NONSENSE: 1\n", "line 1", "NONSENSE");
  expect_refused(places("EUC_3D", ""), "line 4", "EUC_2D, CEIL_2D, GEO, ATT and EXPLICIT");
  expect_refused(places("EUC_2D", "1 0 0\n2 3 4\n"), "line 8", "words");
  expect_refused(places("EUC_2D", "1 0 0\n2 3 4\n2 1 1\n"), "line 8", "second time");
  expect_refused(places("EUC_2D", "1 0 0\n2 3 4\n4 1 1\n"), "line 8", "from 1 to 3");
  expect_refused(places("EUC_2D", "1 0 inf\n"), "line 6", "finite");
  expect_refused(matrix("UPPER_ROW", "1 2"), "line", "distance");
  expect_refused(matrix("UPPER_ROW", "1 -2 3"), "line 6", "-2");
  expect_refused(matrix("FULL_MATRIX", "0 1 2\n9 0 3\n2 3 0"), "line 7", "symmetric");
  expect_refused(matrix("SPIRAL", "1"), "line 5", "SPIRAL");
  expect_refused("DIMENSION: 900000\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n1 0 0\n", "line 3", "cannot hold");
}

}  // namespace swell
