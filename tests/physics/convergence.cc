// Order of convergence at equilibrium: Euler-Maruyama 1, Leimkuhler-Matthews 2 (physics.md 2). Truth is a quadrature of
// the Boltzmann weight; the schemes' own stationary values are exact by transfer matrix, and the engines must give
// them.

#include <gtest/gtest.h>

#include "physics/chain.h"
#include "physics/machines.h"
#include "physics/statistics.h"

namespace swell::test {

namespace {

constexpr Well kWell{0.5, 0.05, 1.0};
constexpr Grid kGrid{-4.5, 4.5, 300};  // e^-30 of the weight lies beyond

double boltzmann_square() {
  double weight = 0, sum = 0;
  for (int k = 0; k < kGrid.points; ++k) {
    const double w = std::exp(-kWell.potential(kGrid[k]) / kWell.kT);
    weight += w;
    sum += w * kGrid[k] * kGrid[k];
  }
  return sum / weight;
}

double chain_square(Integrator integrator, double dt) {
  const bool euler = integrator == Integrator::euler_maruyama;
  const auto p = stationary(euler ? euler_chain(kWell, kGrid, dt) : leimkuhler_matthews_chain(kWell, kGrid, dt));
  double sum = euler ? 0 : 0.5 * kWell.kT * dt;  // x = y + s R/2 adds s^2/4
  for (int k = 0; k < kGrid.points; ++k) sum += p(k) * kGrid[k] * kGrid[k];
  return sum;
}

// <x^2> of 12 independent units in 65536 trajectories, five nearly independent times each.
Estimate engine_square(Integrator integrator, double dt) {
  Computer computer = machine({12});
  computer.J2.assign(12, kWell.J2);
  computer.J4.assign(12, kWell.J4);
  RunOptions options = run_options(dt, 65536, 70);
  options.integrator = integrator;
  options.threads = 2;
  const auto every = static_cast<int64_t>(std::lround(3 / dt));
  options.snapshots = all_units(computer, options, every, 2 * every);
  const auto run = swell::run(computer, {"hold", {hold(computer, 18.0)}}, options);
  std::vector<double> squares(run.trajectories, 0.0);
  const int64_t kept = run.trajectories * 12;
  for (int64_t k = 0; k < static_cast<int64_t>(run.snapshots.size()); ++k) {
    const double x = run.snapshots[k];
    squares[(k % kept) / 12] += x * x / (12.0 * static_cast<double>(run.snapshot_times.size()));
  }
  return estimate(squares);
}

}  // namespace

// Halving dt halves Euler's error and quarters Leimkuhler-Matthews'; next orders change the ratio by some 10 %.
TEST(convergence, euler_is_of_first_order_and_leimkuhler_matthews_of_second) {
  const double truth = boltzmann_square();
  const auto error = [&](Integrator integrator, double dt) { return chain_square(integrator, dt) - truth; };
  EXPECT_NEAR(error(Integrator::euler_maruyama, 0.1) / error(Integrator::euler_maruyama, 0.05), 2, 0.2);
  EXPECT_NEAR(error(Integrator::euler_maruyama, 0.05) / error(Integrator::euler_maruyama, 0.025), 2, 0.1);
  EXPECT_NEAR(error(Integrator::leimkuhler_matthews, 0.1) / error(Integrator::leimkuhler_matthews, 0.05), 4, 0.6);
  EXPECT_NEAR(error(Integrator::leimkuhler_matthews, 0.05) / error(Integrator::leimkuhler_matthews, 0.025), 4, 0.3);
}

// At dt = 0.1 Euler's bias is 6 %, Leimkuhler-Matthews' below 0.5 %; <x^2> is measured to 0.6 % (six errors).
TEST(convergence, engine_has_the_stationary_variance_of_its_scheme) {
  const double truth = boltzmann_square();
  for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
    const Estimate measured = engine_square(integrator, 0.1);
    expect_equal(measured, chain_square(integrator, 0.1));
    expect_power(measured, truth, 0.006);
  }
  EXPECT_GT(chain_square(Integrator::euler_maruyama, 0.1) / truth, 1.04);  // so that the two can be told apart
  EXPECT_NEAR(chain_square(Integrator::leimkuhler_matthews, 0.1) / truth, 1, 0.005);
}

}  // namespace swell::test
