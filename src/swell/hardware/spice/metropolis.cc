#include "swell/hardware/spice/metropolis.h"

#include <algorithm>
#include <cmath>

#include "swell/physics/langevin.h"
#include "swell/physics/metropolis.h"
#include "swell/physics/path_probability.h"
#include "swell/random/normal.h"
#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::spice {

Sampled sample_machine(const Circuit& m, int64_t chains, int64_t steps, uint64_t seed) {
  const std::vector<Unit> units = unit_laws(m);
  const auto n = static_cast<size_t>(m.units());
  const size_t moments = n + n * (n + 1) / 2;
  const double h = 0.6 * *std::ranges::max_element(m.mobility) / fastest_rate(m, units, 1.2);
  const double amplitude = noise_amplitude(1, m.kT, h), weight = path_weight(1, m.kT, h);
  const NoiseKey key{seed, stream::kTesting};
  std::vector<double> sum(moments), square(moments);
  for (int64_t chain = 0; chain < chains; ++chain) {
    const auto number = static_cast<uint64_t>(5000 + chain);
    Sequence draws(key, number + (uint64_t{1} << 20));
    std::vector<double> x(n), proposal(n), total(moments);
    for (size_t i = 0; i < n; ++i) x[i] = static_cast<double>(draw_normal(key, number, 0, i));
    std::vector<double> slope = gradient(m, units, x);
    double V = energy(m, units, x);
    int64_t counted = 0;
    for (int64_t step = 1; step <= steps; ++step) {
      double forward = 0, back = 0;
      for (size_t i = 0; i < n; ++i) {
        const auto r = static_cast<double>(draw_normal(key, number, static_cast<uint64_t>(step), i));
        proposal[i] = langevin_step(x[i], slope[i], h, amplitude, r);
        forward += path_loss(weight, path_residual(proposal[i] - x[i], slope[i], 1, h));
      }
      const std::vector<double> new_slope = gradient(m, units, proposal);
      const double new_V = energy(m, units, proposal);
      for (size_t i = 0; i < n; ++i) {
        back += path_loss(weight, path_residual(x[i] - proposal[i], new_slope[i], 1, h));
      }
      const double chance = draws.uniform();
      if (metropolis_takes((new_V - V) / m.kT + back - forward, 1, [&] { return chance; })) {
        x = proposal;
        slope = new_slope;
        V = new_V;
      }
      if (step <= steps / 5) continue;
      ++counted;
      size_t at = 0;
      for (size_t i = 0; i < n; ++i) {
        total[at++] += x[i];
        for (size_t j = 0; j <= i; ++j) total[at++] += x[i] * x[j];
      }
    }
    for (size_t k = 0; k < moments; ++k) {
      const double mean = total[k] / static_cast<double>(counted);
      sum[k] += mean;
      square[k] += mean * mean;
    }
  }
  Sampled result;
  const auto count = static_cast<double>(chains);
  for (size_t k = 0; k < moments; ++k) {
    const double mean = sum[k] / count;
    result.mean.push_back(mean);
    result.error.push_back(std::sqrt(std::max(0.0, square[k] / count - mean * mean) / (count - 1)));
  }
  return result;
}

}  // namespace swell::spice
