#pragma once

#include <cstdint>
#include <vector>

#include "swell/hardware/spice/circuit.h"

namespace swell::spice {

// Means over the Boltzmann distribution of a machine with the unit law in force: for each unit i its <x_i>, then
// <x_j x_i> for j <= i; errors over independent chains.
struct Sampled {
  std::vector<double> mean, error;
};

// Metropolis' rule on Langevin proposals (G. O. Roberts, R. L. Tweedie, Bernoulli 2, 341 (1996)), exact for any step;
// one fifth of each chain is left out at its start.
Sampled sample_machine(const Circuit& machine, int64_t chains, int64_t steps, uint64_t seed);

}  // namespace swell::spice
