#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "swell/hardware/spice/circuit.h"

namespace swell::spice {

// Test benches around a subcircuit in machine.cir, for ngspice. Each runs its own analyses and writes files beside it.

// Vectors that are written together: each command of ngspice takes its time, and its lines have an end.
constexpr int64_t kColumns = 64;
std::string chunk_name(const std::string& stem, int64_t first);

// Forces states x, [points][units], and reads what flows. Of conductance: drift_K.dat has the currents of the sources.
// Of charge and flux the currents or voltages of the nonlinear elements; linear ones are in admittance_bench().
std::string drift_bench(const Circuit& machine, const std::vector<std::vector<double>>& points);

// Of charge and flux: currents into all pins for 1 V at one after the other, at the frequency 1 / (2 pi t0).
std::string admittance_bench(const Circuit& machine);
double admittance_frequency(const Circuit& machine);

// Spectra of v(a), or v(a) - v(b), each in spectrum_K.dat, at kPointsPerDecade.
struct NoisePair {
  int64_t a = 0, b = 0;  // a = b for the variance of one
};
constexpr int kPointsPerDecade = 10;
std::string noise_bench(const Circuit& machine, const std::vector<NoisePair>& pairs, double from_hertz,
                        double to_hertz);

// The path under forces eta on each unit, straight lines between [knots][units], interval in model time; starts where
// `start` is, or at 0 where it is empty (conductance only). path.raw has the states at the knots.
std::string path_bench(const Circuit& machine, const std::vector<std::vector<double>>& eta, double interval,
                       const std::vector<double>& start);

// The current of one unit of force, A.
double ampere_of_force(const Circuit& machine, int64_t unit);

struct Statistics {
  double interval = 0.01, from = 0, until = 0;  // model time
  int64_t seed = 42;
  bool compensated = true;  // for the interval in which noise is held
};
// statistics.raw has the states at every interval, with ngspice's own noise.
std::string statistics_bench(const Circuit& machine, const Statistics& what);

}  // namespace swell::spice
