#include "swell/programs/linear/heat.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/programs/linear/primitives.h"
#include "swell/programs/linear/reference.h"
#include "swell/programs/linear/report.h"
#include "swell/random/streams.h"

namespace swell::linear {
namespace {

Matrix matrix(int64_t d, std::initializer_list<double> values) {
  Matrix a(d, d);
  std::copy(values.begin(), values.end(), a.values.begin());
  return a;
}

// Two units that turn about each other, of unequal noise.
LinearSystem whirl() { return {matrix(2, {1, 0.7, -0.9, 1.5}), {0, 0}, matrix(2, {2, 0.3, 0.3, 1})}; }

// <dz D^-1 o F> of paths in short steps, per time: the definition of heat, with nothing of Forces in it.
Estimate heat_rate_of_paths(const LinearSystem& machine, double h, int64_t steps) {
  const double a = machine.noise(0, 0) / 2, b = machine.noise(0, 1) / 2, d = machine.noise(1, 1) / 2;
  const double det = a * d - b * b;
  constexpr int64_t kReplicas = 256;
  Replicas replicas(2, {5, stream::kLinear}, 0, kReplicas);
  const Transition transition = make_transition(machine, Integrator::euler_maruyama, h, 1);
  replicas.advance(transition, static_cast<int64_t>(12 / h));
  std::vector<double> heat(kReplicas);
  for (int64_t k = 0; k < steps; ++k) {
    const std::vector<double> before = replicas.states();
    replicas.advance(transition, 1);
    for (int64_t t = 0; t < kReplicas; ++t) {
      const double *x = &before[2 * t], *y = &replicas.states()[2 * t];
      const double mid[2] = {(x[0] + y[0]) / 2, (x[1] + y[1]) / 2}, dz[2] = {y[0] - x[0], y[1] - x[1]};
      const double f = -machine.drift(0, 0) * mid[0] - machine.drift(0, 1) * mid[1];
      const double g = -machine.drift(1, 0) * mid[0] - machine.drift(1, 1) * mid[1];
      heat[t] += (dz[0] * (d * f - b * g) + dz[1] * (a * g - b * f)) / det / (h * static_cast<double>(steps));
    }
  }
  return estimate(heat);
}

TEST(heat, of_a_machine_with_currents_is_that_of_its_paths) {
  const LinearSystem machine = whirl();
  const Forces forces(machine);
  ASSERT_TRUE(forces.known());
  ASSERT_FALSE(forces.conservative());
  const Matrix s = lyapunov_by_schur(machine.drift, machine.noise).value;
  const double rate = trace(product(forces.dissipation(), s, 1)) - trace(machine.drift);
  const Estimate paths = heat_rate_of_paths(machine, 0.002, 10000);
  EXPECT_GT(rate, 1);
  // Five standard errors, and the paths' own error of order h.
  EXPECT_NEAR(paths.mean, rate, 5 * paths.stderr_of_mean + 0.01 * rate);
  EXPECT_LT(paths.stderr_of_mean, 0.03 * rate);

  // The program books this rate for as long as a replica runs, from its own samples.
  Settings settings;
  settings.device = Device::exact;
  settings.sampling.samples = 20000;
  const Answer answer = lyapunov(machine.drift, machine.noise, settings);
  ASSERT_TRUE(answer.books);
  const double time = answer.average.machine_time / static_cast<double>(answer.average.replicas);
  EXPECT_NEAR(answer.books->heat.mean / time, rate, 5 * answer.books->heat.stderr_of_mean / time);
  EXPECT_LT(answer.books->heat.stderr_of_mean, 0.1 * answer.books->heat.mean);
  EXPECT_EQ(answer.books->work.mean, answer.books->heat.mean);
}

TEST(heat, of_an_exponential_has_a_closed_form) {
  // A rotation at rate w beside decay at rate 1: W = M^T M, S = 1, so 2 w^2 per time.
  const double w = 3;
  Settings settings;
  settings.device = Device::exact;
  settings.sampling.samples = 640;
  const Answer answer = exponential(matrix(2, {1, w, -w, 1}), 1, settings);
  ASSERT_TRUE(answer.books);
  const double time = answer.average.machine_time / static_cast<double>(answer.average.replicas);
  EXPECT_NEAR(answer.books->heat.mean, 2 * w * w * time, 1e-9 * time);
  settings.clock = 4;
  const Answer fast = exponential(matrix(2, {1, w, -w, 1}), 1, settings);
  EXPECT_NEAR(fast.books->heat.mean, answer.books->heat.mean, 1e-6 * answer.books->heat.mean);
  const auto heat = [](const Answer& one, const Settings& how) { return *price(one, how, {}, nullptr).heat_kT; };
  EXPECT_NEAR(heat(fast, settings).mean / heat(answer, Settings{}).mean, 4, 1e-5);
  EXPECT_EQ(heat(answer, Settings{}).mean, answer.books->heat.mean * static_cast<double>(answer.average.replicas));
}

TEST(heat, of_an_equilibrium_machine_is_what_its_potential_loses) {
  // <V(0) - V(z)> = b A^-1 b / 2 kT - m / 2, and nothing does work.
  const Matrix a = matrix(2, {2, -0.5, -0.5, 1});
  Matrix b(2, 1);
  b.values = {1, 2};
  Settings settings;
  settings.kT = 0.5;
  settings.sampling.replicas = 2048;
  settings.sampling.samples = 4096;
  const double expected = 0.5 *
                              (b.values[0] * solve_by_cholesky(a, b).value.values[0] +
                               b.values[1] * solve_by_cholesky(a, b).value.values[1]) /
                              settings.kT -
                          1;
  const Answer answer = solve(a, b, settings);
  ASSERT_TRUE(answer.books);
  EXPECT_NEAR(answer.books->heat.mean, expected, 5 * answer.books->heat.stderr_of_mean);
  EXPECT_EQ(answer.books->work.mean, 0);

  // Given the covariance, mobilities are S^2 and the potential is that of S^-1: mean 1 1 makes b = S 1.
  const Matrix mean = [] {
    Matrix ones(2, 1);
    ones.values = {1, 1};
    return ones;
  }();
  const GaussianAnswer samples = gaussian(mean, a, false, settings);
  ASSERT_TRUE(samples.answer.books);
  const Matrix pull = solve_by_cholesky(a, mean).value;
  EXPECT_NEAR(samples.answer.books->heat.mean, 0.5 * (pull.values[0] + pull.values[1]) - 1,
              5 * samples.answer.books->heat.stderr_of_mean + 0.02);
}

TEST(heat, has_no_meaning_where_the_noise_leaves_a_direction_out) {
  EXPECT_FALSE(Forces({matrix(2, {1, 0.5, -0.5, 1}), {0, 0}, matrix(2, {1, 0, 0, 0})}).known());
  EXPECT_FALSE(Forces({matrix(2, {1, 0.5, -0.5, 1}), {0, 0}, matrix(2, {1, 1, 1, 1})}).known());
  const Answer answer = lyapunov(matrix(2, {1, 0.5, -0.5, 1}), matrix(2, {1, 1, 1, 1}), {});
  EXPECT_FALSE(answer.books);
}

}  // namespace
}  // namespace swell::linear
