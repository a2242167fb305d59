#include "swell/ledger/statistics.h"

#include <cmath>

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

}  // namespace swell
