#include "swell/programs/ising/statistics.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace swell::ising {

double time_to_solution(double run_s, double success) {
  if (success <= 0) return std::numeric_limits<double>::infinity();
  if (success >= 1) return run_s;
  return run_s * std::max(1.0, std::ceil(std::log(0.01) / std::log1p(-success)));
}

Proportion proportion(int64_t successes, int64_t tries) {
  constexpr double z = 1.959963984540054;
  const double n = static_cast<double>(tries), p = static_cast<double>(successes) / n;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(0.0, middle - half), std::min(1.0, middle + half)};
}

Restart best_restart(std::vector<double> hit_s, double run_s) {
  std::ranges::sort(hit_s);
  const auto n = static_cast<double>(hit_s.size());
  Restart best{run_s, 0};
  double least = std::numeric_limits<double>::infinity();
  for (size_t k = 0; k < hit_s.size() && hit_s[k] <= run_s; ++k) {
    const double time = time_to_solution(hit_s[k], static_cast<double>(k + 1) / n);
    if (time <= least) best = {hit_s[k], static_cast<int64_t>(k + 1)};
    least = std::min(least, time);
  }
  return best;
}

}  // namespace swell::ising
