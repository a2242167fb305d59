#include "swell/entropy/prediction.h"

#include <algorithm>
#include <cmath>

namespace swell::entropy {

double log_chance_of_no_run(double p, int64_t r, int64_t predictions) {
  // x = 1 + e is the root of x = 1 + q p^r x^(r+1) near 1. All in terms of e, so that no digits cancel.
  const double runs = static_cast<double>(r), q = 1 - p;
  const double start = q * std::exp(runs * std::log(p));
  double e = 0;
  for (int i = 0; i < 100; ++i) {
    const double next = start * std::exp((runs + 1) * std::log1p(e));
    const bool settled = std::abs(next - e) <= 1e-16 * next;
    e = next;
    if (settled) break;
    // Beyond p = r / (r + 1) the root near 1 is 1 / p, which is none of the law: runs are as good as certain there.
    if (!(runs * e < 1 && p * e < q)) return -INFINITY;
  }
  return std::log1p(-p * e / q) - std::log1p(-runs * e) - static_cast<double>(predictions + 1) * std::log1p(e);
}

double local_bound(int64_t r, int64_t predictions) {
  const double wanted = std::log(0.99);
  double low = 0, high = 1;
  for (int i = 0; i < 200 && high - low > 1e-16 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (log_chance_of_no_run(middle, r, predictions) > wanted ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double global_bound(int64_t correct, int64_t predictions) {
  const double n = static_cast<double>(predictions);
  if (correct == 0) return -std::expm1(std::log(0.01) / n);  // 1 - 0.01^(1/N)
  return upper_bound(static_cast<double>(correct) / n, predictions);
}

EstimatorResult predictor_result(Estimator estimator, const PredictionCount& count, int alphabet) {
  const int64_t r = count.longest + 1;
  const double global = global_bound(count.correct, count.predictions);
  const double local = local_bound(r, count.predictions);
  const double guess = 1.0 / alphabet;
  return {estimator,
          min_entropy_of(std::max({global, local, guess})),
          {},
          {{"c", static_cast<double>(count.correct)},
           {"r", static_cast<double>(r)},
           {"n", static_cast<double>(count.predictions)},
           {"p_global", static_cast<double>(count.correct) / static_cast<double>(count.predictions)},
           {"p_global_upper", global},
           {"p_local", local}}};
}

}  // namespace swell::entropy
