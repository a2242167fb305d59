#include "swell/hardware/precision.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "swell/base/errors.h"

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

TEST(precision, bits_out_of_range_are_refused) {
  EXPECT_THROW(quantise(random_pair_machine(), 1), InputError);
  EXPECT_THROW(quantise(random_pair_machine(), 25), InputError);
}

}  // namespace
}  // namespace swell::hardware
