#include "swell/entropy/distributions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"

namespace swell::entropy {

TEST(entropy_distributions, binomial_tail_is_the_sum_of_its_weights) {
  for (const double p : {0.003, 0.25, 0.5, 0.9}) {
    constexpr int n = 40;
    double weight[n + 1], tail = 0;
    for (int k = 0; k <= n; ++k) {
      weight[k] = std::exp(std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0)) * std::pow(p, k) *
                  std::pow(1 - p, n - k);
    }
    for (int k = n; k >= 0; --k) {
      tail += weight[k];
      EXPECT_NEAR(binomial_upper_tail(n, p, k), tail, 1e-12 * tail) << p << " " << k;  // rounding of lgamma and of sums
    }
  }
  EXPECT_EQ(binomial_upper_tail(10, 0.3, 0), 1);
  EXPECT_EQ(binomial_upper_tail(10, 0.3, 11), 0);
  EXPECT_EQ(binomial_upper_tail(10, 1, 10), 1);
  EXPECT_EQ(binomial_upper_tail(10, 0, 1), 0);
}

TEST(entropy_distributions, binomial_tail_of_many_trials_has_its_closed_forms) {
  EXPECT_NEAR(binomial_upper_tail(1000, 0.5, 1000), std::exp2(-1000), 1e-11 * std::exp2(-1000));
  EXPECT_NEAR(binomial_upper_tail(1'000'000, 1e-3, 1), 1 - std::exp(1e6 * std::log1p(-1e-3)), 1e-12);
  // A fair coin is symmetric: P(X >= n/2 + 1) = (1 - P(X = n/2)) / 2.
  const double middle = std::exp(std::lgamma(1e5 + 1) - 2 * std::lgamma(5e4 + 1) - 1e5 * std::log(2.0));
  EXPECT_NEAR(binomial_upper_tail(100'000, 0.5, 50'001), (1 - middle) / 2, 1e-11);  // digits that lgamma keeps
}

TEST(entropy_distributions, critical_binomial_is_the_smallest_count_with_so_small_a_tail) {
  for (const double p : {0.004, 0.3, 0.5, 0.97}) {
    for (const double alpha : {0.3, 1e-3, 0x1p-30}) {
      const int64_t k = critical_binomial(512, p, alpha);
      EXPECT_LE(binomial_upper_tail(512, p, k + 1), alpha);
      EXPECT_GT(binomial_upper_tail(512, p, k), alpha);
    }
  }
  EXPECT_EQ(critical_binomial(10, 0, 0.01), 0);
  EXPECT_EQ(critical_binomial(10, 1, 0.01), 10);
  EXPECT_THROW(critical_binomial(10, 0.5, 0), InputError);
  EXPECT_THROW(critical_binomial(10, 1.5, 0.1), InputError);
}

TEST(entropy_distributions, chi_square_tail_has_its_closed_forms) {
  for (const double x : {0.01, 0.7, 3.0, 11.0, 60.0, 300.0}) {
    EXPECT_NEAR(chi_square_upper_tail(x, 1), std::erfc(std::sqrt(x / 2)), 1e-13);
    EXPECT_NEAR(chi_square_upper_tail(x, 2), std::exp(-x / 2), 1e-13);
    double term = std::exp(-x / 2), sum = 0;  // 2n degrees of freedom: a Poisson sum
    for (int i = 0; i < 40; ++i, term *= x / 2 / i) sum += term;
    EXPECT_NEAR(chi_square_upper_tail(x, 80), sum, 1e-12);
  }
  EXPECT_EQ(chi_square_upper_tail(0, 5), 1);
  EXPECT_EQ(chi_square_upper_tail(-1, 5), 1);
  EXPECT_THROW(chi_square_upper_tail(1, 0), InputError);
}

TEST(entropy_distributions, chi_square_of_many_degrees_comes_near_a_normal) {
  // Wilson and Hilferty's transform: error below 1e-5 at so many degrees of freedom.
  constexpr double freedom = 65280;
  for (const double z : {-2.0, 0.0, 1.0, 3.0}) {
    const double spread = 2 / (9 * freedom);
    const double x = freedom * std::pow(1 - spread + z * std::sqrt(spread), 3);
    EXPECT_NEAR(chi_square_upper_tail(x, freedom), 0.5 * std::erfc(z / std::sqrt(2.0)), 1e-5) << z;
  }
}

}  // namespace swell::entropy
