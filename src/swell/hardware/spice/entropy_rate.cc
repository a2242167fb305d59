#include "swell/hardware/spice/entropy_rate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "swell/physics/langevin.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::spice {
namespace {

std::vector<double> force_without_potential(const Circuit& m, const std::vector<double>& x) {
  std::vector<double> N(x.size());
  const std::vector<double> y = outputs(m, x);
  for (const Coupling& c : m.couplings) {
    if (!m.saturates(c)) continue;
    N[c.a] += c.J * (x[c.b] - y[c.b]);
    N[c.b] += c.J * (x[c.a] - y[c.a]);
  }
  return N;
}

// Of values over chains.
struct Spread {
  double sum = 0, square = 0;
  void add(double value) {
    sum += value;
    square += value * value;
  }
  double mean(double count) const { return sum / count; }
  double error(double count) const {
    return std::sqrt(std::max(0.0, square / count - mean(count) * mean(count)) / std::max(1.0, count - 1));
  }
};

// Entropy over k of a chain in the first and the second half of the steps that count.
std::array<double, 2> entropy_of_chain(const Circuit& m, const std::vector<Unit>& units, double h, int64_t steps,
                                       const NoiseKey& key, uint64_t number) {
  const auto n = static_cast<size_t>(m.units());
  std::vector<double> x(n), r(n), trial(n), amplitude(n), mobility_dt(n);
  for (size_t i = 0; i < n; ++i) {
    amplitude[i] = noise_amplitude(m.mobility[i], m.kT, h);
    mobility_dt[i] = m.mobility[i] * h;
  }
  for (size_t i = 0; i < n; ++i) x[i] = static_cast<double>(draw_normal(key, number, 0, i));
  std::array<double, 2> made{};
  std::vector<double> N = force_without_potential(m, x);
  for (int64_t step = 1; step <= 5 * steps; ++step) {
    const std::vector<double> slope = gradient(m, units, x), before = x;
    for (size_t i = 0; i < n; ++i) {
      r[i] = static_cast<double>(draw_normal(key, number, static_cast<uint64_t>(step), i));
      trial[i] = langevin_step(x[i], slope[i], mobility_dt[i], amplitude[i], r[i]);
    }
    const std::vector<double> after = gradient(m, units, trial);
    for (size_t i = 0; i < n; ++i)  // Heun's step: the mean of the gradients at its ends
      x[i] += langevin_step(0.0, (slope[i] + after[i]) / 2, mobility_dt[i], amplitude[i], r[i]);
    const std::vector<double> next = force_without_potential(m, x);
    if (step > steps) {
      double& half = made[step > 3 * steps];
      for (size_t i = 0; i < n; ++i) half += (N[i] + next[i]) / 2 * (x[i] - before[i]) / m.kT;
    }
    N = next;
  }
  return made;
}

}  // namespace

EntropyRate entropy_rate(const Circuit& m, int64_t chains, double time, double reach, uint64_t seed) {
  EntropyRate rate;
  rate.chains = chains;
  if (m.has_potential()) return rate;
  const std::vector<Unit> units = unit_laws(m);
  const double h = 0.1 / fastest_rate(m, units, reach);
  const auto steps = static_cast<int64_t>(std::ceil(time / h / 5));  // a fifth
  const NoiseKey key{seed, stream::kTesting};
  Spread all, change;
  for (int64_t chain = 0; chain < chains; ++chain) {
    const auto [first, second] = entropy_of_chain(m, units, h, steps, key, static_cast<uint64_t>(9000 + chain));
    const double half = 2 * h * static_cast<double>(steps);
    all.add((first + second) / (2 * half));
    change.add((second - first) / half);
  }
  const auto count = static_cast<double>(chains);
  rate.mean = all.mean(count);
  rate.error = all.error(count);
  rate.settled = std::abs(change.mean(count)) <= 4 * change.error(count);
  return rate;
}

}  // namespace swell::spice
