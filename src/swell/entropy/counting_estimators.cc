#include "swell/entropy/counting_estimators.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::entropy {

namespace {

constexpr int kBlockBits = 6, kBlockValues = 1 << kBlockBits;
constexpr int64_t kDictionaryBlocks = 1000;

void check_bits(const Symbols& bits, Estimator estimator) {
  if (bits.alphabet > 2) {
    throw InputError(
        fmt::format("{} estimate: {} distinct symbols; allowed: at most 2", name_of(estimator), bits.alphabet));
  }
}

EstimatorResult none(Estimator estimator, int64_t got, int64_t least, const char* of) {
  return {
      estimator, {}, fmt::format("{} {}; the {} estimate takes at least {}", got, of, name_of(estimator), least), {}};
}

// Lower end of the confidence interval of a mean: X-bar' of 6.3.2 and 6.3.4.
double lower_bound(double mean, double sigma, double count) { return mean - kConfidence * sigma / std::sqrt(count); }

// G(z) of 6.3.4, times the number of blocks that are tested. `logs[u]` is log2(u).
double expected_log_distance(double z, int64_t blocks, int64_t dictionary, const std::vector<double>& logs) {
  // A distance u < t has chance z^2 (1-z)^(u-1), and u = t, never seen before, z (1-z)^(t-1). For each u, the tested
  // blocks t > dictionary with t > u are counted at once.
  double weight = 1, sum = 0;
  const double square = z * z, fall = 1 - z;
  for (int64_t u = 1; u <= blocks; ++u, weight *= fall) {
    const double later = static_cast<double>(blocks - std::max(u, dictionary));
    sum += logs[static_cast<size_t>(u)] * weight * (square * later + (u > dictionary ? z : 0.0));
    if (weight < 1e-25) break;  // what is left is below 1e-25 log2(blocks) z blocks
  }
  return sum;
}

std::vector<double> log2_table(int64_t last) {
  std::vector<double> logs(static_cast<size_t>(last) + 1);
  for (int64_t u = 1; u <= last; ++u) logs[static_cast<size_t>(u)] = std::log2(static_cast<double>(u));
  return logs;
}

double expected_compression(double p, int64_t blocks, int64_t dictionary, const std::vector<double>& logs) {
  const double others = kBlockValues - 1;
  const double sum = expected_log_distance(p, blocks, dictionary, logs) +
                     others * expected_log_distance((1 - p) / others, blocks, dictionary, logs);
  return sum / static_cast<double>(blocks - dictionary);
}

}  // namespace

EstimatorResult most_common_value(const Symbols& symbols) {
  const int64_t n = symbols.size();
  if (n < 2) return none(Estimator::most_common_value, n, 2, "samples");
  std::array<int64_t, 256> count{};
  for (const uint8_t s : symbols.values) ++count[s];
  const int64_t mode = *std::max_element(count.begin(), count.end());
  const double p_hat = static_cast<double>(mode) / static_cast<double>(n);
  const double p_u = upper_bound(p_hat, n);
  return {Estimator::most_common_value,
          min_entropy_of(p_u),
          {},
          {{"mode_count", static_cast<double>(mode)}, {"p_hat", p_hat}, {"p_u", p_u}}};
}

double expected_collision_time(double p) { return 2 + 2 * p * (1 - p); }

EstimatorResult collision(const Symbols& bits) {
  check_bits(bits, Estimator::collision);
  const std::span<const uint8_t> s = bits.span();
  // Of three bits two are equal: each time is 2 or 3.
  int64_t twos = 0, threes = 0;
  for (size_t i = 0; i + 1 < s.size();) {
    if (s[i] == s[i + 1]) {
      ++twos;
      i += 2;
    } else if (i + 2 < s.size()) {
      ++threes;
      i += 3;
    } else {
      break;
    }
  }
  const int64_t v = twos + threes;
  if (v < 2) return none(Estimator::collision, v, 2, "collisions");
  const double count = static_cast<double>(v), sum = static_cast<double>(2 * twos + 3 * threes);
  const double mean = sum / count;
  const double squares =
      static_cast<double>(twos) * (2 - mean) * (2 - mean) + static_cast<double>(threes) * (3 - mean) * (3 - mean);
  const double sigma = std::sqrt(squares / (count - 1));
  const double lower = lower_bound(mean, sigma, count);
  // lower = 2 + 2 p (1 - p), solved for p >= 1/2; beyond what bits can do, the nearest that they can.
  const double p = lower >= 2.5 ? 0.5 : 0.5 + std::sqrt(1.25 - 0.5 * std::max(2.0, lower));
  return {Estimator::collision,
          min_entropy_of(p),
          {},
          {{"v", count}, {"sum_t", sum}, {"x_bar", mean}, {"sigma_hat", sigma}, {"x_bar_lower", lower}, {"p", p}}};
}

