// Time correlations and the response to small forces: autocovariance C(tau) = e^{-A tau} S, and the
// fluctuation-dissipation theorem d<x_i>/dh_j = beta cov(x_i, x_j) (physics.md 2).

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "physics/statistics.h"

namespace swell::test {

namespace {

constexpr int kUnits = 12;

// kT A^-1 through e^{-A tau}: what an Ornstein-Uhlenbeck process remembers after tau.
Eigen::MatrixXd remembered(const Eigen::MatrixXd& A, double kT, double tau) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> modes(A);
  const Eigen::VectorXd weight = (kT / modes.eigenvalues().array()) * (-tau * modes.eigenvalues().array()).exp();
  return modes.eigenvectors() * weight.asDiagonal() * modes.eigenvectors().transpose();
}

// Euler-Maruyama's own: (1 - a dt)^m and the variance bias 2/(2 - a dt) in each mode.
Eigen::MatrixXd remembered_by_euler(const Eigen::MatrixXd& A, double kT, double dt, int steps) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> modes(A);
  const Eigen::ArrayXd a = modes.eigenvalues().array();
  const Eigen::VectorXd weight = (kT / a) * (2 / (2 - a * dt)) * (1 - a * dt).pow(steps);
  return modes.eigenvectors() * weight.asDiagonal() * modes.eigenvectors().transpose();
}

}  // namespace

// 131072 pairs of states at lags of 0.2, 0.6 and 1.4 against Euler's exact value; entries are known to 2 % of the
// variance. The exact value in turn is within a dt of e^{-A tau} S.
TEST(response, autocovariance_decays_as_the_matrix_exponential) {
  const Eigen::MatrixXd A = random_stiffness(kUnits, 0.8, 3.0, 60);
  const Computer computer = harmonic_machine(A, 0.5);
  const double dt = 2e-2;
  RunOptions options = run_options(dt, 131072, 61);
  options.threads = 2;
  options.snapshots = all_units(computer, options, 10, 400);
  const auto run = swell::run(computer, {"hold", {hold(computer, 9.4, 0)}}, options);
  ASSERT_EQ(run.snapshot_times.size(), 8u);
  for (const int lag : {1, 3, 7}) {
    const Eigen::MatrixXd truth = remembered_by_euler(A, 0.5, dt, 10 * lag);
    EXPECT_LT((truth - remembered(A, 0.5, 10 * lag * dt)).norm(), 3.0 * dt * truth.norm()) << lag;
    Averages products(kUnits * kUnits);
    for (int64_t t = 0; t < run.trajectories; ++t) {
      std::vector<double> sums(kUnits * kUnits, 0.0);
      for (int64_t s = 0; s + lag < 8; ++s) {
        const auto early = snapshot(run, s, t), late = snapshot(run, s + lag, t);
        for (int k = 0; k < kUnits * kUnits; ++k) sums[k] += late[k / kUnits] * early[k % kUnits] / (8.0 - lag);
      }
      products.add(sums);
    }
    for (int i = 0; i < kUnits; ++i) {
      for (int j = 0; j < kUnits; ++j) expect_equal(products[i * kUnits + j], truth(i, j));
      expect_power(products[i * kUnits + i], 0.5 / 1.5, 0.022);
    }
  }
}

// Pairs of runs with the same noise and forces +h and -h on one unit: their difference is nearly free of noise. The
// curvature of the response at h = 0.1 (order h^2 beta^3 times a fourth cumulant) stays below 0.3 % of the response;
// the covariance is known to 4 % (six errors).
TEST(response, a_small_force_moves_the_mean_by_beta_times_the_covariance) {
  Computer computer = quartic_machine({7, 5}, 1.0);
  computer.kT = 0.5;
  const double h = 0.1;
  const int64_t forced = 4;
  RunOptions options = run_options(2e-2, 65536, 62);
  options.integrator = Integrator::leimkuhler_matthews;
  options.threads = 2;
  const Protocol protocol{"response", {ramp(computer, 8.0, 1.0, 1.0, 0)}};
  const auto states = [&](double force) {
    Patterns patterns{1, std::vector<double>(kUnits, 0.0)};
    patterns.values[forced] = force;
    options.patterns = &patterns;
    return run(computer, protocol, options);
  };
  const auto up = states(h), down = states(-h), still = states(0);
  std::vector<double> mean(kUnits, 0.0);
  for (int64_t k = 0; k < still.trajectories * kUnits; ++k) mean[k % kUnits] += still.states[k] / 65536.0;
  Averages moved(kUnits), covariance(kUnits), difference(kUnits);
  for (int64_t t = 0; t < still.trajectories; ++t) {
    std::vector<double> response(kUnits), product(kUnits), both(kUnits);
    for (int i = 0; i < kUnits; ++i) {
      response[i] = (up.state(t)[i] - down.state(t)[i]) / (2 * h);
      product[i] = (still.state(t)[i] - mean[i]) * (still.state(t)[forced] - mean[forced]) / computer.kT;
      both[i] = response[i] - product[i];
    }
    moved.add(response);
    covariance.add(product);
    difference.add(both);
  }
  for (int i = 0; i < kUnits; ++i) expect_equal(difference[i], 0, 3e-3 * moved[forced].mean);
  expect_power(covariance[forced], moved[forced].mean, 0.04);
  EXPECT_LT(moved[forced].error, 0.005 * moved[forced].mean);
}

}  // namespace swell::test
