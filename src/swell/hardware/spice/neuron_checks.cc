#include "swell/hardware/spice/neuron_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/errors.h"

namespace swell::spice {
namespace {

class Watch {
 public:
  double seconds() const { return seconds_since(start_); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// What is held, as +1 or -1: [units][sweeps].
std::vector<std::vector<double>> spins_of(const RawFile& raw, const Neurons& n, size_t sweeps) {
  std::vector<std::vector<double>> spins;
  for (int64_t i = 0; i < n.units(); ++i) {
    const auto found = raw.vectors.find(fmt::format("v(m{})", i));
    if (found == raw.vectors.end() || found->second.size() < sweeps)
      throw IoError(fmt::format("ngspice left the states of p-bit {} incomplete", i));
    spins.push_back(found->second);
    for (double& value : spins.back()) value = value > 0 ? 1 : -1;
  }
  return spins;
}

double field_at(const Neurons& n, int64_t i, uint64_t state, const std::vector<std::vector<double>>& J) {
  double field = n.h[i];
  for (int64_t j = 0; j < n.units(); ++j) field += J[i][j] * ((state >> j & 1) != 0 ? 1 : -1);
  return field;
}

// <m_i>, then <m_j m_i> for j < i, from all states.
std::vector<double> exact_moments(const Neurons& n) {
  const int64_t units = n.units();
  std::vector<std::vector<double>> J(units, std::vector<double>(units));
  for (const Coupling& c : n.couplings) J[c.a][c.b] = J[c.b][c.a] = c.J;
  const uint64_t states = uint64_t{1} << units;
  std::vector<double> energy(states), sums;
  for (uint64_t s = 0; s < states; ++s) {
    for (int64_t i = 0; i < units; ++i) energy[s] -= ((s >> i & 1) != 0 ? 1 : -1) * (field_at(n, i, s, J) + n.h[i]) / 2;
  }
  const double lowest = *std::ranges::min_element(energy);
  double total = 0;
  sums.resize(units + units * (units - 1) / 2);
  for (uint64_t s = 0; s < states; ++s) {
    const double weight = std::exp((lowest - energy[s]) / n.kT);
    total += weight;
    size_t at = 0;
    for (int64_t i = 0; i < units; ++i) {
      const double m = (s >> i & 1) != 0 ? weight : -weight;
      sums[at++] += m;
      for (int64_t j = 0; j < i; ++j) sums[at++] += (s >> j & 1) != 0 ? m : -m;
    }
  }
  for (double& sum : sums) sum /= total;
  return sums;
}

void judge(Layer& layer, const std::vector<Measured>& found) {
  layer.ran = true;
  layer.allowed = kDeviationAllowed;
  for (const Measured& one : found) layer.error = std::max(layer.error, std::abs(one.deviation()));
  layer.passed = layer.error <= layer.allowed;
  if (!layer.passed) layer.message = fmt::format("{}: {:.3g}, allowed is {:g}", layer.what, layer.error, layer.allowed);
}

}  // namespace

Layer check_sigmoid(const Neurons& n, Simulator& simulator, uint64_t seed, int64_t ticks,
                    std::vector<Measured>& moments) {
  const Watch watch;
  const std::vector<double> fields = sigmoid_fields(n);
  simulator.run(sigmoid_bench(n, fields, ticks, static_cast<int64_t>(seed % 1000000 + 41)));
  const auto spins = spins_of(simulator.raw("sigmoid.raw"), n, static_cast<size_t>(ticks) * fields.size() - 1);
  std::vector<Measured> found;
  for (size_t k = 0; k < fields.size(); ++k) {
    // Sample number s was taken in sweep s: the first sweep at a field is the one after the step.
    const auto from = static_cast<int64_t>(k) * ticks, until = from + ticks - 1;
    double up = 0, count = 0;
    for (int64_t i = 0; i < n.units(); ++i) {
      for (int64_t s = from + 1; s < until; ++s) {
        up += spins[i][s] > 0 ? 1 : 0;
        ++count;
      }
    }
    Measured one;
    one.what = fmt::format("P(1) at I = {:g} kT", fields[k] / n.kT);
    one.circuit = up / count;
    one.model = gibbs_probability(fields[k], n.kT);
    one.circuit_error = std::sqrt(one.model * (1 - one.model) / count);
    one.circuit_count = static_cast<int64_t>(count);
    found.push_back(one);
  }
  Layer layer;
  layer.name = "sigmoid";
  layer.what = fmt::format("largest deviation of P(1) from Gibbs' rule at {} fields, standard errors", fields.size());
  judge(layer, found);
  moments.insert(moments.end(), found.begin(), found.end());
  layer.wall_s = watch.seconds();
  return layer;
}

Layer check_network(const Neurons& n, Simulator& simulator, uint64_t seed, int64_t sweeps,
                    std::vector<Measured>& moments) {
  Layer layer;
  layer.name = "network";
  if (n.units() > kMostExactNeurons) {
    layer.message = fmt::format("for at most {} p-bits, whose states can all be looked at", kMostExactNeurons);
    return layer;
  }
  const Watch watch;
  simulator.run(network_bench(n, sweeps, static_cast<int64_t>(seed % 1000000 + 41)));
  const auto spins = spins_of(simulator.raw("spins.raw"), n, static_cast<size_t>(sweeps) - 1);
  const std::vector<double> exact = exact_moments(n);
  const auto start = static_cast<size_t>(sweeps / 20);
  std::vector<Measured> found;
  for (int64_t i = 0; i < n.units(); ++i) {
    for (int64_t j = -1; j < i; ++j) {
      std::vector<double> product;
      for (size_t s = start; s < spins[i].size(); ++s)
        product.push_back(j < 0 ? spins[i][s] : spins[i][s] * spins[j][s]);
      Measured one = batch_mean(product);
      one.what = j < 0 ? fmt::format("<m{}>", i) : fmt::format("<m{} m{}>", j, i);
      one.model = exact[found.size()];
      found.push_back(one);
    }
  }
  layer.what = fmt::format("largest deviation of {} moments, standard errors", found.size());
  judge(layer, found);
  moments.insert(moments.end(), found.begin(), found.end());
  layer.wall_s = watch.seconds();
  return layer;
}

}  // namespace swell::spice
