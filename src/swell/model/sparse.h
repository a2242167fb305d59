#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/model/computer.h"

namespace swell {

// One coupling between two units, by their numbers within their groups.
struct Edge {
  int64_t row = 0;
  int64_t column = 0;
  double J = 0;  // energy E0
};

// Compressed rows from couplings in any order, each pair once. `within`: both units are of the same group, and the
// mirrored entries are added. Throws InputError where a unit is out of range, is coupled to itself, or a pair stands
// twice.
SparseWeights sparse_from_edges(int64_t rows, int64_t columns, bool within, std::vector<Edge> edges);

// Every unit of a lattice with its neighbours at these distances (steps along each extent), all couplings equal to J.
// Name one of each pair of opposite distances. Without `periodic` the lattice ends at its borders. Throws InputError
// where a distance does not fit the shape.
std::vector<Edge> lattice_edges(std::span<const int64_t> shape, std::span<const std::vector<int64_t>> distances,
                                bool periodic, double J);

}  // namespace swell
