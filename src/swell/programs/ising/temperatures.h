#pragma once

#include <cstdint>
#include <vector>

#include "swell/model/ising.h"

namespace swell::ising {

// Temperatures between which annealing matters: a share of the local fields' spread where units begin to order, and one
// where they are frozen. Where what hops between minima cost (local_search.h) is far below that spread, as under
// penalties, fields largely cancel: `cold` then lies below those costs, and cooling is geometric.
struct Range {
  double hot, cold;
  bool wide;
};
Range temperature_range(const IsingModel& model);

// 1 / kT of each of so many sweeps, from hot to cold: kT falls linearly, or geometrically in a wide range.
std::vector<double> cooling(const Range& range, int64_t sweeps);

}  // namespace swell::ising
