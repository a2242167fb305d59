// Chips at another temperature, and chips without a minimum (hardware/imperfections.h).

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/engine/linear/stationary.h"
#include "swell/hardware/imperfections.h"
#include "swell/physics/potential.h"

namespace swell::hardware {
namespace {

// Six quantities dz = -K z dt + sqrt(2) dW with a symmetric K, eigenvalues 0.5 to 3.
LinearSystem gaussian() {
  LinearSystem system{Matrix(6, 6), std::vector<double>(6), Matrix(6, 6)};
  const Eigen::MatrixXd K = test::random_stiffness(6, 0.5, 3, 5);
  for (int64_t i = 0; i < 6; ++i) {
    for (int64_t j = 0; j < 6; ++j) system.drift(i, j) = K(i, j);
    system.noise(i, i) = 2;
  }
  return system;
}

// A chip that is warmer by T: what is proportional to J, to J2 and to kT changes by 1 + c T of its own coefficient.
// With all of them alike, a harmonic machine's covariance kT K^-1 stays; with that of kT alone it grows by 1 + c T;
// with those of K alone it shrinks by that. Capacitance moves mobilities, and with them times, but no law at rest.
TEST(imperfections, a_warmer_chip_has_its_closed_forms) {
  const LinearSystem system = gaussian();
  const double c = 2e-3, T = 25, factor = 1 + c * T;
  const Matrix S = linear::stationary_covariance(system);
  const auto ratio = [&](const Imperfections& spec) {
    const Matrix R = linear::stationary_covariance(perturb(system, spec, 1));
    for (size_t k = 0; k < S.values.size(); ++k)
      EXPECT_NEAR(R.values[k] / S.values[k], R.values[0] / S.values[0], 1e-10) << k;
    return R.values[0] / S.values[0];
  };
  Imperfections spec;
  spec.warming = T;
  spec.noise_coefficient = c;
  EXPECT_NEAR(ratio(spec), factor, 1e-10);
  spec.coupling_coefficient = spec.unit_coefficient = c;
  EXPECT_NEAR(ratio(spec), 1, 1e-10);
  spec.noise_coefficient = 0;
  EXPECT_NEAR(ratio(spec), 1 / factor, 1e-10);
  // Computers have the same factors, after their couplings were rounded; p-bits that of couplings alone.
  spec = {.bits = 6, .warming = T, .coupling_coefficient = c, .unit_coefficient = -c, .capacitance_coefficient = 3 * c};
  const Computer machine = test::quartic_machine({9, 4}, 1.0), cold = perturb(machine, {.bits = 6}, 1),
                 chip = perturb(machine, spec, 1);
  const std::vector<double> J = dense_matrix(cold, cold.sets[0]), warm = dense_matrix(chip, chip.sets[0]);
  for (size_t k = 0; k < J.size(); ++k) EXPECT_NEAR(warm[k], factor * J[k], 1e-12);
  for (size_t i = 0; i < 13; ++i) {
    EXPECT_NEAR(chip.J2[i], (1 - c * T) * machine.J2[i], 1e-12);
    EXPECT_NEAR(chip.J4[i], (1 - c * T) * machine.J4[i], 1e-12);
    EXPECT_NEAR(chip.mobility[i], machine.mobility[i] / (1 + 3 * c * T), 1e-12);
  }
  EXPECT_EQ(chip.kT, machine.kT);
  spec = {.warming = T, .coupling_coefficient = c};
  const IsingModel model = square_lattice(3, 3, 1), bits = perturb(model, spec, 1);
  for (size_t e = 0; e < model.J.size(); ++e) EXPECT_NEAR(bits.J[e], factor * model.J[e], 1e-12);
  spec.noise_coefficient = c;
  EXPECT_THROW(perturb(model, spec, 1), InputError);
}

// The change itself spreads from chip to chip, alike for all parts of one chip. 400 chips: five standard errors are 25
// % of a standard error of the mean, and 18 % of the spread.
TEST(imperfections, chips_differ_in_their_temperature) {
  const Imperfections spec{.warming = 10, .warming_spread = 4, .coupling_coefficient = 1e-3, .noise_coefficient = 1e-3};
  const Computer machine = test::quartic_machine({4}, 1.0);
  const double J = dense_matrix(machine, machine.sets[0])[1];
  double sum = 0, square = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    const Computer chip = perturb(machine, spec, seed);
    const double change = (dense_matrix(chip, chip.sets[0])[1] / J - 1) / 1e-3;
    EXPECT_NEAR(chip.kT / machine.kT, 1 + 1e-3 * change, 1e-12);
    sum += change / 400;
    square += change * change / 400;
  }
  EXPECT_NEAR(sum, 10, 5 * 4 / std::sqrt(400.0));
  EXPECT_NEAR(std::sqrt(square - sum * sum) / 4, 1, 0.18);
}

// J4 of a draw below -1 / s of its spread s is below 0, and the unit runs off to infinity: that is an error of its own
// kind, which those who try many chips count.
TEST(imperfections, a_chip_without_a_minimum_says_so) {
  const Computer machine = test::quartic_machine({40}, 1.0);
  Imperfections spec;
  spec.self_mismatch = 0.45;
  int without = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    try {
      perturb(machine, spec, seed);
    } catch (const NoMinimum& error) {
      EXPECT_NE(std::string(error.what()).find("without a minimum"), std::string::npos) << error.what();
      ++without;
    }
  }
  // Of 40 units with a chance of 1.3 % each: 8 of 20 expected.
  EXPECT_GT(without, 1);
  EXPECT_LT(without, 18);
}

}  // namespace
}  // namespace swell::hardware
