#pragma once

#include <cstdint>
#include <vector>

#include "swell/model/ising.h"
#include "swell/model/protocol.h"

namespace swell::ising {

// Temperatures between which annealing matters: a share of the local fields' spread where units begin to order, and one
// where they are frozen. Where what hops between minima cost (local_search.h) is far below that spread, as under
// penalties, fields largely cancel: `cold` then lies below those costs, and cooling is geometric.
struct Range {
  double hot, cold;
  bool wide;
};
Range temperature_range(const IsingModel& model);

// Throws InputError where the first kT asked for is below the last; 0 where none is.
void require_cooling(double hot, double cold);

// The range with the ends that were asked for, 0 for its own; an end of its own that would lie beyond one asked for
// keeps its ratio to it. Throws as require_cooling does.
Range between(Range own, double hot, double cold);

// So many sweeps from hot to cold, the last of them at cold: kT falls linearly, or geometrically in a wide range.
Protocol cooling(const Range& range, int64_t sweeps);

}  // namespace swell::ising
