#pragma once

#include <cstdint>
#include <vector>

#include "swell/hardware/spice/check.h"

namespace swell::spice {

// P(m = 1) of the neurons at fields from -3 kT to 3 kT, each neuron by itself, against Gibbs' rule: the largest
// deviation in standard errors. `ticks` at each field.
Layer check_sigmoid(const Neurons& neurons, Simulator& simulator, uint64_t seed, int64_t ticks,
                    std::vector<Measured>& moments);

// <m_i> and <m_i m_j> of the network over so many sweeps against Boltzmann's distribution, by all states; for at most
// kMostExactNeurons.
constexpr int64_t kMostExactNeurons = 16;
Layer check_network(const Neurons& neurons, Simulator& simulator, uint64_t seed, int64_t sweeps,
                    std::vector<Measured>& moments);

}  // namespace swell::spice
