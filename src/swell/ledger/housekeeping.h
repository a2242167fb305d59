#pragma once

#include <cstdint>

#include "swell/engine/run.h"
#include "swell/ledger/statistics.h"

namespace swell {

// The rate at which a machine whose forces have no potential makes entropy at rest, k per 1/mu or per sweep. All of it
// is housekeeping heat, which the machine gives off for as long as it is on, whatever it computes.
//   units    sum_i <N_i o dx_i> / (kT dt),  N_i = sum_j (S_ij x_j - J_ij y_j),  S = (J + J^T) / 2,
// y = x, or X tanh(x/X) where couplings saturate; N is the part of the force that has no potential, the rest a
// gradient, which adds nothing at rest (U. Seifert, Rep. Prog. Phys. 75, 126001 (2012), section 2.4). o: by the mean of
// N over a step.
//   p-bits   sum of -2 m_i I_i / kT over flips, in a sweep.
struct RateOptions {
  double time = 20;  // 1/mu, or sweeps, of which the first fifth is left out
  double dt = 1e-3;  // 1/mu
  int64_t trajectories = 16;
  uint64_t seed = 1;
  int threads = 1;
};

// The error is that over trajectories. Throws InputError where the chip's noise has memory or units have temperatures
// of their own: a rate of entropy then takes more than one kT.
Estimate housekeeping_rate(const Computer& chip, int set, const RateOptions& options);
Estimate housekeeping_rate(const IsingModel& chip, double kT, const RateOptions& options);

}  // namespace swell
