#pragma once

#include <cstdint>

#include "swell/hardware/spice/circuit.h"

namespace swell::spice {

// The rate at which a machine without a potential makes entropy at rest, k per 1/mu, all of it housekeeping heat:
//   <F o dx> / (kT dt) = sum_i <N_i o dx_i> / (kT dt),  N_i = sum_j J_ij (x_j - y_j),
// with F the force and N the part of it that has no potential: the rest, a gradient, adds nothing at rest.
struct EntropyRate {
  double mean = 0, error = 0;  // 0 where there is a potential
  int64_t chains = 0;
  // The first and the second half of what was averaged agree within four standard errors. Otherwise the machine was
  // still on its way to rest, and the mean is no rate at rest.
  bool settled = true;
};

// Sums of N, its mean over each step, times the step, along chains of this time (1/mu) by Heun's method, of which the
// first fifth is left out; the standard error is that over chains. reach: |x| that is expected, for the step.
EntropyRate entropy_rate(const Circuit& machine, int64_t chains, double time, double reach, uint64_t seed);

}  // namespace swell::spice
