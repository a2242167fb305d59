#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "swell/hardware/spice/circuit.h"
#include "swell/model/ising.h"

namespace swell::spice {

// p-bits as stochastic binary neurons. Neuron i compares tanh(I_i / kT), I_i = h_i + sum_j J_ij m_j, with a number r
// that is drawn uniformly from (-1, 1) for every tick, and holds the sign of the difference until the next: Gibbs'
// rule, P(m_i = 1) = (1 + tanh(I_i / kT)) / 2. Each samples at a phase of its own within a sweep of t0, so that no two
// change at once; the switch closes after its noise has settled. Levels: V0 stands for 1.
struct Neurons {
  std::string name;
  std::vector<double> h;            // [units]
  std::vector<Coupling> couplings;  // ascending
  double kT = 1;
  double V0_volt = 0.1, t0_second = 1e-6;

  int64_t units() const { return static_cast<int64_t>(h.size()); }
};

constexpr int64_t kMostNeurons = 256;

// Throws InputError where a number is not allowed or there are too many.
Neurons make_neurons(const IsingModel& model, std::string name, double kT, double V0_volt, double t0_second);
void validate(const Neurons& neurons);

// Subcircuit with the pins m0, m1, ... (what is held) and r0, r1, ... (the noise, from outside).
std::string subcircuit(const Neurons& neurons);

// Ticks of noise and the network for so many sweeps; spins.raw has m of every unit after each sweep.
std::string network_bench(const Neurons& neurons, int64_t sweeps, int64_t seed);
// The same neurons on their own, the fields of each held at the values of a staircase: sigmoid.raw has m of all after
// each of `ticks` at each of these fields.
std::string sigmoid_bench(const Neurons& neurons, const std::vector<double>& fields, int64_t ticks, int64_t seed);

// P(m = 1) of the rule.
double gibbs_probability(double field, double kT);

}  // namespace swell::spice
