// Escape from a quartic double well over its barrier: mean first passage time, by the exact integral
//   T = (1/(mu kT)) Int_a^b dy e^{V(y)/kT} Int_{-inf}^y dz e^{-V(z)/kT}
// (H. A. Kramers, Physica 7, 284 (1940); C. W. Gardiner, Handbook of Stochastic Methods, 5.2.7), and for the discrete
// chain exactly by its transfer matrix.

#include <gtest/gtest.h>

#include "physics/chain.h"
#include "physics/machines.h"
#include "physics/statistics.h"

namespace swell::test {

namespace {

constexpr Well kWell{-2.0, 1.0, 0.5};  // minima at -1 and 1, barrier 1 = 2 kT
constexpr double kStart = -1.0, kEnd = 0.8;

double passage_integral(double end) {
  const Grid grid{-3.5, end, 20000};
  double inner = 0, outer = 0;
  for (int k = 0; k < grid.points; ++k) {
    const double weight = std::exp(-kWell.potential(grid[k]) / kWell.kT) * grid.step();
    if (grid[k] > kStart) outer += std::exp(kWell.potential(grid[k]) / kWell.kT) * (inner + 0.5 * weight) * grid.step();
    inner += weight;
  }
  return outer / kWell.kT;
}

// T = dt + P T below the end, for Euler-Maruyama watched after every step.
double chain_passage(double dt) {
  const Grid grid{-2.8, kEnd, 720};
  const Eigen::MatrixXd P = euler_chain(kWell, grid, dt);
  const Eigen::MatrixXd left = Eigen::MatrixXd::Identity(grid.points, grid.points) - P;
  const Eigen::VectorXd T = left.partialPivLu().solve(Eigen::VectorXd::Constant(grid.points, dt));
  const double place = (kStart - grid.low) / grid.step() - 0.5;
  const int k = static_cast<int>(place);
  return T(k) + (place - k) * (T(k + 1) - T(k));
}

// First-passage times of `copies` units that start at -1; runs of 500 steps, each under a seed of its own.
std::vector<double> passages(double dt, int64_t trajectories, int runs) {
  constexpr int64_t kUnits = 12, kSteps = 500;
  Computer computer = machine({kUnits});
  computer.kT = kWell.kT;
  computer.J2.assign(kUnits, kWell.J2);
  computer.J4.assign(kUnits, kWell.J4);
  const Protocol protocol{"wait", {hold(computer, kSteps * dt)}};
  std::vector<double> state(trajectories * kUnits, kStart), passage(trajectories * kUnits, -1.0);
  for (int r = 0; r < runs; ++r) {
    RunOptions options = run_options(dt, trajectories, 1000 + r);
    options.threads = 2;
    options.start = state;
    options.snapshots = all_units(computer, options, 1, 1);
    const auto run = swell::run(computer, protocol, options);
    for (int64_t k = 0; k < kSteps * trajectories * kUnits; ++k) {
      double& time = passage[k % (trajectories * kUnits)];
      if (time < 0 && run.snapshots[k] > kEnd)
        time = dt * static_cast<double>(r * kSteps + k / (trajectories * kUnits) + 1);
    }
    state = run.states;
  }
  return passage;
}

}  // namespace

// 24576 escapes to 4 % (six errors) against the chain's exact mean: an error of 1 % in kT or in the barrier would show
// as 2 %, one of 2 % fails. The few per mille still waiting after ten means wait one mean longer.
TEST(escape, mean_first_passage_over_a_barrier_is_the_chains_exact_one) {
  const double dt = 1e-2, truth = chain_passage(dt);
  const double watched = 22 * 500 * dt;
  ASSERT_GT(watched, 8 * truth);
  std::vector<double> times = passages(dt, 2048, 22);
  for (double& time : times) time = time < 0 ? watched + truth : time;
  const Estimate mean = estimate(times);
  expect_equal(mean, truth);
  expect_power(mean, truth, 0.045);
}

// With smaller steps the chain goes to the integral; the end, watched once a step, acts as if it stood
// 0.5826 sqrt(2 kT dt) further on (M. Broadie, P. Glasserman, S. Kou, Math. Finance 7, 325 (1997)).
TEST(escape, mean_first_passage_of_small_steps_is_the_integral) {
  const auto error = [](double dt) {
    return chain_passage(dt) / passage_integral(kEnd + 0.5826 * std::sqrt(2 * kWell.kT * dt)) - 1;
  };
  EXPECT_NEAR(error(2e-3), 0, 0.02);
  EXPECT_NEAR(error(4e-3) / error(2e-3), 2, 0.3);  // what is left is of first order in dt
}

// Kramers: one over the rate (sqrt2/pi) mu |J2| e^{-J2^2/(4 J4 kT)}, good to a few kT/barrier; to 25 % at barrier 2 kT.
TEST(escape, kramers_rate_estimates_the_integral) {
  const double rate = std::numbers::sqrt2 / std::numbers::pi * 2.0 * std::exp(-1.0 / kWell.kT);
  EXPECT_NEAR(passage_integral(1.0) * rate, 1, 0.25);
}

}  // namespace swell::test
