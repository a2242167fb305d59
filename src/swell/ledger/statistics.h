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

}  // namespace swell
