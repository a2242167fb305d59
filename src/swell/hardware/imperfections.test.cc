#include "swell/hardware/imperfections.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/engine/linear/stationary.h"
#include "swell/engine/remember.h"
#include "swell/hardware/chip_files.h"
#include "swell/hardware/spice/circuit.h"
#include "swell/model/test_stages.h"
#include "swell/physics/potential.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::hardware {
namespace {

constexpr int64_t kSize = 8;

// A random symmetric positive definite K of this condition number, eigenvalues evenly spaced in the logarithm, scaled
// so that its largest entry is 1; the system dz = -K z dt + sqrt(2) dW.
LinearSystem gaussian(double condition, uint64_t number) {
  const NoiseKey key{7, stream::kTesting};
  Eigen::MatrixXd random(kSize, kSize);
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j)
      random(i, j) = static_cast<double>(draw_normal(key, number, static_cast<uint64_t>(i), static_cast<uint64_t>(j)));
  }
  const Eigen::MatrixXd Q = Eigen::HouseholderQR<Eigen::MatrixXd>(random).householderQ();
  Eigen::VectorXd values(kSize);
  for (int64_t i = 0; i < kSize; ++i) values(i) = std::pow(condition, -static_cast<double>(i) / (kSize - 1));
  Eigen::MatrixXd K = Q * values.asDiagonal() * Q.transpose();
  K = (K + K.transpose()).eval() / (2 * K.cwiseAbs().maxCoeff());
  LinearSystem system{Matrix(kSize, kSize), std::vector<double>(kSize), Matrix(kSize, kSize)};
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j) system.drift(i, j) = K(i, j);
    system.noise(i, i) = 2;
  }
  return system;
}

double largest_rate(const LinearSystem& system) {
  Eigen::MatrixXd K(kSize, kSize);
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j) K(i, j) = system.drift(i, j);
  }
  return K.selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff();
}

// Relative Frobenius error of the covariance of the first kSize quantities; infinite where the chip settles nowhere.
double error_of(const LinearSystem& chip, const Matrix& wanted) {
  Matrix S;
  try {
    S = linear::stationary_covariance(chip);
  } catch (const InputError&) {
    return INFINITY;
  }
  double difference = 0, size = 0;
  for (int64_t i = 0; i < kSize; ++i) {
    for (int64_t j = 0; j < kSize; ++j) {
      difference += std::pow(S(i, j) - wanted(i, j), 2);
      size += std::pow(wanted(i, j), 2);
    }
  }
  return std::sqrt(difference / size);
}

struct Spread {
  double median = 0, unstable = 0;
};
// Over 200 matrices, a chip of each. tau: correlation time over 1 / lambda_max, 0 for none.
Spread spread_of(Imperfections spec, double condition, double tau = 0) {
  std::vector<double> errors;
  double unstable = 0;
  for (uint64_t draw = 0; draw < 200; ++draw) {
    const LinearSystem system = gaussian(condition, draw);
    if (tau > 0) spec.correlation_time = tau / largest_rate(system);
    const double error = error_of(perturb(system, spec, draw), linear::stationary_covariance(system));
    if (std::isfinite(error))
      errors.push_back(error);
    else
      unstable += 1.0 / 200;
  }
  std::ranges::sort(errors);
  return {errors.empty() ? INFINITY : errors[errors.size() / 2], unstable};
}

