#include "swell/ledger/statistics.h"

#include <cmath>
#include <vector>

namespace swell {

Estimate estimate(std::span<const double> values) {
  Estimate result;
  result.count = static_cast<int64_t>(values.size());
  if (values.empty()) return result;
  const auto n = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  if (values.size() > 1) result.stderr_of_mean = std::sqrt(squares / (n - 1) / n);
  return result;
}

Estimate covariance(std::span<const double> a, std::span<const double> b, std::span<const double> ab) {
  const double mean_a = estimate(a).mean, mean_b = estimate(b).mean;
  std::vector<double> linear(ab.size());
  for (size_t t = 0; t < ab.size(); ++t) linear[t] = ab[t] - mean_a * b[t] - mean_b * a[t];
  Estimate result = estimate(linear);
  result.mean += mean_a * mean_b;
  return result;
}

}  // namespace swell
