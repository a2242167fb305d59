// Work relations (physics.md 4): <e^{-W/kT}> = e^{-dF/kT} (C. Jarzynski, PRL 78, 2690 (1997)), P_F(W)/P_R(-W) =
// e^{(W - dF)/kT} (G. E. Crooks, PRE 60, 2721 (1999)), and the Gaussian work of a moved harmonic trap.
// Euler-Maruyama breaks them at order dt; at the steps used here that bias is below the statistical error.

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "physics/statistics.h"

namespace swell::test {

namespace {

constexpr double kT = 0.8;

std::vector<double> total_work(const Run& run) {
  std::vector<double> work(run.trajectories, 0.0);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    for (int64_t s = 0; s < run.segments; ++s) work[t] += run.book(t, s).work;
  }
  return work;
}

// Start states drawn from exp(-x^T A x / 2kT), trajectory after trajectory.
std::vector<double> boltzmann_states(const Eigen::MatrixXd& A, int64_t trajectories, uint64_t which) {
  const Eigen::MatrixXd half = (kT * A.inverse()).llt().matrixL();
  std::vector<double> states;
  for (int64_t t = 0; t < trajectories; ++t) {
    Eigen::VectorXd r(A.rows());
    for (int i = 0; i < A.rows(); ++i) r(i) = draw_normal({which, stream::kTesting}, t, 0, i);
    const Eigen::VectorXd x = half * r;
    states.insert(states.end(), x.data(), x.data() + x.size());
  }
  return states;
}

// A trap V = x^2/2 - f x whose force rises from 0 to 1 in unit time: the centre moves by 1, and dF = -1/2.
std::vector<double> moved_trap_work(double dt, int64_t trajectories) {
  Computer computer = machine({1});
  computer.kT = kT;
  const Patterns patterns{1, {1.0}};
  const auto start = boltzmann_states(Eigen::MatrixXd::Identity(1, 1), trajectories, 80);
  RunOptions options = run_options(dt, trajectories, 81);
  options.threads = 2;
  options.patterns = &patterns;
  options.start = start;
  const Protocol protocol{"move", {ramp(computer, 1.0, 0.0, 1.0), ramp(computer, dt, 1.0, 1.0)}};
  return total_work(run(computer, protocol, options));
}

// Two coupled units whose coupling goes from 0 to J (or back) in eight jumps, 0.1 apart: a stiffness matrix that
// changes from A0 to A1, and dF = (kT/2) ln(det A1/det A0).
class Quench {
 public:
  static constexpr int kJumps = 8;
  static constexpr double kJ = 0.7, kStiffness = 1.5;

  static double free_energy() { return 0.5 * kT * std::log(1 - kJ * kJ / (kStiffness * kStiffness)); }

  static std::vector<double> work(bool forward, int64_t trajectories, uint64_t seed) {
    Computer computer = machine({2});
    computer.kT = kT;
    computer.J2.assign(2, 0.5 * kStiffness);
    for (int k = 0; k <= kJumps; ++k) add_set(computer, {0, kJ * k / kJumps, kJ * k / kJumps, 0});
    Protocol protocol{"quench", {}};
    for (int k = 0; k <= kJumps; ++k) protocol.segments.push_back(hold(computer, 0.1, forward ? k : kJumps - k));
    Eigen::Matrix2d A = kStiffness * Eigen::Matrix2d::Identity();
    if (!forward) A(0, 1) = A(1, 0) = kJ;
    const auto start = boltzmann_states(A, trajectories, seed + 1);
    RunOptions options = run_options(5e-3, trajectories, seed);
    options.threads = 2;
    options.start = start;
    return total_work(run(computer, protocol, options));
  }
};

Estimate mean_of(std::vector<double> values, const std::function<double(double)>& f) {
  for (double& v : values) v = f(v);
  return estimate(values);
}

}  // namespace

