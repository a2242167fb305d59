#pragma once

#include <cstdint>
#include <vector>

#include "swell/hardware/spice/benches.h"
#include "swell/hardware/spice/circuit.h"
#include "swell/hardware/spice/neurons.h"

namespace swell::spice {

struct PlanOptions {
  uint64_t seed = 1;
  int64_t points = 100;          // of the drift
  int64_t knots = 0;             // steps of the path; 0 for 1000, fewer where there are more than 200 couplings
  int64_t statistics_steps = 0;  // 0 for what fits the size
};

// What the benches of a machine do: states to force, covariances to measure, the noise of the path, how long statistics
// are taken. All follow from the machine and the seed.
struct Plan {
  std::vector<std::vector<double>> points;  // [points][units]
  std::vector<NoisePair> pairs;             // empty where the machine is not linear (or, of conductance, too large)
  double from_hertz = 0, to_hertz = 0;
  std::vector<std::vector<double>> eta;  // [knots][units]
  double path_interval = 0;              // model time
  Statistics statistics;
  double reach = 2;  // |x| that is expected
};

constexpr int64_t kMostCovariances = 12;  // units of which every pair is measured; of more, variances and neighbours
constexpr int64_t kMostForStatistics = 16;

Plan make_plan(const Circuit& machine, const PlanOptions& options);

// Forces between knots, N(0, 2 kT / (mu interval)), [knots][units].
std::vector<std::vector<double>> random_forces(const Circuit& machine, double interval, int64_t knots, uint64_t seed,
                                               uint64_t path);

// The reference of a path: Runge and Kutta's method under straight lines between the same forces, [knots][units].
// couplings: 1, or 0 where they are off until knot `coupled_from`.
std::vector<std::vector<double>> reference_path(const Circuit& machine, const std::vector<std::vector<double>>& eta,
                                                double interval, const std::vector<double>& start, bool coupled = true);

// Fields of the sigmoid, from -3 kT to 3 kT.
std::vector<double> sigmoid_fields(const Neurons& neurons);

}  // namespace swell::spice
