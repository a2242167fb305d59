#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace swell {

// A symmetric travelling salesman problem of TSPLIB (G. Reinelt, ORSA J. Comput. 3, 376 (1991)). Distances are whole
// numbers, as its documentation defines them; those of a matrix with decimals count units of 10^-decimals.
struct Tsplib {
  // geom is GEO in decimal degrees and metres, as Concorde and LKH read it; xray1 and xray2 are angles of a
  // diffractometer.
  enum class Weights {
    euc_2d,
    euc_3d,
    ceil_2d,
    ceil_3d,
    floor_2d,
    floor_3d,
    man_2d,
    man_3d,
    max_2d,
    max_3d,
    geo,
    geom,
    att,
    xray1,
    xray2,
    matrix
  };
  std::string name;
  int64_t cities = 0;
  Weights weights = Weights::euc_2d;
  std::vector<double> x, y,
      z;  // [cities], what distances are taken from; z only where there are three; none for matrix
  std::vector<int64_t> matrix;                     // [cities][cities] for Weights::matrix
  int decimals = 0;                                // of the distances; only a matrix has any
  bool rounded = false;                            // whether the matrix had finer decimals than can be kept
  std::vector<std::pair<int32_t, int32_t>> fixed;  // edges that every tour holds, from 0, the smaller first, sorted
  std::vector<double> draw_x, draw_y;              // [cities], places on a map; empty where there are none
  int64_t first_city = 1;                          // how the file numbers them: from 1, or from 0
};

// The rule's name in TSPLIB: "EUC_2D".
std::string_view name_of(Tsplib::Weights weights);

int64_t distance(const Tsplib& problem, int64_t a, int64_t b);

// Of a city of GEO or GEOM.
double latitude_radians(const Tsplib& problem, int64_t city);
double longitude_radians(const Tsplib& problem, int64_t city);

// A length as the file counts it: "7542", or with its decimals "75.42".
std::string length_text(const Tsplib& problem, int64_t length);

// SHA-256 of what the tours' lengths depend on: of a matrix its entries; else the rule and the coordinates; then the
// fixed edges. The same problem in another layout, and under another name, has the same; so has one whose places are
// numbered otherwise.
std::string fingerprint(const Tsplib& problem);

}  // namespace swell