// The table of docs/hardware.md, which another program computed for matrices drawn its own way. The median of 200 draws
// scatters by some 10 %, and so does it between ways to draw: 35 % is allowed. The dependence on the condition number
// (a factor of 12 from 3 to 100) and on the size of the fault (a factor of 10 each) are far outside of that.
TEST(imperfections, errors_of_covariances_are_those_of_the_table) {
  struct Row {
    Imperfections spec;
    double tau;
    std::array<double, 4> wanted;  // condition 3, 10, 30, 100
  };
  Imperfections symmetric, fine, coarse, asymmetric, skew, power, little, capacitance, six, eight, ten, colour;
  symmetric.mismatch = symmetric.self_mismatch = 0.01;
  fine.mismatch = fine.self_mismatch = 0.001;
  coarse.mismatch = coarse.self_mismatch = 0.05;
  skew.asymmetry = skew.self_mismatch = 0.05;
  little.noise_mismatch = 0.01;
  six.bits = 6;
  asymmetric.asymmetry = asymmetric.self_mismatch = 0.01;
  power.noise_mismatch = 0.1;
  capacitance.capacitance = 0.01;
  eight.bits = 8;
  ten.bits = 10;
  for (const auto& [spec, tau, wanted] :
       {Row{symmetric, 0, {.012, .022, .052, .14}}, Row{fine, 0, {.0012, .0021, .0045, .013}},
        Row{coarse, 0, {.059, .117, .25, .51}}, Row{asymmetric, 0, {.011, .020, .046, .11}},
        Row{skew, 0, {.056, .098, .21, .48}}, Row{power, 0, {.089, .077, .062, .059}},
        Row{little, 0, {.009, .0075, .0066, .0055}}, Row{six, 0, {.039, .089, .20, .51}},
        Row{capacitance, 0, {.009, .007, .006, .006}}, Row{eight, 0, {.010, .021, .050, .13}},
        Row{ten, 0, {.0024, .005, .012, .032}}, Row{colour, 0.03, {.015, .0058, .0022, .0007}},
        Row{colour, 0.1, {.048, .019, .0072, .0024}}, Row{colour, 0.3, {.13, .053, .021, .0068}}}) {
    for (int k = 0; k < 4; ++k) {
      const double condition = std::array{3.0, 10.0, 30.0, 100.0}[k];
      EXPECT_NEAR(spread_of(spec, condition, tau).median / wanted[k], 1, 0.35)
          << "mismatch " << spec.mismatch << " bits " << spec.bits << " tau " << tau << " condition " << condition;
    }
  }
}

TEST(imperfections, strong_faults_leave_soft_machines_without_an_equilibrium) {
  Imperfections strong, rough;
  strong.mismatch = strong.self_mismatch = 0.05;
  rough.bits = 4;
  EXPECT_EQ(spread_of(strong, 10).unstable, 0);
  EXPECT_NEAR(spread_of(strong, 100).unstable, 0.29, 0.13);
  EXPECT_NEAR(spread_of(rough, 100).unstable, 0.94, 0.06);
}

// Coloured noise of one linear node: Var = (kT / lambda) / (1 + lambda tau), exact.
TEST(imperfections, coloured_noise_has_its_closed_form) {
  for (const double lambda : {0.5, 2.0}) {
    LinearSystem node{Matrix(1, 1), {0.0}, Matrix(1, 1)};
    node.drift(0, 0) = lambda;
    node.noise(0, 0) = 2;
    Imperfections spec;
    spec.correlation_time = 0.3;
    const LinearSystem chip = perturb(node, spec, 1);
    ASSERT_EQ(chip.size(), 2);
    EXPECT_NEAR(linear::stationary_covariance(chip)(0, 0), 1 / lambda / (1 + 0.3 * lambda), 1e-14);
  }
}

// White noise N through a node of rate lambda gives N / (2 lambda), a slow process of variance s^2 and rate r gives
// s^2 / (lambda (lambda + r)), exact; and the sum of them has S f_c / f at the node's input, within
// the ripple of one process a decade, 2 / cosh(pi^2 / ln 10) = 5.5 %, and 2 % for its ends.
TEST(imperfections, flicker_noise_has_its_closed_form_and_its_spectrum) {
  constexpr double kLambda = 0.7, kNoise = 2, kCorner = 0.05;
  LinearSystem node{Matrix(1, 1), {0.0}, Matrix(1, 1)};
  node.drift(0, 0) = kLambda;
  node.noise(0, 0) = kNoise;
  Imperfections spec;
  spec.flicker_corner = kCorner;
  spec.flicker_decades = 4;
  const LinearSystem chip = perturb(node, spec, 1);
  ASSERT_EQ(chip.size(), 5);
  const double square = 2 * kNoise * kCorner * std::log(10.0);
  double variance = kNoise / (2 * kLambda);
  for (int k = 0; k < 4; ++k) {
    const double rate = 2 * M_PI * kCorner / std::pow(10.0, k);
    variance += square / (kLambda * (kLambda + rate));
  }
  EXPECT_NEAR(linear::stationary_covariance(chip)(0, 0), variance, 1e-12 * variance);
  for (double f = kCorner / 100; f < kCorner / 20; f *= 1.3) {
    double spectrum = 0;
    for (int64_t k = 1; k < 5; ++k)
      spectrum += 2 * chip.noise(k, k) / (std::pow(chip.drift(k, k), 2) + std::pow(2 * M_PI * f, 2));
    EXPECT_NEAR(spectrum / (2 * kNoise * kCorner / f), 1, 0.075) << f;
  }
}

