#pragma once

#include <cstdint>
#include <vector>

#include "swell/model/computer.h"

namespace swell {

// Starts that lie further apart than the states that a run comes to, so that chains which have not mixed disagree
// (A. Gelman, D. Rubin, Statist. Sci. 7, 457 (1992), section 2): each unit is drawn from the equilibrium of its own
// potential, without couplings, at kDispersion times this kT. [trajectories][units]; trajectory number t has the same
// start whatever the others. Throws InputError where kT <= 0 or a unit's own potential does not confine it.
constexpr double kDispersion = 4;
std::vector<double> dispersed_starts(const Computer& computer, double kT, uint64_t seed, int64_t first_trajectory,
                                     int64_t trajectories);

}  // namespace swell
