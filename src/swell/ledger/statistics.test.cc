#include "swell/ledger/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "swell/ledger/to_json.h"

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

TEST(statistics, an_estimate_without_an_error_says_so_and_none_is_nan) {
  EXPECT_EQ(to_text(estimate(std::vector<double>{1, 2, 4, 9})), "4 +- 1.8");
  EXPECT_EQ(to_text(estimate(std::vector<double>{-3.25})), "-3.25 (one value, no error)");
  EXPECT_EQ(to_text(estimate({})), "no values");
  EXPECT_EQ(to_text({22.74, std::nan(""), 5}), "22.74 (no error)");
  EXPECT_EQ(to_text({std::nan(""), 1, 5}), "not a finite number");
  EXPECT_FALSE(estimate(std::vector<double>{1}).has_error());
  EXPECT_TRUE(estimate(std::vector<double>{1, 1}).has_error());
  const Estimate tenfold = scaled({1, 0.5, 7}, -10);
  EXPECT_EQ(tenfold.mean, -10);
  EXPECT_EQ(tenfold.stderr_of_mean, 5);
  EXPECT_EQ(tenfold.count, 7);
}

// JSON has no NaN, and an error of 0 would claim that nothing is uncertain.
TEST(statistics, estimates_without_an_error_are_null_with_their_count_and_unit) {
  EXPECT_EQ(to_json(Estimate{3, 0, 1}, "kT").dump(), R"({"value":3.0,"stderr":null,"count":1,"unit":"kT"})");
  EXPECT_EQ(to_json(Estimate{}, "J").dump(), R"({"value":null,"stderr":null,"count":0,"unit":"J"})");
  EXPECT_EQ(to_json(Estimate{3, std::nan(""), 5}, "1").dump(), R"({"value":3.0,"stderr":null,"count":5,"unit":"1"})");
  EXPECT_EQ(to_json(Estimate{3, 0.5, 5}, "E0").dump(), R"({"value":3.0,"stderr":0.5,"count":5,"unit":"E0"})");
}

// Two-sided tails of Student's law from tables: 2.776 at 4 degrees of freedom is 5 %, 12.71 at 1 as well, 3.291 of the
// normal law 0.1 %. Above 40 degrees of freedom Wallace's form is good to a percent.
TEST(statistics, chance_is_that_of_students_law) {
  EXPECT_NEAR(chance_of(2.7764, 5, 1), 0.05, 1e-5);
  EXPECT_NEAR(chance_of(12.706, 2, 1), 0.05, 1e-5);
  EXPECT_NEAR(chance_of(4.3027, 3, 1), 0.05, 1e-5);
  EXPECT_NEAR(chance_of(2.0211, 41, 1), 0.05, 1e-5);
  EXPECT_NEAR(chance_of(3.291, 100000, 1), 1e-3, 2e-5);
  EXPECT_NEAR(chance_of(-3.291, 100000, 10), 1e-2, 2e-4);
  EXPECT_EQ(chance_of(0.1, 1000, 50), 1);
  EXPECT_EQ(chance_of(5, 1, 1), 1);  // one value tells nothing
  EXPECT_EQ(chance_of(INFINITY, 10, 1), 0);
}

}  // namespace swell
