#include "swell/entropy/tuple_estimators.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace swell::entropy {

namespace {

constexpr int64_t kCommon = 35;  // occurrences

// The longest length of which one tuple is common; 0 where not even a symbol is.
int64_t longest_common(const Repeats& repeats) {
  int64_t t = 0;
  while (t < repeats.longest && repeats.most[static_cast<size_t>(t) + 1] >= kCommon) ++t;
  return t;
}

}  // namespace

EstimatorResult t_tuple(const Repeats& repeats, int64_t n) {
  const int64_t t = longest_common(repeats);
  if (t == 0) {
    return {Estimator::t_tuple,
            {},
            fmt::format("no symbol of {} occurs {} times, as the t-tuple estimate needs", n, kCommon),
            {}};
  }
  double p_max = 0;
  for (int64_t w = 1; w <= t; ++w) {
    const double share = static_cast<double>(repeats.most[static_cast<size_t>(w)]) / static_cast<double>(n - w + 1);
    p_max = std::max(p_max, std::pow(share, 1 / static_cast<double>(w)));
  }
  const double p_u = upper_bound(p_max, n);
  return {
      Estimator::t_tuple, min_entropy_of(p_u), {}, {{"t", static_cast<double>(t)}, {"p_hat_max", p_max}, {"p_u", p_u}}};
}

EstimatorResult longest_repeated_substring(const Repeats& repeats, int64_t n) {
  const int64_t u = longest_common(repeats) + 1, v = repeats.longest;
  if (v < u) {
    return {
        Estimator::lrs,
        {},
        fmt::format("tuples repeat up to length {}, where the longest repeated substring estimate starts at {}", v, u),
        {}};
  }
  double p_max = 0;
  for (int64_t w = u; w <= v; ++w) {
    const double tuples = static_cast<double>(n - w + 1);
    const double equal = static_cast<double>(repeats.pairs[static_cast<size_t>(w)]) / (tuples * (tuples - 1) / 2);
    p_max = std::max(p_max, std::pow(equal, 1 / static_cast<double>(w)));
  }
  const double p_u = upper_bound(p_max, n);
  return {Estimator::lrs,
          min_entropy_of(p_u),
          {},
          {{"u", static_cast<double>(u)}, {"v", static_cast<double>(v)}, {"p_hat", p_max}, {"p_u", p_u}}};
}

}  // namespace swell::entropy