// Of asymmetric couplings each direction has a draw of its own, of the spread asked for. 40 chips of 28 pairs: five
// standard errors are 11 % of a variance, and 0.15 of a correlation.
TEST(imperfections, asymmetric_couplings_have_a_draw_for_each_direction) {
  Imperfections spec;
  spec.asymmetry = 0.05;
  const LinearSystem system = gaussian(3, 1);
  double square = 0, product = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const LinearSystem chip = perturb(system, spec, seed);
    for (int64_t i = 0; i < kSize; ++i) {
      EXPECT_EQ(chip.drift(i, i), system.drift(i, i));
      for (int64_t j = 0; j < i; ++j) {
        const double there = chip.drift(i, j) / system.drift(i, j) - 1,
                     back = chip.drift(j, i) / system.drift(j, i) - 1;
        square += (there * there + back * back) / 2 / (40 * 28);
        product += there * back / (40 * 28);
      }
    }
  }
  EXPECT_NEAR(square / 0.0025, 1, 0.15);
  EXPECT_NEAR(product / 0.0025, 0, 0.15);
}

// Two equal nodes whose coupling follows with the time constant T: each of the modes x_1 +- x_2 obeys dz = -(k z +- J
// y) dt + sqrt(2) dW, dy = (z - y) dt / T. By hand, with K = k +- J and from d<y^2>, d<z y> and d<z^2> at rest, <z^2> =
// (1 + T K) / (K + k T K), which is 1 / K without delay and 1 / k for a coupling that never comes.
TEST(imperfections, couplings_that_lag_have_their_closed_form) {
  const double k = 1.5, J = 0.7;
  LinearSystem pair{Matrix(2, 2), {0, 0}, Matrix(2, 2)};
  pair.drift.values = {k, J, J, k};
  pair.noise.values = {2, 0, 0, 2};
  for (const double delay : {0.0, 0.2, 50.0}) {
    Imperfections spec;
    spec.delay = delay;
    const LinearSystem chip = perturb(pair, spec, 1);
    EXPECT_EQ(chip.size(), delay > 0 ? 4 : 2);
    const Matrix S = linear::stationary_covariance(chip);
    const auto mode = [&](double K) { return (1 + delay * K) / (K + k * delay * K); };
    EXPECT_NEAR(S(0, 0) + S(0, 1), mode(k + J), 1e-12) << delay;
    EXPECT_NEAR(S(0, 0) - S(0, 1), mode(k - J), 1e-12) << delay;
  }
}

// A capacitance more slows a unit. Injected noise stays the same current, so that its node is colder; a computer, with
// one kT, moves its noise with the mobility. Leakage adds to the second derivative, offsets to the bias.
TEST(imperfections, parasitics_leakage_and_offsets_act_where_they_should) {
  Imperfections spec;
  spec.parasitic = 0.25;
  spec.leakage = 0.3;
  const Computer machine = test::quartic_machine({4}, 1.0);
  const Computer slow = perturb(machine, spec, 1);
  EXPECT_NEAR(slow.mobility[2], machine.mobility[2] / 1.25, 1e-12);
  EXPECT_NEAR(slow.J2[2], machine.J2[2] + 0.15, 1e-12);
  const LinearSystem system = gaussian(10, 3), cold = perturb(system, spec, 1);
  EXPECT_NEAR(cold.drift(1, 1), (system.drift(1, 1) + 0.3) / 1.25, 1e-12);
  EXPECT_NEAR(cold.drift(1, 2), system.drift(1, 2) / 1.25, 1e-12);
  EXPECT_NEAR(cold.noise(1, 1), system.noise(1, 1) / (1.25 * 1.25), 1e-12);
  spec = {};
  spec.offset = 0.2;
  double of_computer = 0, of_system = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const Computer chip = perturb(machine, spec, seed);
    const double before = machine.sets[0].bias.empty() ? 0 : machine.sets[0].bias[1];
    of_computer += std::pow(chip.sets[0].bias[1] - before, 2) / 200;
    of_system += std::pow(perturb(system, spec, seed).c[1], 2) / 200;
  }
  // Five standard errors of a variance of 200 normals.
  EXPECT_NEAR(of_computer / 0.04, 1, 0.5);
  EXPECT_NEAR(of_system / 0.04, 1, 0.5);
}

