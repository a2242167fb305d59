#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace swell {

// A mean of independent values with its standard error, s / sqrt(n). Fewer than two values have no error: it stands as
// 0, and has_error() says so.
struct Estimate {
  double mean = 0;
  double stderr_of_mean = 0;
  int64_t count = 0;

  bool has_error() const;  // a finite error of two values or more
};

// The same in another unit.
Estimate scaled(const Estimate& estimate, double factor);

// "22.74 +- 0.31"; "22.74 (one value, no error)" and "no values" where there is no error to state. `digits` of the
// mean; the error has two.
std::string to_text(const Estimate& estimate, int digits = 5);

Estimate estimate(std::span<const double> values);

// The value below which a share p of these lies, 0 <= p <= 1, straight between neighbours; NaN without values.
double quantile(std::span<const double> values, double p);

// The probability that the largest of `comparisons` independent deviations, each in standard errors estimated from
// `count` values, is at least so large by chance alone (Student's law, D. L. Wallace, Ann. Math. Stat. 30, 1124 (1959),
// eq. for t to normal; Bonferroni for the largest).
double chance_of(double deviation, int64_t count, int64_t comparisons);
// Below this, two methods are said to disagree.
constexpr double kChance = 1e-4;

// <ab> - <a><b> from means of a, b and ab over time, one of each for every independent trajectory, with a = b for a
// variance. The error is that of the linearised estimate; the estimate is low by the variance of <a> over n, as any is
// that does not know the means.
Estimate covariance(std::span<const double> a, std::span<const double> b, std::span<const double> ab);

}  // namespace swell
