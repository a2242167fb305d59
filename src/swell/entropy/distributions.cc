#include "swell/entropy/distributions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "swell/base/errors.h"

namespace swell::entropy {

namespace {

void check_binomial(int64_t trials, double p) {
  if (trials < 0) throw InputError(fmt::format("binomial: {} trials; allowed: 0 and more", trials));
  if (!(p >= 0 && p <= 1)) throw InputError(fmt::format("binomial: probability {}; allowed: 0 to 1", p));
}

// ln P(X = k), 0 < p < 1, 0 <= k <= n. Stirling's remainder where the factorials are large, so that no digits cancel.
double log_binomial_weight(double n, double k, double p) {
  const auto remainder = [](double m) {  // ln m! - (m ln m - m + ln(2 pi m) / 2)
    if (m < 16) return std::lgamma(m + 1) - (m * std::log(m) - m + 0.5 * std::log(2 * M_PI * m));
    const double s = 1 / (m * m);
    return (1.0 / 12 - s * (1.0 / 360 - s * (1.0 / 1260 - s * (1.0 / 1680 - s / 1188)))) / m;
  };
  if (k == 0) return n * std::log1p(-p);
  if (k == n) return n * std::log(p);
  const double rest = n - k;
  return remainder(n) - remainder(k) - remainder(rest) + 0.5 * std::log(n / (2 * M_PI * k * rest)) +
         k * std::log(n * p / k) + rest * std::log(n * (1 - p) / rest);
}

// Upper regularised incomplete gamma function Q(a, x), x > 0: Abramowitz & Stegun 6.5.29 (series of P) below a + 1,
// 6.5.31 (continued fraction of Q, by Lentz's recurrence) above.
double upper_gamma(double a, double x) {
  constexpr double kSmall = 1e-300;
  constexpr double kPrecision = std::numeric_limits<double>::epsilon();
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (double n = a + 1; term > sum * kPrecision; ++n) sum += term *= x / n;
    return std::max(0.0, 1 - sum * front);
  }
  double b = x + 1 - a, c = 1 / kSmall, d = 1 / b, fraction = d;
  for (int i = 1; i < 1'000'000; ++i) {
    const double numerator = -i * (i - a);
    b += 2;
    d = numerator * d + b;
    if (std::abs(d) < kSmall) d = kSmall;
    c = b + numerator / c;
    if (std::abs(c) < kSmall) c = kSmall;
    d = 1 / d;
    fraction *= d * c;
    if (std::abs(d * c - 1) < 4 * kPrecision) break;
  }
  return front * fraction;
}

}  // namespace

double binomial_upper_tail(int64_t trials, double p, int64_t count) {
  check_binomial(trials, p);
  if (count <= 0) return 1;
  if (count > trials || p == 0) return 0;
  if (p == 1) return 1;
  // Summed away from the mode, so that the terms fall; below the mode the other tail is the small one.
  const double n = static_cast<double>(trials), odds = p / (1 - p);
  double k = static_cast<double>(count), sum = 0;
  const bool upper = k > n * p;
  if (!upper) k -= 1;
  double weight = std::exp(log_binomial_weight(n, k, p));
  while (weight > sum * 1e-18) {
    sum += weight;
    if (upper) {
      if (k == n) break;
      weight *= odds * (n - k) / (k + 1);
      ++k;
    } else {
      if (k == 0) break;
      weight *= k / (odds * (n - k + 1));
      --k;
    }
  }
  return upper ? std::min(1.0, sum) : std::max(0.0, 1 - sum);
}

int64_t critical_binomial(int64_t trials, double p, double alpha) {
  check_binomial(trials, p);
  if (!(alpha > 0 && alpha < 1)) throw InputError(fmt::format("binomial: alpha {}; allowed: above 0, below 1", alpha));
  // P(X > k) falls with k: bisection between -1 (too small, P = 1) and `trials` (P = 0).
  int64_t low = -1, high = trials;
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (binomial_upper_tail(trials, p, middle + 1) <= alpha ? high : low) = middle;
  }
  return high;
}

double chi_square_upper_tail(double value, double freedom) {
  if (!(freedom > 0)) throw InputError(fmt::format("chi-square: {} degrees of freedom; allowed: above 0", freedom));
  if (std::isnan(value)) throw InputError("chi-square: value nan; allowed: numbers");
  return value <= 0 ? 1 : std::min(1.0, upper_gamma(freedom / 2, value / 2));
}

}  // namespace swell::entropy