// Two nodes with the couplings J (1 + e) and J (1 - e): D = 1, K = [[a, J(1+e)], [J(1-e), a]]; S and the entropy
// production rate tr(K' K S) - tr K by hand: 2 J^2 e^2 / a.
TEST(imperfections, asymmetry_makes_entropy_and_circulation) {
  const double a = 2, J = 0.5;
  for (const double e : {0.0, 0.2}) {
    LinearSystem system{Matrix(2, 2), {0, 0}, Matrix(2, 2)};
    system.drift.values = {a, J * (1 + e), J * (1 - e), a};
    system.noise.values = {2, 0, 0, 2};
    const Matrix S = linear::stationary_covariance(system);
    EXPECT_NEAR(linear::entropy_production_rate(system, S), 2 * J * J * e * e / a, 1e-12);
    const Matrix turn = linear::circulation(system, S);
    EXPECT_NEAR(turn(0, 1), -turn(1, 0), 1e-14);
    EXPECT_NEAR(turn(0, 1), J * e / a, 1e-12);
  }
}

TEST(imperfections, a_perfect_chip_is_the_machine) {
  const LinearSystem system = gaussian(10, 3);
  EXPECT_EQ(perturb(system, {}, 5).drift.values, system.drift.values);
  const Computer machine = test::quartic_machine({6}, 1.0);
  EXPECT_EQ(dense_matrix(perturb(machine, {}, 5), perturb(machine, {}, 5).sets[0]),
            dense_matrix(machine, machine.sets[0]));
}

// Spreads are what they say, pairs stay pairs, and a seed is a chip.
TEST(imperfections, couplings_spread_as_asked_and_stay_reciprocal) {
  const Computer machine = test::quartic_machine({60}, 1.0);
  Imperfections spec;
  spec.mismatch = 0.05;
  const Computer chip = perturb(machine, spec, 11);
  const std::vector<double> before = dense_matrix(machine, machine.sets[0]), after = dense_matrix(chip, chip.sets[0]);
  double square = 0;
  int64_t count = 0;
  for (int64_t i = 0; i < 60; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      EXPECT_EQ(after[i * 60 + j], after[j * 60 + i]);
      if (before[i * 60 + j] == 0) continue;
      square += std::pow(after[i * 60 + j] / before[i * 60 + j] - 1, 2);
      ++count;
    }
  }
  ASSERT_GT(count, 50);
  // A variance of n normals: relative error sqrt(2 / n); five of them.
  EXPECT_NEAR(square / static_cast<double>(count) / 0.0025, 1, 5 * std::sqrt(2.0 / static_cast<double>(count)));
  EXPECT_EQ(dense_matrix(perturb(machine, spec, 11), perturb(machine, spec, 11).sets[0]), after);
  EXPECT_NE(dense_matrix(perturb(machine, spec, 12), perturb(machine, spec, 12).sets[0]), after);
}

// A unit has one mismatch, whichever coupling set gives it its stiffness.
TEST(imperfections, stiffnesses_of_coupling_sets_are_those_of_the_same_units) {
  Design design = parse_design(test::kStagesDesign, "s.toml");
  test::fill_at_random(design);
  Imperfections spec;
  spec.self_mismatch = 0.2;
  spec.leakage = 0.6;
  const Computer& machine = design.computer;
  const Computer chip = perturb(machine, spec, 5);
  double spread = 0;
  for (int64_t i = 0; i < machine.units(); ++i) {
    const double self = machine.J4[i] > 0 ? chip.J4[i] / machine.J4[i] : (chip.J2[i] - 0.3) / machine.J2[i];
    spread += (self - 1) * (self - 1) / static_cast<double>(machine.units());
    for (size_t k = 0; k < 3; ++k) EXPECT_NEAR(chip.sets[k].J2[i], self * machine.sets[k].J2[i] + 0.3, 1e-12);
  }
  EXPECT_NEAR(std::sqrt(spread), 0.2, 0.15);
}

