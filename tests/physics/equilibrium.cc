// Equilibrium of the fast engine against closed forms: equipartition for a coupled quartic machine, and the
// covariance of harmonic networks with each integrator's exact discrete bias (physics.md 2).

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/physics/potential.h"

namespace swell::test {

namespace {

constexpr int kUnits = 12;

// <x_i g_j>, then <g_i g_j>, i, j row-major: averages over snapshots of each trajectory, trajectories as replicas.
Averages gradient_products(const Computer& computer, const Run& run) {
  Averages products(2 * kUnits * kUnits);
  const auto shots = static_cast<int64_t>(run.snapshot_times.size());
  for (int64_t t = 0; t < run.trajectories; ++t) {
    std::vector<double> sums(2 * kUnits * kUnits, 0.0);
    for (int64_t s = 0; s < shots; ++s) {
      const auto x = snapshot(run, s, t);
      const auto g = gradient(computer, {&computer.sets[0], {}}, x);
      for (int i = 0; i < kUnits; ++i) {
        for (int j = 0; j < kUnits; ++j) {
          sums[i * kUnits + j] += x[i] * g[j] / static_cast<double>(shots);
          sums[(kUnits + i) * kUnits + j] += g[i] * g[j] / static_cast<double>(shots);
        }
      }
    }
    products.add(sums);
  }
  return products;
}

Run sample(const Computer& computer, Integrator integrator, double dt, int64_t trajectories, int64_t every,
           int64_t shots, uint64_t seed) {
  RunOptions options = run_options(dt, trajectories, seed);
  options.integrator = integrator;
  options.threads = 2;
  options.snapshots = all_units(computer, options, every, 2 * every);
  const double duration = static_cast<double>((shots + 1) * every) * dt;
  return run(computer, {"equilibrium", {hold(computer, duration, 0)}}, options);
}

void expect_covariance(const Run& run, const Eigen::MatrixXd& truth, double power) {
  Averages products(kUnits * kUnits);
  const auto shots = static_cast<int64_t>(run.snapshot_times.size());
  for (int64_t t = 0; t < run.trajectories; ++t) {
    std::vector<double> sums(kUnits * kUnits, 0.0);
    for (int64_t s = 0; s < shots; ++s) {
      const auto x = snapshot(run, s, t);
      for (int k = 0; k < kUnits * kUnits; ++k) sums[k] += x[k / kUnits] * x[k % kUnits] / static_cast<double>(shots);
    }
    products.add(sums);
  }
  for (int i = 0; i < kUnits; ++i) {
    for (int j = 0; j <= i; ++j) expect_equal(products[i * kUnits + j], truth(i, j));
    expect_power(products[i * kUnits + i], truth(i, i), power);
  }
}

// The stationary covariance of x' = F x + noise of covariance Q: S = F S F^T + Q, by doubling.
Eigen::MatrixXd discrete_lyapunov(Eigen::MatrixXd F, Eigen::MatrixXd Q) {
  for (int k = 0; k < 20; ++k) {
    Q += F * Q * F.transpose();
    F = F * F;
  }
  return Q;
}

Eigen::MatrixXd stiffness() { return random_stiffness(kUnits, 0.5, 4.0, 50); }

}  // namespace

// Leimkuhler-Matthews: <x_i dV/dx_j> = kT delta_ij. 8192 x 20 samples; the bias of order dt^2 = 1e-4 is below the
// error. Each entry is known to 3 % of kT, the mean over the diagonal (a temperature) to 0.6 %.
TEST(equilibrium, equipartition_holds_for_a_coupled_quartic_machine) {
  Computer computer = quartic_machine({7, 5}, 1.0);
  computer.kT = 0.5;
  const auto run = sample(computer, Integrator::leimkuhler_matthews, 1e-2, 8192, 60, 20, 51);
  const Averages products = gradient_products(computer, run);
  double trace = 0, error = 0;
  for (int i = 0; i < kUnits; ++i) {
    for (int j = 0; j < kUnits; ++j) expect_equal(products[i * kUnits + j], i == j ? computer.kT : 0.0);
    expect_power(products[i * kUnits + i], computer.kT, 0.05);
    trace += products[i * kUnits + i].mean / kUnits;
    error = std::max(error, products[i * kUnits + i].error / std::sqrt(double{kUnits}));
  }
  expect_equal({trace, error}, computer.kT);
  expect_power({trace, error}, computer.kT, 0.015);
}

// Euler-Maruyama at any dt: that <x_i x_j> does not change in a step gives the exact identity
//   mu_j <x_i g_j> + mu_i <x_j g_i> = 2 mu_i kT delta_ij + dt mu_i mu_j <g_i g_j>.
// At this large step the last term is 5 to 10 % of the first, and unequal mobilities must stand where they do.
TEST(equilibrium, euler_equipartition_has_exactly_its_known_bias) {
  Computer computer = quartic_machine({7, 5}, 1.0);
  computer.kT = 0.5;
  for (int i = 0; i < kUnits; ++i) computer.mobility[i] = 0.5 + 0.1 * i;
  const double dt = 4e-2;
  const auto run = sample(computer, Integrator::euler_maruyama, dt, 8192, 20, 20, 52);
  const Averages products = gradient_products(computer, run);
  for (int i = 0; i < kUnits; ++i) {
    for (int j = 0; j <= i; ++j) {
      const double mi = computer.mobility[i], mj = computer.mobility[j];
      const Estimate ij = products[i * kUnits + j], ji = products[j * kUnits + i],
                     gg = products[(kUnits + i) * kUnits + j];
      const Estimate left{mj * ij.mean + mi * ji.mean - dt * mi * mj * gg.mean,
                          mj * ij.error + mi * ji.error + dt * mi * mj * gg.error};  // correlated: errors add
      expect_equal(left, i == j ? 2 * mi * computer.kT : 0.0);
      if (i == j) expect_power(left, 2 * mi * computer.kT, 0.07);
    }
  }
}

// Per mode of stiffness a: variance (kT/a) 2/(2 - a mu dt). At dt = 0.2 the stiffest mode is 67 % too warm, which the
// formula must give to the statistical 2 %.
TEST(equilibrium, euler_covariance_has_exactly_its_known_bias_in_each_mode) {
  const double kT = 0.7, dt = 0.2;
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> modes(stiffness());
  const Eigen::VectorXd a = modes.eigenvalues();
  const Eigen::VectorXd variance = (kT / a.array()) * 2 / (2 - a.array() * dt);
  const Eigen::MatrixXd truth = modes.eigenvectors() * variance.asDiagonal() * modes.eigenvectors().transpose();
  const Computer computer = harmonic_machine(stiffness(), kT);
  expect_covariance(sample(computer, Integrator::euler_maruyama, dt, 8192, 20, 20, 53), truth, 0.03);
}

// Unequal mobilities: S = F S F^T + 2 M kT dt with F = I - M A dt, the discrete Lyapunov equation.
TEST(equilibrium, euler_covariance_solves_the_lyapunov_equation_with_unequal_mobilities) {
  const double kT = 0.7, dt = 0.1;
  Computer computer = harmonic_machine(stiffness(), kT);
  Eigen::VectorXd mobility(kUnits);
  for (int i = 0; i < kUnits; ++i) computer.mobility[i] = mobility(i) = 0.5 + 0.1 * i;
  const Eigen::MatrixXd M = mobility.asDiagonal();
  const Eigen::MatrixXd F = Eigen::MatrixXd::Identity(kUnits, kUnits) - dt * M * stiffness();
  const Eigen::MatrixXd truth = discrete_lyapunov(F, 2 * kT * dt * M);
  expect_covariance(sample(computer, Integrator::euler_maruyama, dt, 8192, 40, 20, 54), truth, 0.03);
}

// Leimkuhler-Matthews is exact for harmonic V: covariance kT A^-1 at any step and any mobilities.
TEST(equilibrium, leimkuhler_matthews_covariance_is_exact_for_harmonic_networks) {
  const double kT = 0.7, dt = 0.2;
  Computer computer = harmonic_machine(stiffness(), kT);
  for (int i = 0; i < kUnits; ++i) computer.mobility[i] = 0.5 + 0.1 * i;
  const Eigen::MatrixXd truth = kT * stiffness().inverse();
  expect_covariance(sample(computer, Integrator::leimkuhler_matthews, dt, 8192, 20, 20, 55), truth, 0.03);
}

}  // namespace swell::test
