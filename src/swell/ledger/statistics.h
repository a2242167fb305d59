#pragma once

#include <cstdint>
#include <span>

namespace swell {

// A mean of independent values with its standard error, s / sqrt(n); the error is 0 for fewer than two values.
struct Estimate {
  double mean = 0;
  double stderr_of_mean = 0;
  int64_t count = 0;
};

Estimate estimate(std::span<const double> values);

// <ab> - <a><b> from means of a, b and ab over time, one of each for every independent trajectory, with a = b for a
// variance. The error is that of the linearised estimate; the estimate is low by the variance of <a> over n, as any is
// that does not know the means.
Estimate covariance(std::span<const double> a, std::span<const double> b, std::span<const double> ab);

}  // namespace swell