// The same chip as a computer and as a linear system: each direction's factor, units at temperatures of their own, and
// with coloured noise, 1/f noise and couplings that lag the same covariance.
TEST(imperfections, a_harmonic_computer_is_the_linear_system_that_it_is) {
  Computer machine = test::harmonic_machine(test::random_stiffness(5, 0.5, 2, 3), 0.7);
  LinearSystem system{Matrix(5, 5), std::vector<double>(5), Matrix(5, 5)};
  const std::vector<double> J = dense_matrix(machine, machine.sets[0]);
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 5; ++j) system.drift(i, j) = i == j ? 2 * machine.J2[i] : J[i * 5 + j];
    system.noise(i, i) = 2 * machine.kT;
  }
  Imperfections spec;
  spec.asymmetry = 0.1;
  spec.noise_mismatch = 0.2;
  spec.correlation_time = 0.15;
  spec.flicker_corner = 0.1;
  spec.flicker_decades = 2;
  spec.delay = 0.05;
  const Computer chip = with_memory_as_units(perturb(machine, spec, 8), 1e-7);
  const LinearSystem wanted = perturb(system, spec, 8);
  const int64_t n = chip.units();
  ASSERT_EQ(n, wanted.size());
  LinearSystem got{Matrix(n, n), std::vector<double>(n), Matrix(n, n)};
  const std::vector<double> all = dense_matrix(chip, chip.sets[0]);
  for (int64_t i = 0; i < n; ++i) {
    const double mu = chip.mobility[i];
    for (int64_t j = 0; j < n; ++j) got.drift(i, j) = mu * (i == j ? 2 * chip.J2[i] : all[i * n + j]);
    got.noise(i, i) = 2 * mu * chip.warmth[i] * chip.kT;
  }
  const Matrix A = linear::stationary_covariance(got), B = linear::stationary_covariance(wanted);
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t j = 0; j < 5; ++j) EXPECT_NEAR(A(i, j), B(i, j), 2e-5 * B(0, 0)) << i << " " << j;
  }
}

// Forces of a chip whose couplings saturate are those that the circuit of the same machine evaluates (hardware/spice),
// on random states; and with X beyond all states those of the machine.
TEST(imperfections, couplings_saturate_as_those_of_the_circuit) {
  const Computer machine = test::quartic_machine({9, 4}, 1.0);
  for (const double X : {0.4, 2.0}) {
    Imperfections spec;
    spec.saturation = X;
    const Computer chip = perturb(machine, spec, 1);
    const spice::Circuit circuit = spice::make_circuit(machine, machine.sets[0], "chip", {.saturation = X});
    const std::vector<spice::Unit> units = spice::unit_laws(circuit);
    for (uint64_t k = 0; k < 100; ++k) {
      std::vector<double> x;
      for (uint64_t i = 0; i < 13; ++i) x.push_back(3 * test::fixed_normal(60 + k, i));
      const std::vector<double> here = gradient(chip, {&chip.sets[0], {}}, x),
                                there = spice::gradient(circuit, units, x);
      for (size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(here[i], there[i], 1e-12 * (1 + std::abs(there[i])));
    }
    EXPECT_FALSE(has_potential(chip));
    RunOptions options = test::run_options(0.01, 2, 1);
    const Protocol protocol{"p", {test::hold(chip, 0.1, 0)}};
    options.engine = EngineKind::automatic;
    EXPECT_EQ(run(chip, protocol, options).engine, "cpu");
  }
}

// A coupling between groups has a factor for each direction, too, and p-bits have what computers have.
TEST(imperfections, directed_couplings_of_computers_and_p_bits_spread_as_asked) {
  Imperfections spec;
  spec.asymmetry = 0.05;
  const Computer machine = test::quartic_machine({20, 30}, 1.0), chip = perturb(machine, spec, 4);
  const std::vector<double> before = dense_matrix(machine, machine.sets[0]), after = dense_matrix(chip, chip.sets[0]);
  double square = 0, product = 0, pairs = 0;
  for (int64_t i = 0; i < 50; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      const double there = after[i * 50 + j] / before[i * 50 + j] - 1,
                   back = after[j * 50 + i] / before[j * 50 + i] - 1;
      square += (there * there + back * back) / 2;
      product += there * back;
      ++pairs;
    }
  }
  // 1225 pairs: five standard errors of a variance of 2450 normals are 14 %, of a correlation 0.14.
  EXPECT_NEAR(square / pairs / 0.0025, 1, 0.14);
  EXPECT_NEAR(product / pairs / 0.0025, 0, 0.14);
  const IsingModel model = square_lattice(20, 20, 1), bits = perturb(model, spec, 4);
  EXPECT_TRUE(bits.directed);
  square = 0;
  for (size_t e = 0; e < bits.J.size(); ++e) square += std::pow(bits.J[e] / model.J[e] - 1, 2);
  EXPECT_NEAR(square / static_cast<double>(bits.J.size()) / 0.0025, 1, 5 * std::sqrt(2.0 / 1600));
  EXPECT_FALSE(perturb(model, {}, 4).directed);
}

