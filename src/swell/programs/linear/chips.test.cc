#include "swell/programs/linear/chips.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"

namespace swell::linear {
namespace {

Matrix stiffness(int n, double low, double high, uint64_t which) {
  const Eigen::MatrixXd A = test::random_stiffness(n, low, high, which);
  Matrix a(n, n);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) a(i, j) = A(i, j);
  }
  return a;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// A fault that multiplies everything alike has a closed form for every task: leakage L of every unit turns A into
// A + L 1.
TEST(chips_of_linear_algebra, leakage_shifts_every_answer_as_it_must) {
  Matrix a(1, 1);
  a(0, 0) = 2;
  hardware::Imperfections spec;
  spec.leakage = 0.5;
  EXPECT_NEAR(inverse_on_chips(a, spec, 1, 1).error[0], 1 - 2 / 2.5, 1e-12);
  EXPECT_NEAR(gaussian_on_chips(a, true, spec, 1, 1).error[0], 1 - 2 / 2.5, 1e-12);
  // Of a covariance 2: drift 2.5, noise 2 x 4.
  EXPECT_NEAR(gaussian_on_chips(a, false, spec, 1, 1).error[0], 1 - 4 / 2.5 / 2, 1e-12);
  // e^{-2.5 t} over e^{-2 t} at t = 0.5 (drift 1 and leakage 0.5), with the covariance 2 / (2 x 1.5) in place of 1.
  EXPECT_NEAR(exponential_on_chips(a, 0.5, spec, 1, 1).error[0], 1 - std::exp(-1.5) / 1.5 / std::exp(-1), 1e-12);
}

// Of two units with the coupling c and the stiffness a: ln det = 2 ln a + ln(1 - c^2 / a^2). A chip on which the
// diagonal is a + L answers 2 ln a - int 2 c s c / ((a + L)^2 - s^2 c^2) ds = 2 ln a + ln(1 - c^2 / (a + L)^2).
TEST(chips_of_linear_algebra, log_determinant_of_a_chip_is_that_of_its_own_work) {
  Matrix a(2, 2);
  a.values = {2, 1.5, 1.5, 2};
  hardware::Imperfections spec;
  spec.leakage = 0.5;
  const ChipErrors chips = log_determinant_on_chips(a, spec, 1, 1);
  const double exact = std::log(4 - 2.25), chip = 2 * std::log(2.0) + std::log(1 - 2.25 / 6.25);
  EXPECT_NEAR(chips.error[0], std::abs(chip - exact), 1e-9);
  EXPECT_LT(chips.perfect, 1e-6);
}

TEST(chips_of_linear_algebra, small_faults_make_small_errors_in_proportion) {
  const Matrix a = stiffness(6, 0.5, 2, 5);
  const auto errors = [&](double size) {
    hardware::Imperfections spec;
    spec.mismatch = spec.self_mismatch = size;
    return std::array{median(exponential_on_chips(a, 0.7, spec, 40, 3).error),
                      median(log_determinant_on_chips(a, spec, 40, 3).error),
                      median(gaussian_on_chips(a, false, spec, 40, 3).error)};
  };
  const auto small = errors(1e-4), large = errors(1e-3);
  for (size_t k = 0; k < small.size(); ++k) {
    EXPECT_GT(small[k], 1e-6) << k;
    // The same draws, ten times as large: first order, and what the second adds to it.
    EXPECT_NEAR(large[k] / small[k], 10, 0.2) << k;
  }
}

// Stopped, the chips so far are the answer.
TEST(chips_of_linear_algebra, an_interrupted_batch_is_of_the_chips_that_were_tried) {
  const Matrix a = stiffness(4, 0.5, 2, 5);
  hardware::Imperfections spec;
  spec.mismatch = 0.1;
  const std::vector<double> whole = inverse_on_chips(a, spec, 9, 3).error;
  int asked = 0;
  const auto three = [&] { return ++asked <= 3; };
  const std::vector<double> part = inverse_on_chips(a, spec, 9, 3, three).error;
  EXPECT_EQ(part, std::vector<double>(whole.begin(), whole.begin() + 3));
  // Of ln det every stage asks as well: 16 a chip, after 16 of the machine as designed.
  for (const int chips : {0, 2}) {
    asked = 0;
    const auto go_on = [&] { return ++asked <= 16 + 17 * chips - 5 * (chips == 0); };
    EXPECT_EQ(log_determinant_on_chips(a, spec, 9, 3, go_on).error.size(), static_cast<size_t>(chips));
  }
  CalibrationOptions options;
  options.samples = 200;
  int begun = 0;
  options.progress = [&](const Progress& at) { return at.done > 0 || ++begun <= 2; };
  EXPECT_EQ(inverse_on_calibrated_chips(a, spec, 9, 3, options).after.error.size(), 2u);
}

// A mistake of the user is no fault of the chips.
TEST(chips_of_linear_algebra, calibration_with_too_few_samples_is_refused) {
  const Matrix a = stiffness(8, 0.3, 1, 9);
  CalibrationOptions options;
  options.samples = 71;  // of 36 parameters
  EXPECT_THROW(inverse_on_calibrated_chips(a, {}, 2, 4, options), InputError);
  options.samples = 72;
  EXPECT_NO_THROW(inverse_on_calibrated_chips(a, {}, 1, 4, options));  // it may fail for the noise
  options.samples = 1 << 20;
  EXPECT_THROW(inverse_on_calibrated_chips(stiffness(100, 0.3, 1, 9), {}, 1, 4, options), InputError);
}

// Newton's steps with N samples in each of 20 rounds: the inverse of a calibrated chip is off by about what 20 N
// samples leave of a covariance, sqrt((n + 1) / 20 N) relative. Mismatch of a tenth makes 0.2.
TEST(chips_of_linear_algebra, calibrated_chips_answer_as_well_as_their_samples_allow) {
  const Matrix a = stiffness(8, 0.3, 1, 9);
  hardware::Imperfections spec;
  spec.mismatch = spec.self_mismatch = 0.1;
  spec.noise_mismatch = 0.05;
  CalibrationOptions options;
  options.samples = 2000;
  const CalibratedChips chips = inverse_on_calibrated_chips(a, spec, 6, 4, options);
  ASSERT_EQ(chips.after.error.size(), 6u);
  const double left = std::sqrt(9.0 / (20 * 2000));
  EXPECT_GT(median(chips.before.error), 0.08);
  for (const double error : chips.after.error) EXPECT_LT(error, 3 * left);
  EXPECT_GT(median(chips.after.error), left / 3);
  // Chips that have no faults are off by no more.
  const CalibratedChips perfect = inverse_on_calibrated_chips(a, {}, 2, 4, options);
  for (const double error : perfect.before.error) EXPECT_LT(error, 1e-12);
  for (const double error : perfect.after.error) EXPECT_LT(error, 3 * left);
}

}  // namespace
}  // namespace swell::linear
