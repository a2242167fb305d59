#include "swell/ledger/chains.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace swell {

namespace {

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// s^2, with n - 1.
double variance_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size() - 1);
}

struct Variances {
  double within = 0;   // W: the mean over chains of s^2
  double between = 0;  // B / N: the variance of the chains' means
};

Variances variances(const Chains& chains) {
  Variances result;
  std::vector<double> means;
  for (int64_t c = 0; c < chains.chains; ++c) {
    means.push_back(mean_of(chains.chain(c)));
    result.within += variance_of(chains.chain(c)) / static_cast<double>(chains.chains);
  }
  result.between = variance_of(means);
  return result;
}

bool has_halves(const Chains& chains) { return chains.chains >= 1 && chains.draws >= 4; }

// The autocovariance at this lag about the chain's own mean, over N at every lag.
double autocovariance(std::span<const double> chain, double mean, int64_t lag) {
  double sum = 0;
  for (size_t k = 0; k + static_cast<size_t>(lag) < chain.size(); ++k)
    sum += (chain[k] - mean) * (chain[k + static_cast<size_t>(lag)] - mean);
  return sum / static_cast<double>(chain.size());
}

// Of n draws x_1 to x_n with correlations r^|i - j| and variance 1, m their mean:
//   <m^2> = (n + 2 sum_k (n - k) r^k) / n^2,   <m x_1> = <m x_n> = sum_k r^k / n, k from 0 to n - 1.
double variance_of_mean(double r, int64_t draws) {
  const auto n = static_cast<double>(draws);
  double sum = n, power = 1;
  for (int64_t k = 1; k < draws; ++k) sum += 2 * (n - static_cast<double>(k)) * (power *= r);
  return sum / (n * n);
}

// The ratio of the expected autocovariances about m at lags 1 and 0, both over n:
//   sum_i <(x_i - m)(x_{i+1} - m)> / sum_i <(x_i - m)^2>
//     = ((n - 1) r - 2 (n <m^2> - <m x_1>) + (n - 1) <m^2>) / (n (1 - <m^2>)).
// It rises with r, to that of a random walk; straight lines are above. About its own mean a short half looks less
// correlated than it is, since that mean takes what is slow with it (F. Marriott, J. Pope, Biometrika 41, 390 (1954)).
double expected_ratio(double r, int64_t draws) {
  const auto n = static_cast<double>(draws);
  const double square = variance_of_mean(r, draws);
  double with_end = 0, power = 1;
  for (int64_t k = 0; k < draws; ++k, power *= r) with_end += power / n;
  const double same = n * (1 - square);
  if (!(same > 1e-9)) return 1;
  return ((n - 1) * r - 2 * (n * square - with_end) + (n - 1) * square) / same;
}

}  // namespace

Chains split(const Chains& chains) {
  Chains halves{2 * chains.chains, chains.draws / 2, {}};
  for (int64_t c = 0; c < chains.chains; ++c) {
    const std::span<const double> whole = chains.chain(c);
    const auto each = static_cast<size_t>(halves.draws);
    halves.values.insert(halves.values.end(), whole.begin(), whole.begin() + halves.draws);
    halves.values.insert(halves.values.end(), whole.end() - static_cast<int64_t>(each), whole.end());
  }
  return halves;
}

double split_r_hat(const Chains& chains) {
  if (!has_halves(chains)) return std::numeric_limits<double>::quiet_NaN();
  const Chains halves = split(chains);
  const Variances found = variances(halves);
  const auto n = static_cast<double>(halves.draws);
  return std::sqrt((n - 1) / n + found.between / found.within);  // 0/0 is NaN
}

double correlation_of_draws(const Chains& chains) {
  const Chains halves = split(chains);
  double next = 0, same = 0;
  for (int64_t c = 0; c < halves.chains; ++c) {
    const double mean = mean_of(halves.chain(c));
    next += autocovariance(halves.chain(c), mean, 1);
    same += autocovariance(halves.chain(c), mean, 0);
  }
  if (!(same > 0)) return 0;
  const double found = next / same;
  double low = 0, high = 1;  // the expected ratio rises with the correlation
  for (int k = 0; k < 50; ++k) {
    const double middle = (low + high) / 2;
    (expected_ratio(middle, halves.draws) < found ? low : high) = middle;
  }
  return high;
}

double expected_r_hat(double correlation, int64_t draws, int64_t chains, double errors) {
  const double r = std::clamp(correlation, 0.0, 1.0), n = static_cast<double>(draws);
  const double of_mean = variance_of_mean(r, draws);
  const double within = (1 - of_mean) * n / (n - 1);  // n - 1 of the variance about the mean in n
  const double scatter = std::sqrt(2 / static_cast<double>(std::max<int64_t>(1, chains - 1)));
  return within > 1e-12 ? std::sqrt((n - 1) / n + (1 + errors * scatter) * of_mean / within)
                        : std::numeric_limits<double>::infinity();
}

std::span<double> EvenRecord::next() {
  if (times_++ % stride_ != 0) return {};
  if (rows() == most_) {
    for (int64_t k = 1; k < most_ / 2; ++k)
      std::copy_n(values_.data() + 2 * k * width_, width_, values_.data() + k * width_);
    values_.resize(most_ / 2 * width_);
    stride_ *= 2;
  }
  values_.resize(values_.size() + static_cast<size_t>(width_));
  return {values_.data() + values_.size() - width_, static_cast<size_t>(width_)};
}

void EvenRecord::clear() {
  values_.clear();
  stride_ = 1;
  times_ = 0;
}

double effective_draws(const Chains& chains) {
  if (!has_halves(chains)) return std::numeric_limits<double>::quiet_NaN();
  const Chains halves = split(chains);
  const Variances found = variances(halves);
  const auto n = static_cast<double>(halves.draws), all = n * static_cast<double>(halves.chains);
  const double whole = (n - 1) / n * found.within + found.between;  // var+
  if (!(whole > 0)) return std::numeric_limits<double>::quiet_NaN();
  std::vector<double> means;
  for (int64_t c = 0; c < halves.chains; ++c) means.push_back(mean_of(halves.chain(c)));
  // rho_t = 1 - (W - mean over chains of the autocovariance with n - 1) / var+.
  const auto rho = [&](int64_t lag) {
    double mean = 0;
    for (int64_t c = 0; c < halves.chains; ++c)
      mean += autocovariance(halves.chain(c), means[c], lag) / static_cast<double>(halves.chains);
    return 1 - (found.within - mean * n / (n - 1)) / whole;
  };
  // Sums of two neighbours are positive and fall, of a reversible chain; where they do no longer, noise is left.
  double tau = -1, last = std::numeric_limits<double>::infinity();
  for (int64_t lag = 0; lag + 1 < halves.draws; lag += 2) {
    const double pair = (lag == 0 ? 1 : rho(lag)) + rho(lag + 1);
    if (pair <= 0) break;
    last = std::min(last, pair);
    tau += 2 * last;
  }
  return all / std::max(tau, 1 / std::log10(all));
}

}  // namespace swell
