#include "swell/learn/time_functions.h"

#include <gtest/gtest.h>

#include <cmath>

namespace swell {

namespace {

// Means that need exactly three time functions, with targets that have a part outside of their span.
OneUnitTable table(std::vector<double> patterns, double shift) {
  OneUnitTable result;
  result.patterns = std::move(patterns);
  result.steps = 200;
  for (int64_t k = 0; k < result.steps; ++k) {
    const double t = static_cast<double>(k) / 200;
    result.weight.push_back(1 + t);
    for (const double p : result.patterns) {
      result.mean.push_back(p * std::exp(-t) + (shift + p * p) * t + 1e-3 * std::sin(9 * t) * p * p * p);
      result.target.push_back(p * std::cos(5 * t) + shift * std::exp(-t) - 2 * p);
      result.square.push_back(1 + p * t);
    }
  }
  return result;
}

}  // namespace

// Against the sums over all steps, between any two patterns of the same or of different tables.
TEST(time_functions, few_of_them_give_the_sums_over_all_steps) {
  const std::vector<OneUnitTable> tables = {table({-1, -0.3, 0.2, 1}, 0.4), table({-2, 0.1, 0.9}, -0.7)};
  const TimeReduction reduction = reduce_times(tables);
  EXPECT_EQ(reduction.rank, 3);
  EXPECT_NEAR(reduction.weight, 200 + 199.0 / 2, 1e-9);
  double worst = 0;
  const int width = 2 * reduction.rank + 3;
  for (size_t u = 0; u < 2; ++u) {
    for (size_t v = 0; v < 2; ++v) {
      const OneUnitTable &left = tables[u], &right = tables[v];
      for (size_t p = 0; p < left.patterns.size(); ++p) {
        for (size_t q = 0; q < right.patterns.size(); ++q) {
          double xx = 0, yx = 0;
          for (int64_t k = 0; k < 200; ++k) {
            const double weighted = left.weight[k] * right.mean[k * right.patterns.size() + q];
            xx += left.mean[k * left.patterns.size() + p] * weighted;
            yx += left.target[k * left.patterns.size() + p] * weighted;
          }
          const double* a = reduction.tables[u].values.data() + p * width;
          const double* b = reduction.tables[v].values.data() + q * width;
          for (int r = 0; r < reduction.rank; ++r) {
            xx -= a[r] * b[r];
            yx -= a[reduction.rank + r] * b[r];
          }
          worst = std::max({worst, std::abs(xx), std::abs(yx)});
        }
      }
    }
  }
  EXPECT_LT(worst / reduction.weight, 1e-11);
  EXPECT_NEAR(worst / reduction.weight, reduction.truncation, 1e-13);  // rounding of 200 terms of order 1
  EXPECT_LT(reduction.truncation, 1e-11);
}

TEST(time_functions, single_sums_are_those_over_the_steps) {
  const OneUnitTable one = table({-1, 0.5, 1}, 0.2);
  const TimeReduction reduction = reduce_times({one});
  const int width = 2 * reduction.rank + 3;
  for (size_t c = 0; c < 3; ++c) {
    double x = 0, y = 0, square = 0;
    for (int64_t k = 0; k < 200; ++k) {
      x += one.weight[k] * one.mean[k * 3 + c];
      y += one.weight[k] * one.target[k * 3 + c];
      square += one.weight[k] * one.square[k * 3 + c];
    }
    const double* values = reduction.tables[0].values.data() + c * width + 2 * reduction.rank;
    EXPECT_NEAR(values[0], x, 1e-11);
    EXPECT_NEAR(values[1], y, 1e-11);
    EXPECT_NEAR(values[2], square, 1e-11);
  }
}

}  // namespace swell
