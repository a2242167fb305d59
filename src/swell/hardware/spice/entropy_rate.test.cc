#include "swell/hardware/spice/entropy_rate.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/hardware/spice/metropolis.h"
#include "swell/hardware/spice/plan.h"
#include "swell/io/test_folder.h"
#include "swell/model/builder.h"

namespace swell::spice {
namespace {

constexpr double kStiffness = 2, kJ = 2;

// Two springs of the same stiffness and one coupling, which saturates at x_s.
Circuit pair_of(double saturation, double mobility = 1) {
  const Computer computer = MachineBuilder()
                                .group("a", {2}, {.J2 = kStiffness / 2}, mobility)
                                .couplings("c")
                                .couple("a", 0, "a", 1, kJ)
                                .bias("a", 0)
                                .computer();
  return make_circuit(computer, computer.sets[0], "pair", {.saturation = saturation});
}

// The stationary density of that pair at mu = kT = 1, by Galerkin's method: rho = rho_0 sum c_mn h_m(x_1) h_n(x_2),
// rho_0 the Gaussian of the units without coupling and h_m its orthonormal Hermite polynomials. The generator on h_m
// h_n is -k (m + n) h_m h_n - J (S(x_2) d_1 + S(x_1) d_2) h_m h_n with S(x) = x_s tanh(x / x_s) and d h_m = sqrt(k m)
// h_(m-1); its mean over rho is 0 for all m, n, which gives c. Integrals over one unit by the trapezoid rule.
double exact_rate(double saturation, int order) {
  constexpr int kPoints = 4000;
  const double k = kStiffness, range = 12 / std::sqrt(k), step = 2 * range / kPoints;
  Eigen::MatrixXd h(order, kPoints + 1), S(order, order);
  Eigen::VectorXd x(kPoints + 1), weight(kPoints + 1);
  for (int p = 0; p <= kPoints; ++p) {
    x(p) = -range + p * step;
    weight(p) = std::sqrt(k / (2 * M_PI)) * std::exp(-k * x(p) * x(p) / 2) * step;
    const double z = std::sqrt(k) * x(p);
    h(0, p) = 1;
    h(1, p) = z;
    for (int m = 1; m + 1 < order; ++m) h(m + 1, p) = (z * h(m, p) - std::sqrt(m) * h(m - 1, p)) / std::sqrt(m + 1.0);
  }
  const Eigen::VectorXd s = saturation * (x.array() / saturation).tanh();
  S = h * (weight.array() * s.array()).matrix().asDiagonal() * h.transpose();
  const int size = order * order;
  Eigen::MatrixXd generator = Eigen::MatrixXd::Zero(size, size);  // [test function][density]
  for (int m = 0; m < order; ++m) {
    for (int n = 0; n < order; ++n) {
      const int row = m * order + n;
      generator(row, row) -= k * (m + n);
      for (int other = 0; other < order; ++other) {
        if (m > 0) generator(row, (m - 1) * order + other) -= kJ * std::sqrt(k * m) * S(other, n);
        if (n > 0) generator(row, other * order + n - 1) -= kJ * std::sqrt(k * n) * S(other, m);
      }
    }
  }
  generator.row(0).setZero();  // of the constant, which says nothing: c_00 = 1 in its place
  generator(0, 0) = 1;
  Eigen::VectorXd right = Eigen::VectorXd::Zero(size);
  right(0) = 1;
  const Eigen::VectorXd c = generator.partialPivLu().solve(right);
  // <N_1 F_1> + <N_2 F_2>, N_1 = J (x_2 - S(x_2)), F_1 = -k x_1 - J S(x_2).
  const Eigen::VectorXd lost = h * (weight.array() * (x - s).array()).matrix();
  const Eigen::VectorXd both = h * (weight.array() * (x - s).array() * s.array()).matrix();
  double rate = 0;
  for (int n = 0; n < order; ++n)
    rate +=
        kJ * (-k / std::sqrt(k) * (c(order + n) + c(n * order + 1)) * lost(n) - kJ * (c(n) + c(n * order)) * both(n));
  return rate;
}

// The entropy of a time T has the variance 2 rate T at least, so that 100 chains of 320 / mu leave some 3 %. Heun's
// step is off by less than one; an error of a fifth would be seen.
TEST(entropy_rate, two_coupled_units_make_what_their_stationary_density_says) {
  for (const double saturation : {0.5, 1.0}) {
    const double exact = exact_rate(saturation, 24);
    EXPECT_NEAR(exact_rate(saturation, 18) / exact, 1, 1e-3);
    const EntropyRate rate = entropy_rate(pair_of(saturation), 100, 320, 1.2, 3);
    EXPECT_LT(rate.error, 0.05 * exact);
    EXPECT_TRUE(rate.settled);
    EXPECT_LT(std::abs(rate.mean - exact), 5 * rate.error) << rate.mean << " +- " << rate.error << ", exact " << exact;
  }
}

// A machine that is twice as fast makes entropy twice as fast, in the same units of time.
TEST(entropy_rate, follows_the_mobility) {
  const EntropyRate slow = entropy_rate(pair_of(1, 1), 40, 64, 1, 3), fast = entropy_rate(pair_of(1, 2), 40, 32, 1, 3);
  EXPECT_GT(slow.mean, 5 * slow.error);
  EXPECT_NEAR(fast.mean / slow.mean, 2, 1e-6);
}

TEST(entropy_rate, is_zero_where_there_is_a_potential) {
  EXPECT_EQ(entropy_rate(pair_of(0), 10, 10, 1, 3).mean, 0);
  // Resistors do not saturate.
  Computer computer = MachineBuilder().group("a", {2}, {.J2 = 1}).couplings("c").couple("a", 0, "a", 1, -1).computer();
  const Circuit passive = make_circuit(computer, computer.sets[0], "r", {.resistors = true, .saturation = 1});
  EXPECT_TRUE(passive.has_potential());
  const std::vector<double> x = {0.3, -2};
  EXPECT_EQ(gradient(passive, unit_laws(passive), x), (std::vector<double>{2 * 0.3 + 2, -4 - 0.3}));
  EXPECT_EQ(entropy_rate(passive, 10, 10, 1, 3).mean, 0);
  EXPECT_FALSE(make_circuit(computer, computer.sets[0], "g", {.saturation = 1}).has_potential());
}

// Soft springs at a low temperature, 25 / mu to relax, pulled to x = -5 from around 0: they are still on their way.
TEST(entropy_rate, says_where_a_machine_is_not_at_rest) {
  const Computer computer = MachineBuilder()
                                .group("a", {2}, {.J2 = 0.02})
                                .couplings("c")
                                .couple("a", 0, "a", 1, 0.01)
                                .bias("a", 0.2)
                                .computer();
  const Circuit slow = make_circuit(computer, computer.sets[0], "slow", {.saturation = 0.1});
  Circuit cold = slow;
  cold.kT = 1e-4;
  EXPECT_FALSE(entropy_rate(cold, 40, 40, 1, 3).settled);
}

// What assumes a potential refuses a machine without one.
TEST(entropy_rate, nothing_of_a_potential_is_left_where_couplings_saturate) {
  const Circuit machine = pair_of(2);
  const std::vector<double> x = {0.3, -1.2};
  for (const std::string& said : {test::error_of<InputError>([&] { energy(machine, unit_laws(machine), x); }),
                                  test::error_of<InputError>([&] { exact_covariance(machine); }),
                                  test::error_of<InputError>([&] { sample_machine(machine, 2, 10, 1); })})
    EXPECT_NE(said.find("saturate"), std::string::npos) << said;
  EXPECT_TRUE(make_plan(machine, {}).pairs.empty());
}

// Without noise such a network still goes downhill (J. J. Hopfield, PNAS 81, 3088 (1984)): with y = x_s tanh(x / x_s),
//   L = sum_i int_0^{x_i} (U_i'(u) + b_i) (dy/du) du + sum_{i<j} J_ij y_i y_j,
// dL/dt = -sum_i mu_i (dy/dx) (dx_i/dt / mu_i)^2. Six double wells from a random state; the integrals by Simpson's
// rule.
TEST(entropy_rate, without_noise_saturating_networks_go_downhill) {
  MachineBuilder builder;
  builder.group("a", {6}, {.J2 = -1, .J4 = 0.5}).couplings("c").bias("a", 0.2);
  for (int64_t i = 0; i < 6; ++i) {
    for (int64_t j = 0; j < i; ++j) builder.couple("a", i, "a", j, std::sin(1.0 + static_cast<double>(7 * i + 3 * j)));
  }
  const Computer computer = builder.computer();
  const Circuit m = make_circuit(computer, computer.sets[0], "six", {.saturation = 0.8});
  const std::vector<Unit> units = unit_laws(m);
  const auto height = [&](const std::vector<double>& x) {
    double L = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      constexpr int kParts = 200;
      for (int k = 0; k <= kParts; ++k) {
        const double u = x[i] * k / kParts, slope = 1 - std::pow(std::tanh(u / m.saturation), 2);
        const double weight = k == 0 || k == kParts ? 1 : k % 2 == 1 ? 4 : 2;
        L += weight * (units[i].force(u) + m.bias[i]) * slope * x[i] / kParts / 3;
      }
    }
    const std::vector<double> y = outputs(m, x);
    for (const Coupling& c : m.couplings) L += c.J * y[c.a] * y[c.b];
    return L;
  };
  std::vector<double> x = {1.5, -2, 0.3, 0.9, -0.4, 2.2};
  double before = height(x);
  for (int step = 0; step < 400; ++step) {
    const std::vector<double> slope = gradient(m, units, x);
    double fall = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      fall += 0.002 * slope[i] * slope[i] * (1 - std::pow(std::tanh(x[i] / m.saturation), 2));
      x[i] -= 0.002 * slope[i];
    }
    const double after = height(x);
    EXPECT_LT(after, before + 1e-12);
    // Euler's method is off by the second derivative of L times the step, some percent of the fall.
    if (fall > 1e-6) {
      EXPECT_NEAR((before - after) / fall, 1, 0.1) << step;
    }
    before = after;
  }
}

}  // namespace
}  // namespace swell::spice
