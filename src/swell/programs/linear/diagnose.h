#pragma once

#include <vector>

#include "swell/ledger/diagnostics.h"
#include "swell/programs/linear/readout.h"

namespace swell::linear {

// Whether the replicas of a linear machine have come to its steady state: R-hat of their part along the slowest mode
// and of |z|^2, held against what so few relaxation times give by themselves; the temperature of the states in which
// they ended; and what is left of the start in the answer. `average`: finished, but for its diagnostics.
Diagnostics diagnose(const SamplingTask& task, const std::vector<Readings>& groups, const Average& average);

}  // namespace swell::linear