// <e^{-W/kT}> to 1.5 % (six errors): sees an error of 1.2 % of kT in dF or in the work.
TEST(work_theorems, jarzynski_gives_the_free_energy_of_a_moved_trap) {
  const auto work = moved_trap_work(5e-3, 262144);
  const double truth = std::exp(0.5 / kT);
  const Estimate mean = mean_of(work, [](double W) { return std::exp(-W / kT); });
  expect_equal(mean, truth);
  expect_power(mean, truth, 0.015);
}

// The full work W + 1/2 (work against the moved trap) is Gaussian with var = 2 kT mean, mean v^2 (tau - 1 + e^-tau).
// Skewness and excess kurtosis of a Gaussian have errors sqrt(6/n) and sqrt(24/n).
TEST(work_theorems, work_on_a_moved_trap_is_gaussian_with_variance_2kT_times_its_mean) {
  const auto work = moved_trap_work(5e-3, 262144);
  const double n = static_cast<double>(work.size());
  const Estimate mean = mean_of(work, [](double W) { return W + 0.5; });
  const double m = mean.mean;
  const Estimate variance = mean_of(work, [m](double W) { return (W + 0.5 - m) * (W + 0.5 - m); });
  const Estimate third = mean_of(work, [m](double W) { return std::pow(W + 0.5 - m, 3); });
  const Estimate fourth = mean_of(work, [m](double W) { return std::pow(W + 0.5 - m, 4); });
  const double step_bias = 5e-3;  // relative, of first order in dt
  expect_equal(mean, std::exp(-1.0), step_bias * std::exp(-1.0));
  expect_equal({variance.mean - 2 * kT * m, variance.error + 2 * kT * mean.error}, 0, step_bias * variance.mean);
  expect_power(variance, 2 * kT * m, 0.025);
  EXPECT_NEAR(third.mean / std::pow(variance.mean, 1.5), 0, kSigmas * std::sqrt(6 / n));
  EXPECT_NEAR(fourth.mean / (variance.mean * variance.mean) - 3, 0, kSigmas * std::sqrt(24 / n));
}

// The determinant of a matrix by work alone, both ways; each to 1 %.
TEST(work_theorems, jarzynski_gives_the_determinant_of_a_stiffened_trap) {
  const double dF = Quench::free_energy();
  for (const bool forward : {true, false}) {
    const double truth = std::exp((forward ? -dF : dF) / kT);
    const Estimate mean =
        mean_of(Quench::work(forward, 262144, forward ? 82 : 84), [](double W) { return std::exp(-W / kT); });
    expect_equal(mean, truth);
    expect_power(mean, truth, 0.015);
  }
}

// Crooks, bin by bin: the weight of a bin of W forwards, times e^{-(W - dF)/kT}, is the weight of -W backwards. The
// bins on either side of dF cross there. Bennett's form of it sums up: <1/(1 + e^{(W-dF)/kT})> forwards = the same
// backwards.
TEST(work_theorems, crooks_relates_forward_and_reverse_work) {
  const double dF = Quench::free_energy();
  const auto forward = Quench::work(true, 262144, 86), reverse = Quench::work(false, 262144, 88);
  const double width = 0.2 * kT;
  for (int bin = -4; bin < 4; ++bin) {
    const double low = dF + bin * width, high = low + width;
    const Estimate f =
        mean_of(forward, [&](double W) { return W >= low && W < high ? std::exp(-(W - dF) / kT) : 0.0; });
    const Estimate r = mean_of(reverse, [&](double W) { return -W >= low && -W < high ? 1.0 : 0.0; });
    expect_equal({f.mean - r.mean, std::hypot(f.error, r.error)}, 0);
    expect_power(r, r.mean, 0.15);
  }
  const Estimate f = mean_of(forward, [&](double W) { return 1 / (1 + std::exp((W - dF) / kT)); });
  const Estimate r = mean_of(reverse, [&](double W) { return 1 / (1 + std::exp((W + dF) / kT)); });
  expect_equal({f.mean - r.mean, std::hypot(f.error, r.error)}, 0);
  expect_power(f, 0.5, 0.01);
}

}  // namespace swell::test
