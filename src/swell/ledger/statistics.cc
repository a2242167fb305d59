#include "swell/ledger/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "swell/ledger/to_json.h"

namespace swell {

bool Estimate::has_error() const { return count > 1 && std::isfinite(mean) && std::isfinite(stderr_of_mean); }

Estimate scaled(const Estimate& estimate, double factor) {
  return {estimate.mean * factor, estimate.stderr_of_mean * std::abs(factor), estimate.count};
}

std::string to_text(const Estimate& estimate, int digits) {
  if (estimate.count < 1) return "no values";
  if (!std::isfinite(estimate.mean)) return "not a finite number";
  if (estimate.has_error()) return fmt::format("{:.{}g} +- {:.2g}", estimate.mean, digits, estimate.stderr_of_mean);
  return fmt::format("{:.{}g} ({})", estimate.mean, digits, estimate.count == 1 ? "one value, no error" : "no error");
}

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

nlohmann::ordered_json to_json(const Estimate& estimate, const char* unit) {
  using Json = nlohmann::ordered_json;
  const bool known = estimate.count > 0 && std::isfinite(estimate.mean);
  return {{"value", known ? Json(estimate.mean) : Json(nullptr)},
          {"stderr", estimate.has_error() ? Json(estimate.stderr_of_mean) : Json(nullptr)},
          {"count", estimate.count},
          {"unit", unit}};
}

namespace {

constexpr int64_t kMostSummed = 40;  // degrees of freedom

// P(|t| > deviation) of Student's law with so many degrees of freedom, as a finite sum: M. Abramowitz, I. A. Stegun,
// Handbook of Mathematical Functions (1964), equations 26.7.3 and 26.7.4.
double student_tail(double deviation, int64_t freedom) {
  const double angle = std::atan(deviation / std::sqrt(static_cast<double>(freedom)));
  const double c = std::cos(angle), s = std::sin(angle);
  double term = freedom % 2 == 1 ? c : 1, sum = freedom == 1 ? 0 : term;
  for (int64_t k = freedom % 2 == 1 ? 3 : 2; k <= freedom - 2; k += 2) {
    term *= c * c * static_cast<double>(k - 1) / static_cast<double>(k);
    sum += term;
  }
  const double inside = freedom % 2 == 1 ? M_2_PI * (angle + s * sum) : s * sum;
  return std::max(0.0, 1 - inside);
}

}  // namespace

double chance_of(double deviation, int64_t count, int64_t comparisons) {
  if (count < 2) return 1;
  if (!std::isfinite(deviation)) return 0;
  const auto freedom = static_cast<double>(count - 1);
  if (count - 1 <= kMostSummed)
    return std::min(1.0, static_cast<double>(comparisons) * student_tail(std::abs(deviation), count - 1));
  const double normal =
      (8 * freedom + 1) / (8 * freedom + 3) * std::sqrt(freedom * std::log1p(deviation * deviation / freedom));
  return std::min(1.0, static_cast<double>(comparisons) * std::erfc(normal / std::sqrt(2.0)));
}

double quantile(std::span<const double> values, double p) {
  if (values.empty()) return std::nan("");
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const double place = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(place);
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (place - static_cast<double>(low)) * (sorted[high] - sorted[low]);
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