EstimatorResult markov(const Symbols& bits) {
  check_bits(bits, Estimator::markov);
  const std::span<const uint8_t> s = bits.span();
  if (s.size() < 2) return none(Estimator::markov, bits.size(), 2, "bits");
  int64_t pairs[2][2] = {};
  for (size_t i = 0; i + 1 < s.size(); ++i) ++pairs[s[i]][s[i + 1]];
  const double ones = static_cast<double>(pairs[0][1] + pairs[1][1] + s[0]), n = static_cast<double>(s.size());
  const double start[2] = {1 - ones / n, ones / n};
  double step[2][2] = {};
  for (int from = 0; from < 2; ++from) {
    const int64_t all = pairs[from][0] + pairs[from][1];
    for (int to = 0; to < 2; ++to) {
      step[from][to] = all > 0 ? static_cast<double>(pairs[from][to]) / static_cast<double>(all) : 0;
    }
  }
  // The six sequences of 128 bits of which one is the likeliest: table 1 of 6.3.3. Logarithms, as products underflow.
  double best = -INFINITY;
  for (int b = 0; b < 2; ++b) {
    const double first = std::log2(start[b]), stay = std::log2(step[b][b]), leave = std::log2(step[b][1 - b]);
    const double stay_other = std::log2(step[1 - b][1 - b]), back = std::log2(step[1 - b][b]);
    for (const double chance : {first + 127 * stay, first + 64 * leave + 63 * back, first + leave + 126 * stay_other}) {
      best = std::max(best, chance);
    }
  }
  return {Estimator::markov,
          std::clamp(-best / 128, 0.0, 1.0),
          {},
          {{"p_0", start[0]},
           {"p_1", start[1]},
           {"p_00", step[0][0]},
           {"p_01", step[0][1]},
           {"p_10", step[1][0]},
           {"p_11", step[1][1]},
           {"p_hat_max", std::exp2(best)}}};
}

double expected_compression(double p, int64_t blocks, int64_t dictionary) {
  return expected_compression(p, blocks, dictionary, log2_table(blocks));
}

EstimatorResult compression(const Symbols& bits) {
  check_bits(bits, Estimator::compression);
  const std::span<const uint8_t> s = bits.span();
  const int64_t blocks = bits.size() / kBlockBits, tested = blocks - kDictionaryBlocks;
  if (tested < 2) {
    return none(Estimator::compression, bits.size(), kBlockBits * (kDictionaryBlocks + 2), "bits");
  }
  const std::vector<double> logs = log2_table(blocks);
  std::array<int64_t, kBlockValues> last{};  // where each value came last, from 1; 0 for never
  double sum = 0, squares = 0;
  for (int64_t t = 1; t <= blocks; ++t) {
    int value = 0;
    for (int bit = 0; bit < kBlockBits; ++bit) value = 2 * value + s[static_cast<size_t>((t - 1) * kBlockBits + bit)];
    if (t > kDictionaryBlocks) {
      const double log = logs[static_cast<size_t>(t - last[static_cast<size_t>(value)])];
      sum += log;
      squares += log * log;
    }
    last[static_cast<size_t>(value)] = t;
  }
  const double count = static_cast<double>(tested), mean = sum / count;
  const double sigma = 0.5907 * std::sqrt(std::max(0.0, squares / (count - 1) - mean * mean));
  const double lower = lower_bound(mean, sigma, count);
  // The expectation falls with p, from equally likely blocks to one that is certain.
  const auto expected = [&](double p) { return expected_compression(p, blocks, kDictionaryBlocks, logs); };
  double low = 1.0 / kBlockValues, high = 1;
  if (expected(low) > lower) {
    for (int i = 0; i < 60 && high - low > 1e-15 * high; ++i) {
      const double middle = 0.5 * (low + high);
      (expected(middle) > lower ? low : high) = middle;
    }
  } else {
    high = low;  // more than independent blocks can have: full entropy
  }
  const double p = 0.5 * (low + high);
  return {Estimator::compression,
          min_entropy_of(p) / kBlockBits,
          {},
          {{"x_bar", mean}, {"sigma_hat", sigma}, {"x_bar_lower", lower}, {"p", p}}};
}

}  // namespace swell::entropy
