#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// A symmetric travelling salesman problem of TSPLIB (G. Reinelt, ORSA J. Comput. 3, 376 (1991); the distances as its
// documentation defines them, whole numbers).
struct Tsplib {
  enum class Weights { euc_2d, ceil_2d, geo, att, matrix };
  std::string name;
  int64_t cities = 0;
  Weights weights = Weights::euc_2d;
  std::vector<double> x, y;     // [cities]; of a matrix only where the file gives places to draw, else empty
  std::vector<int64_t> matrix;  // [cities][cities] for Weights::matrix
};

// TYPE TSP; EDGE_WEIGHT_TYPE EUC_2D, CEIL_2D, GEO, ATT, or EXPLICIT as FULL_MATRIX, UPPER_ROW, LOWER_ROW,
// UPPER_DIAG_ROW, LOWER_DIAG_ROW. Throws IoError with `name` and the line.
Tsplib parse_tsplib(std::span<const std::byte> bytes, std::string_view name);

int64_t distance(const Tsplib& problem, int64_t a, int64_t b);

}  // namespace swell