TEST(imperfections, what_a_machine_cannot_have_is_refused) {
  for (double Imperfections::*fault :
       {&Imperfections::noise_mismatch, &Imperfections::correlation_time, &Imperfections::flicker_corner,
        &Imperfections::delay, &Imperfections::saturation, &Imperfections::leakage,
        &Imperfections::temperature_drift}) {
    Imperfections spec;
    spec.*fault = 0.1;
    EXPECT_THROW(perturb(square_lattice(3, 3, 1), spec, 1), InputError);
    EXPECT_NO_THROW(perturb(test::quartic_machine({4}, 1.0), spec, 1));
  }
  for (double Imperfections::*fault : {&Imperfections::saturation, &Imperfections::temperature_drift}) {
    Imperfections spec;
    spec.*fault = 0.1;
    EXPECT_THROW(perturb(gaussian(3, 1), spec, 1), InputError);
  }
}

TEST(imperfections, p_bits_lose_couplings_and_gain_fields) {
  const IsingModel model = square_lattice(20, 20, 1);
  Imperfections spec;
  spec.stuck = 0.25;
  spec.offset = 0.5;
  const IsingModel chip = perturb(model, spec, 3);
  int64_t open = 0;
  double square = 0;
  for (const double J : chip.J) open += J == 0;
  for (const double h : chip.h) square += h * h / 400;
  const auto left =
      static_cast<double>(chip.J.size() - static_cast<size_t>(open)) / static_cast<double>(model.J.size());
  EXPECT_NEAR(left, 0.75, 5 * std::sqrt(0.25 * 0.75 / 800));
  EXPECT_NEAR(square / 0.25, 1, 5 * std::sqrt(2.0 / 400));
}

const std::vector<double> kUnit = {1.0};  // mu kT of every unit

TEST(imperfections, a_converter_has_its_levels_and_clips) {
  Imperfections spec;
  spec.readout_bits = 3;
  spec.readout_range = 1;
  std::vector<float> values = {-5, -0.9f, 0.01f, 0.3f, 5};
  read_out(values, spec, 1, kUnit);
  const float step = 2.0f / 7;
  EXPECT_FLOAT_EQ(values[0], -1);
  EXPECT_FLOAT_EQ(values[2], step / 2);
  EXPECT_FLOAT_EQ(values[3], 1.5f * step);
  EXPECT_FLOAT_EQ(values[4], 1);
  spec = {};
  spec.readout_noise = 0.1;
  std::vector<float> many(20000, 1.0f);
  read_out(many, spec, 1, kUnit);
  double square = 0;
  for (const float value : many) square += std::pow(static_cast<double>(value) - 1, 2) / 20000;
  EXPECT_NEAR(square / 0.01, 1, 5 * std::sqrt(2.0 / 20000));
}

// Increments of Brownian motion over a time |d|, d normal of spread s: <y^2> = 2 mu kT s sqrt(2 / pi), and <y^4> = 3 (2
// mu kT)^2 s^2, which a normal number of that variance does not have (kurtosis 3 pi / 2). Two units of different mu kT.
// Five standard errors of 2e5 values: 1.6 % and 6 %, from the moments up to the eighth, 105 (2 mu kT)^4 3 s^4.
TEST(imperfections, a_clock_that_jitters_reads_what_has_diffused) {
  Imperfections spec;
  spec.readout_jitter = 0.01;
  const std::vector<double> diffusion = {0.5, 2.0};
  std::vector<float> values(400000, 1.0f);
  read_out(values, spec, 1, diffusion);
  for (const size_t unit : {size_t{0}, size_t{1}}) {
    double second = 0, fourth = 0;
    for (size_t k = unit; k < values.size(); k += 2) {
      const double y = static_cast<double>(values[k]) - 1;
      second += y * y / 200000;
      fourth += y * y * y * y / 200000;
    }
    const double variance = 2 * diffusion[unit] * spec.readout_jitter;
    EXPECT_NEAR(second / (variance * std::sqrt(2 / M_PI)), 1, 0.02) << unit;
    EXPECT_NEAR(fourth / (3 * variance * variance), 1, 0.06) << unit;
  }
}

