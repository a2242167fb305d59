#pragma once

#include <functional>

#include "swell/programs/ising/search.h"

namespace swell::ising {

// p-bits of a chip whose couplings are not the same in both directions, cooled again and again. They have no energy by
// which a host could descend, exchange replicas or recombine states, so that the chip's own states are all there is:
// cost_of() of each at the end of a cooling, the less the better, by the problem as designed. In a
// search of given time coolings grow longer, up to options.sweeps. `range` is that of the machine as designed. Throws
// Interrupted where options.go_on() ends it before the first sweep.
SearchResult search_by_cooling(const Pbits& chip, const Range& range, const SearchOptions& options,
                               const std::function<double(std::span<const int8_t>)>& cost_of);

}  // namespace swell::ising
