#include "swell/ledger/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace swell {

// 1, 2, 4, 9: mean 4, squares of deviations 9 + 4 + 0 + 25 = 38, s^2 = 38/3, error sqrt(38/12).
TEST(statistics, mean_and_error_are_those_of_a_small_sample_by_hand) {
  const Estimate result = estimate(std::vector<double>{1, 2, 4, 9});
  EXPECT_DOUBLE_EQ(result.mean, 4);
  EXPECT_DOUBLE_EQ(result.stderr_of_mean, std::sqrt(38.0 / 12.0));
  EXPECT_EQ(result.count, 4);
}

TEST(statistics, fewer_than_two_values_have_no_error) {
  const Estimate one = estimate(std::vector<double>{-3});
  EXPECT_EQ(one.mean, -3);
  EXPECT_EQ(one.stderr_of_mean, 0);
  const Estimate none = estimate({});
  EXPECT_EQ(none.mean, 0);
  EXPECT_EQ(none.count, 0);
}

// Deviations are taken from the mean, so a large offset costs no digits of the error: 1e9 + {0, 1} has error 1/2.
TEST(statistics, error_of_values_far_from_zero_keeps_its_digits) {
  EXPECT_NEAR(estimate(std::vector<double>{1e9, 1e9 + 1}).stderr_of_mean, 0.5, 1e-6);
}

}  // namespace swell