// Chips of one specification are not all as warm: kT over the design's has the mean and the spread asked for, of
// computers and of linear systems alike. 400 chips: five standard errors are 2.5 % of the mean and 18 % of the spread.
TEST(imperfections, temperatures_spread_from_chip_to_chip) {
  Imperfections spec;
  spec.temperature = 1.5;
  spec.temperature_spread = 0.1;
  const Computer machine = test::quartic_machine({4}, 1.0);
  const LinearSystem system = gaussian(10, 3);
  double sum = 0, square = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const double factor = perturb(machine, spec, seed).kT / machine.kT;
    EXPECT_NEAR(perturb(system, spec, seed).noise(2, 2) / system.noise(2, 2), factor, 1e-12);
    sum += factor / 400;
    square += factor * factor / 400;
  }
  EXPECT_NEAR(sum, 1.5, 0.04);
  EXPECT_NEAR(std::sqrt(square - sum * sum) / 0.15, 1, 0.18);
  EXPECT_THROW(perturb(square_lattice(3, 3, 1), spec, 1), InputError);
}

TEST(imperfections, specifications_are_read_and_hostile_ones_refused) {
  const Imperfections spec = parse_imperfections(R"(
name = "board"
[couplings]
mismatch = "1.5 %"
bits = 6
rounding = "stochastic"
[units]
offset = 0.02
[noise]
mismatch = 0.1
[readout]
bits = 8
)",
                                                 "chip.toml");
  EXPECT_EQ(spec.name, "board");
  EXPECT_DOUBLE_EQ(spec.mismatch, 0.015);
  EXPECT_EQ(spec.bits, 6);
  EXPECT_EQ(spec.rounding, Rounding::stochastic);
  EXPECT_EQ(spec.readout_bits, 8);
  const Imperfections warm = parse_imperfections(
      "[temperature]\nchange = 20\nspread = 3\ncouplings = \"-200 ppm\"\nunits = 1e-4\ncapacitance = \"30ppm\"\nnoise "
      "= \"3300 ppm\"\n",
      "chip.toml");
  EXPECT_EQ(warm.warming, 20);
  EXPECT_EQ(warm.warming_spread, 3);
  EXPECT_DOUBLE_EQ(warm.coupling_coefficient, -2e-4);
  EXPECT_DOUBLE_EQ(warm.unit_coefficient, 1e-4);
  EXPECT_DOUBLE_EQ(warm.capacitance_coefficient, 3e-5);
  EXPECT_DOUBLE_EQ(warm.noise_coefficient, 3.3e-3);
  for (const char* text : {"[couplings]\nmismatch = 2\n",
                           "[couplings]\nbits = 1\n",
                           "[couplings]\nbits = 2.5\n",
                           "[couplings]\nmismach = 0.1\n",
                           "[noise]\ntemperature = 0\n",
                           "[units]\noffset = nan\n",
                           "[couplings]\nmismatch = \"much\"\n",
                           "[readout]\njitter = 0.2\n",
                           "[couplings]\nsaturation = -1\n",
                           "[noise]\ntemperature_drift = -1\n",
                           "[noise]\ntemperature_spread = -0.1\n",
                           "[what]\na = 1\n",
                           "[couplings]\nrounding = \"up\"\n",
                           "[readout]\nrange = -1\n",
                           "[noise]\nflicker_decades = 2.5\n",
                           "[noise]\nflicker_decades = 1e300\n",
                           "couplings = 3\n",
                           "[couplings\n",
                           "[couplings]\nbits = 1e300\n",
                           "[temperature]\nchange = -400\n",
                           "[temperature]\nspread = -1\n",
                           "[temperature]\ncouplings = 0.2\n",
                           "[temperature]\nunits = \"1 %\"\n",
                           "[temperature]\nwarmth = 3\n"})
    EXPECT_THROW(parse_imperfections(text, "chip.toml"), InputError) << text;
}

}  // namespace
}  // namespace swell::hardware
