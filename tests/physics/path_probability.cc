#include "swell/physics/path_probability.h"

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/engine/reference/reference.h"
#include "swell/physics/potential.h"

namespace swell {

namespace {

std::vector<double> displacement(std::span<const double> from, std::span<const double> to) {
  std::vector<double> dx(from.size());
  for (size_t i = 0; i < dx.size(); ++i) dx[i] = to[i] - from[i];
  return dx;
}

std::vector<double> negative(std::vector<double> values) {
  for (double& v : values) v = -v;
  return values;
}

// ln P0/P~ without squares of the displacement:
//   -(beta/2) sum_i dx_i (g0_i(x) + g_i(x')) + (beta dt/4) sum_i mu_i (g_i(x')^2 - g0_i(x)^2)
double log_ratio(const Computer& computer, std::span<const double> dx, std::span<const double> forward,
                 std::span<const double> reverse, double dt) {
  double linear = 0, quadratic = 0;
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double g0 = forward[i], g = reverse[i];
    linear += dx[i] * (g0 + g);
    quadratic += computer.mobility[i] * (g * g - g0 * g0);
  }
  return -linear / (2 * computer.kT) + dt * quadratic / (4 * computer.kT);
}

}  // namespace

// Two ways of writing ln P0/P~: by the two squares and without squares of the displacement. Checked on each step of
// driven trajectories with cubic terms and unequal mobilities, under no couplings and under random ones. Rounding is
// 1e-16 of the squares themselves (about one per unit), times the few operations: 1e-12 is generous, and any wrong
// factor is of order one.
TEST(path_probability, log_ratio_is_the_difference_of_the_two_losses_on_every_step) {
  Computer computer = test::quartic_machine({8, 5}, 1.0);
  computer.kT = 0.3;
  for (int64_t i = 0; i < computer.units(); ++i) computer.mobility[i] = 0.5 + 0.1 * static_cast<double>(i);
  Patterns patterns{2, {}};
  for (int64_t i = 0; i < 2 * computer.units(); ++i) patterns.values.push_back(test::fixed_normal(30, i));
  const Protocol protocol{"noising", {test::ramp(computer, 1.0, 2.0, 0.0)}};
  RunOptions options = test::run_options(1e-2, 4, 31);
  options.patterns = &patterns;
  int64_t steps = 0;
  reference::run(computer, protocol, options, [&](int64_t trajectory, int64_t step, auto x, auto next) {
    const auto dx = displacement(x, next);
    std::vector<double> force(computer.units());
    for (int64_t i = 0; i < computer.units(); ++i) {
      force[i] =
          2.0 * (1.0 - 0.01 * static_cast<double>(step)) * patterns.values[(trajectory % 2) * computer.units() + i];
    }
    const auto forward = gradient(computer, {nullptr, force}, x);
    const double down = step_loss(computer, dx, forward, computer.kT, options.dt);
    for (const CouplingSet* set :
         {static_cast<const CouplingSet*>(nullptr), static_cast<const CouplingSet*>(&computer.sets[0])}) {
      const auto reverse = gradient(computer, {set, {}}, next);
      const double up = step_loss(computer, negative(dx), reverse, computer.kT, options.dt);
      const double ratio = log_ratio(computer, dx, forward, reverse, options.dt);
      ASSERT_NEAR(ratio, up - down, 1e-12 * (1 + up + down)) << step;
    }
    ++steps;
  });
  EXPECT_EQ(steps, 4 * 100);
}

// Noise with a memory, and couplings that lag, have other probabilities. A unit of a chip with a share of kT has the
// squares that a unit of that kT has.
TEST(path_probability, a_chip_that_remembers_has_none_and_each_unit_has_its_own_kT) {
  Computer computer = test::quartic_machine({2}, 1.0);
  const std::vector<double> dx{0.1, -0.2}, dV{0.5, 0.3};
  const double first = step_loss(computer, dx, dV, 0.4, 0.01);
  computer.warmth = {0.5, 0.5};
  EXPECT_NEAR(step_loss(computer, dx, dV, 0.8, 0.01), first, 1e-12 * first);
  computer.warmth = {0.5, 0};
  EXPECT_THROW(step_loss(computer, dx, dV, 0.8, 0.01), InputError);
  for (double ChipMemory::*memory : {&ChipMemory::correlation_time, &ChipMemory::delay, &ChipMemory::flicker_corner}) {
    Computer chip = test::quartic_machine({2}, 1.0);
    chip.memory.*memory = 0.5;
    EXPECT_THROW(step_loss(chip, dx, dV, 0.4, 0.01), InputError);
  }
}

// -ln P of a step under the force that made it is half a chi-square of N: mean N/2. 13 x 100000 squares: sees 0.8 %,
// and with it an amplitude wrong by 0.4 %.
TEST(path_probability, forward_loss_of_the_own_force_is_half_a_unit_each) {
  Computer computer = test::quartic_machine({13}, 1.0);
  computer.kT = 0.4;
  computer.mobility[3] = 2.5;
  const Protocol protocol{"hold", {test::hold(computer, 10.0, 0)}};
  const RunOptions options = test::run_options(1e-2, 100, 32);
  std::vector<double> losses;
  reference::run(computer, protocol, options, [&](int64_t, int64_t, auto x, auto next) {
    const auto dV = gradient(computer, {&computer.sets[0], {}}, x);
    losses.push_back(step_loss(computer, displacement(x, next), dV, computer.kT, options.dt));
  });
  const auto loss = test::estimate(losses);
  test::expect_equal(loss, 6.5);
  test::expect_power(loss, 6.5, 0.01);
  EXPECT_NEAR(loss.error * std::sqrt(1e5), std::sqrt(6.5), 0.1);  // variance N/2
}

// Backwards, at equilibrium under the same potential: the floor N/2 plus, per unit, a term of order V'' dt (1e-3 here).
TEST(path_probability, reverse_loss_of_a_matched_process_is_at_its_floor) {
  Computer computer = test::harmonic_machine(test::random_stiffness(12, 0.5, 2.0, 33), 0.5);
  const Protocol protocol{"hold", {test::hold(computer, 8.0, 0)}};
  const RunOptions options = test::run_options(2e-3, 20, 34);
  std::vector<double> losses;
  reference::run(computer, protocol, options, [&](int64_t, int64_t step, auto x, auto next) {
    if (step < 2000) return;
    const auto dV = gradient(computer, {&computer.sets[0], {}}, next);
    losses.push_back(step_loss(computer, negative(displacement(x, next)), dV, computer.kT, options.dt));
  });
  const auto loss = test::estimate(losses);
  test::expect_equal(loss, 6.0, 6.0 * 2.0 * options.dt);
  test::expect_power(loss, 6.0, 0.015);
}

}  // namespace swell
