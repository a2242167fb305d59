#include "swell/hardware/precision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/model/sparse.h"

namespace swell::hardware {
namespace {

Computer random_pair_machine() {
  Computer computer;
  computer.groups = {{"a", {40}, 0, 40}, {"b", {30}, 40, 30}};
  computer.J2.assign(70, 1.0);
  computer.J3.assign(70, 0.0);
  computer.J4.assign(70, 1.0);
  computer.mobility.assign(70, 1.0);
  DenseWeights weights;
  for (int k = 0; k < 1200; ++k) weights.values.push_back(std::sin(1.0 + k * 12.9898) * 0.7);
  computer.sets = {{"learned", {{0, 1, weights}}, std::vector<double>(70, 0.0), {0, 1}}};
  return computer;
}

const std::vector<double>& values(const Computer& computer) {
  return std::get<DenseWeights>(computer.sets[0].blocks[0].weights).values;
}

TEST(precision, couplings_stand_on_two_to_the_bits_levels_and_move_by_half_a_step_at_most) {
  const Computer fine = random_pair_machine();
  double largest = 0;
  for (const double value : values(fine)) largest = std::max(largest, std::abs(value));
  for (const int bits : {2, 3, 4, 8}) {
    const Computer coarse = quantise(fine, bits);
    const double step = largest / (std::exp2(bits - 1) - 1);
    std::set<long> levels;
    for (size_t k = 0; k < values(fine).size(); ++k) {
      EXPECT_LE(std::abs(values(coarse)[k] - values(fine)[k]), 0.5 * step * (1 + 1e-12));  // rounding of the division
      levels.insert(std::lround(values(coarse)[k] / step));
    }
    EXPECT_LE(levels.size(), static_cast<size_t>(std::exp2(bits) - 1));
    EXPECT_GE(levels.size(), static_cast<size_t>(std::exp2(std::min(bits, 4)) - 1));
  }
}

TEST(precision, biases_that_the_design_does_not_have_stay_zero) {
  const Computer coarse = quantise(random_pair_machine(), 3);
  for (const double bias : coarse.sets[0].bias) EXPECT_EQ(bias, 0.0);
}

// A hundredth of the couplings' size: on the couplings' levels they would all be zero. Three bits: -3 to 3 steps.
TEST(precision, biases_stand_on_levels_of_their_own) {
  Computer fine = random_pair_machine();
  double largest = 0;
  for (int i = 40; i < 70; ++i) {
    fine.sets[0].bias[i] = 0.007 * std::sin(1.0 + i);
    largest = std::max(largest, std::abs(fine.sets[0].bias[i]));
  }
  const Computer coarse = quantise(fine, 3);
  const double step = largest / 3;
  for (int i = 0; i < 70; ++i) {
    const double value = coarse.sets[0].bias[i];
    EXPECT_LE(std::abs(value - fine.sets[0].bias[i]), 0.5 * step * (1 + 1e-12)) << i;
    EXPECT_NEAR(value / step, std::round(value / step), 1e-12) << i;
  }
}

// Over many chips the mean of each coupling is its value: 4000 draws on two levels a step apart leave an error of at
// most step/(2 sqrt(4000)); six of them for each of 1200 couplings are a false alarm of 2e-6 x 1e-3 together with a
// fixed seed.
TEST(precision, stochastic_rounding_is_right_on_average_and_differs_between_chips) {
  const Computer fine = random_pair_machine();
  constexpr int kChips = 4000;
  double largest = 0;
  for (const double value : values(fine)) largest = std::max(largest, std::abs(value));
  const double step = largest / 3;
  std::vector<double> mean(values(fine).size(), 0.0);
  for (int chip = 0; chip < kChips; ++chip) {
    const Computer coarse = quantise(fine, 3, Rounding::stochastic, chip);
    for (size_t k = 0; k < mean.size(); ++k) {
      mean[k] += values(coarse)[k] / kChips;
      ASSERT_LT(std::abs(values(coarse)[k] - values(fine)[k]), step * (1 + 1e-12));
    }
  }
  for (size_t k = 0; k < mean.size(); ++k) EXPECT_NEAR(mean[k], values(fine)[k], 6 * step / 2 / std::sqrt(kChips)) << k;
  EXPECT_NE(values(quantise(fine, 3, Rounding::stochastic, 1)), values(quantise(fine, 3, Rounding::stochastic, 2)));
  EXPECT_EQ(values(quantise(fine, 3, Rounding::stochastic, 1)), values(quantise(fine, 3, Rounding::stochastic, 1)));
}

// Dense or sparse, a coupling within a group is one parameter of the device: its two entries stay equal.
TEST(precision, rounded_couplings_stay_symmetric) {
  const Computer dense = test::quartic_machine({9}, 1.0);
  EXPECT_NO_THROW(validate(quantise(dense, 2, Rounding::stochastic, 5), "chip"));
  Computer sparse = dense;
  sparse.sets[0].blocks[0].weights =
      sparse_from_edges(9, 9, true, {{0, 1, 0.3}, {4, 2, -0.7}, {8, 0, 0.1}, {7, 3, 0.45}});
  const Computer chip = quantise(sparse, 2, Rounding::stochastic, 5);
  EXPECT_NO_THROW(validate(chip, "chip"));
  for (const double value : std::get<SparseWeights>(chip.sets[0].blocks[0].weights).values)
    EXPECT_TRUE(value == 0 || std::abs(value) == 0.7) << value;
}

TEST(precision, bits_out_of_range_are_refused) {
  EXPECT_THROW(quantise(random_pair_machine(), 1), InputError);
  EXPECT_THROW(quantise(random_pair_machine(), 25), InputError);
}

}  // namespace
}  // namespace swell::hardware
