// Averages taken while a run goes on: the sums are those of the states, the energy is the reference's, and their
// standard errors tell how far the averages are off.

#include <gtest/gtest.h>

#include "conformance/scenes.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/ledger/statistics.h"

namespace swell::test {

TEST(observables, are_the_sums_over_the_states_at_their_moments) {
  const Scene scene({20, 11, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.trajectories = 21;
  options.observables = {7, 30, 18, 9};  // moments after steps 37, 44, ...
  options.snapshots = all_units(scene.computer, options, 7, 37);
  for (const int tile : {1, 5, 16, 64}) {
    options.tile = tile;
    const auto result = run(scene.computer, scene.protocol, options);
    const auto shots = static_cast<int64_t>(result.snapshot_times.size());
    ASSERT_EQ(result.observations, shots);
    for (int64_t t = 0; t < options.trajectories; ++t) {
      std::vector<double> sums(result.sums.size(), 0.0);
      for (int64_t s = 0; s < shots; ++s) {
        const auto x = snapshot(result, s, t);
        for (int64_t u = 0; u < 9; ++u) {
          sums[result.sums.unit(u)] += x[18 + u];
          sums[result.sums.unit(u) + 1] += x[18 + u] * x[18 + u];
        }
        std::vector<double> means;
        for (const Group& group : scene.computer.groups) {
          double total = 0;
          for (int64_t i = group.first; i < group.first + group.size; ++i) total += x[i];
          means.push_back(total / static_cast<double>(group.size));
        }
        for (int64_t g = 0; g < 3; ++g) {
          sums[result.sums.group(g)] += means[g];
          for (int64_t h = 0; h <= g; ++h) sums[result.sums.product(g, h)] += means[g] * means[h];
        }
      }
      for (int64_t k = result.sums.group(0); k < result.sums.size(); ++k)
        ASSERT_EQ(result.observed[t * result.sums.size() + k], sums[k]) << t << " " << k << " tile " << tile;
    }
  }
}

// Tolerances as in tests/conformance/engines.cc, times the number of moments.
TEST(observables, agree_with_the_reference) {
  const Scene scene({20, 11, 6});
  RunOptions options = scene.with(EngineKind::reference);
  options.observables = {7, 30, 0, 37};
  const auto reference = run(scene.computer, scene.protocol, options);
  ASSERT_GT(reference.observations, 20);
  options.engine = EngineKind::cpu;
  const auto fast = run(scene.computer, scene.protocol, options);
  ASSERT_EQ(fast.observed.size(), reference.observed.size());
  const int64_t size = reference.sums.size();
  for (int64_t k = 0; k < static_cast<int64_t>(fast.observed.size()); ++k) {
    const bool energy = k % size <= ObservedSums::energy_square;
    const double scale = energy ? 1e-5 * 37 * (1 + std::abs(reference.end_energy[k / size]) * 40) : 5e-5;
    ASSERT_NEAR(fast.observed[k], reference.observed[k], scale * static_cast<double>(fast.observations)) << k;
  }
}

// Harmonic units under Leimkuhler-Matthews have their exact mean -bias/(2 J2) and variance kT/(2 J2) at any step, and a
// machine of independent ones the energy n kT/2 above its least. 200 units of 400 trajectories: a unit's comparison is
// within six standard errors, and the mean square of the deviations in standard errors is 1 within 6 sqrt(2/200) if the
// errors are right; errors off by a third would show.
TEST(observables, average_to_closed_forms_with_honest_errors) {
  const int64_t n = 200;
  Computer computer = machine({n});
  computer.kT = 0.5;
  for (int64_t i = 0; i < n; ++i) computer.J2[i] = 0.5 + 0.01 * static_cast<double>(i);
  CouplingSet set{"s", {}, std::vector<double>(n, 0.3), {0}};
  computer.sets.push_back(set);
  RunOptions options = run_options(0.05, 400, 120);
  options.integrator = Integrator::leimkuhler_matthews;
  options.observables = {4, 200, 0, n};
  const auto result = run(computer, {"hold", {hold(computer, 40, 0)}}, options);
  ASSERT_EQ(result.observations, 150);
  const auto means_of = [&](int64_t sum) {
    std::vector<double> means;
    for (int64_t t = 0; t < result.trajectories; ++t)
      means.push_back(result.observed[t * result.sums.size() + sum] / static_cast<double>(result.observations));
    return means;
  };
  double mean_squares = 0, variance_squares = 0, energy = 0;
  for (int64_t i = 0; i < n; ++i) {
    const auto x = means_of(result.sums.unit(i)), square = means_of(result.sums.unit(i) + 1);
    const swell::Estimate mean = swell::estimate(x), variance = covariance(x, x, square);
    const double true_mean = -0.3 / (2 * computer.J2[i]), true_variance = 0.5 / (2 * computer.J2[i]);
    const double z = (mean.mean - true_mean) / mean.stderr_of_mean;
    const double v = (variance.mean - true_variance) / variance.stderr_of_mean;
    EXPECT_LT(std::abs(z), kSigmas) << i;
    EXPECT_LT(std::abs(v), kSigmas) << i;
    EXPECT_LT(variance.stderr_of_mean, 0.03 * true_variance);
    mean_squares += z * z / static_cast<double>(n);
    variance_squares += v * v / static_cast<double>(n);
    energy += 0.25 - 0.09 / (4 * computer.J2[i]);
  }
  EXPECT_NEAR(mean_squares, 1, 0.6);
  EXPECT_NEAR(variance_squares, 1, 0.6);
  const auto V = means_of(ObservedSums::energy);
  const swell::Estimate found = swell::estimate(V), spread = covariance(V, V, means_of(ObservedSums::energy_square));
  EXPECT_LT(std::abs(found.mean - energy), kSigmas * found.stderr_of_mean);
  EXPECT_LT(found.stderr_of_mean, 2e-3 * static_cast<double>(n) * 0.25);
  // Variance of V: n (kT)^2/2.
  EXPECT_LT(std::abs(spread.mean - 0.125 * n), kSigmas * spread.stderr_of_mean);
  EXPECT_LT(spread.stderr_of_mean, 0.05 * 0.125 * n);
}

TEST(observables, that_do_not_fit_are_refused) {
  const Scene scene({3, 2});
  RunOptions options = scene.with(EngineKind::cpu);
  for (const Observables bad : {Observables{-1, 0, 0, 0}, Observables{1, -1, 0, 0}, Observables{1, 0, 4, 2}}) {
    options.observables = bad;
    EXPECT_THROW(run(scene.computer, scene.protocol, options), InputError);
  }
}

}  // namespace swell::test
