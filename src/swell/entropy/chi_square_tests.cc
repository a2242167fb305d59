#include "swell/entropy/chi_square_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <vector>

#include "swell/entropy/distributions.h"

namespace swell::entropy {

namespace {

constexpr double kLeastExpected = 5;  // samples in a bin
constexpr int kParts = 10;
constexpr int kMostTupleBits = 11;

ChiSquareTest judged(double statistic, int64_t freedom, int64_t bins) {
  const double p = chi_square_upper_tail(statistic, static_cast<double>(freedom));
  return {statistic, freedom, bins, p, p >= kIidAlpha, {}};
}

struct Bins {
  std::vector<int32_t> of;       // [kinds] which bin a kind is in
  std::vector<double> expected;  // [bins]
};

// Kinds in ascending order of what is expected of them, put together until a bin has at least 5; a last bin with less
// joins the one before: 5.2.1, step 2.
Bins make_bins(const std::vector<double>& expected) {
  std::vector<int32_t> order(expected.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) { return expected[a] < expected[b]; });
  Bins bins{std::vector<int32_t>(expected.size()), {}};
  double sum = 0;
  for (const int32_t kind : order) {
    bins.of[kind] = static_cast<int32_t>(bins.expected.size());
    sum += expected[kind];
    if (sum >= kLeastExpected) {
      bins.expected.push_back(sum);
      sum = 0;
    }
  }
  if (sum > 0 && bins.expected.empty()) bins.expected.push_back(0);
  if (sum > 0) {
    bins.expected.back() += sum;
    for (int32_t& bin : bins.of) bin = std::min(bin, static_cast<int32_t>(bins.expected.size()) - 1);
  }
  return bins;
}

double squares(const std::vector<int64_t>& observed, const std::vector<double>& expected) {
  double sum = 0;
  for (size_t b = 0; b < expected.size(); ++b) {
    const double off = static_cast<double>(observed[b]) - expected[b];
    sum += off * off / expected[b];
  }
  return sum;
}

std::vector<int64_t> counts_of(const Symbols& symbols) {
  std::vector<int64_t> count(static_cast<size_t>(symbols.alphabet));
  for (const uint8_t s : symbols.values) ++count[s];
  return count;
}

// 5.2.3
ChiSquareTest bit_independence(const Symbols& bits) {
  const double n = static_cast<double>(bits.size());
  const std::vector<int64_t> count = counts_of(bits);
  const double one = count.size() > 1 ? static_cast<double>(count[1]) / n : 0, zero = 1 - one;
  int m = kMostTupleBits;
  const auto least = [&] { return std::pow(std::min(zero, one), m) * static_cast<double>(bits.size() / m); };
  while (m > 1 && least() < kLeastExpected) --m;
  if (m < 2) {
    return {0,
            0,
            0,
            1,
            false,
            fmt::format("{} bits with {} ones are too few, or too biased, for tuples of two", bits.size(),
                        count.size() > 1 ? count[1] : 0)};
  }
  std::vector<int64_t> observed(size_t{1} << m);
  const int64_t tuples = bits.size() / m;
  for (int64_t t = 0; t < tuples; ++t) {
    size_t value = 0;
    for (int b = 0; b < m; ++b) value = 2 * value + bits.values[static_cast<size_t>(t * m + b)];
    ++observed[value];
  }
  std::vector<double> expected(observed.size());
  for (size_t value = 0; value < expected.size(); ++value) {
    const int ones = std::popcount(value);
    expected[value] = std::pow(one, ones) * std::pow(zero, m - ones) * static_cast<double>(tuples);
  }
  const int64_t kinds = static_cast<int64_t>(expected.size());
  return judged(squares(observed, expected), kinds - 2, kinds);
}

// 5.2.4
ChiSquareTest bit_goodness(const Symbols& bits) {
  const int64_t length = bits.size() / kParts;
  const double share = static_cast<double>(counts_of(bits)[1]) / static_cast<double>(bits.size());
  const std::vector<double> expected = {(1 - share) * static_cast<double>(length), share * static_cast<double>(length)};
  double sum = 0;
  for (int part = 0; part < kParts; ++part) {
    const auto first = bits.values.begin() + part * length;
    const int64_t ones = std::count(first, first + length, uint8_t{1});
    sum += squares({length - ones, ones}, expected);
  }
  return judged(sum, kParts - 1, 2);
}

}  // namespace

ChiSquareTest independence_test(const Symbols& symbols) {
  if (symbols.alphabet <= 2) return bit_independence(symbols);
  const int64_t pairs = symbols.size() / 2;
  const std::vector<int64_t> count = counts_of(symbols);
  const size_t k = count.size();
  std::vector<double> expected(k * k);
  const double n = static_cast<double>(symbols.size());
  for (size_t i = 0; i < k; ++i) {
    for (size_t j = 0; j < k; ++j) {
      expected[i * k + j] =
          static_cast<double>(count[i]) / n * (static_cast<double>(count[j]) / n) * static_cast<double>(pairs);
    }
  }
  const Bins bins = make_bins(expected);
  const int64_t freedom = static_cast<int64_t>(bins.expected.size()) - symbols.alphabet;
  if (freedom < 1) {
    return {0,
            0,
            static_cast<int64_t>(bins.expected.size()),
            1,
            true,
            fmt::format("{} samples are too few for pairs of {} symbols: {} bins", symbols.size(), k,
                        bins.expected.size())};
  }
  std::vector<int64_t> observed(bins.expected.size());
  for (int64_t i = 0; i < pairs; ++i) {
    const size_t first = symbols.values[static_cast<size_t>(2 * i)],
                 second = symbols.values[static_cast<size_t>(2 * i + 1)];
    ++observed[static_cast<size_t>(bins.of[first * k + second])];
  }
  return judged(squares(observed, bins.expected), freedom, static_cast<int64_t>(bins.expected.size()));
}

ChiSquareTest goodness_of_fit_test(const Symbols& symbols) {
  const int64_t length = symbols.size() / kParts;
  if (symbols.alphabet < 2 || length < 1) {
    return {0,
            0,
            0,
            1,
            true,
            fmt::format("{} samples of {} symbols cannot differ between ten parts", symbols.size(), symbols.alphabet)};
  }
  if (symbols.alphabet == 2) return bit_goodness(symbols);
  const std::vector<int64_t> count = counts_of(symbols);
  std::vector<double> expected(count.size());
  for (size_t i = 0; i < count.size(); ++i) expected[i] = static_cast<double>(count[i]) / kParts;
  const Bins bins = make_bins(expected);
  const int64_t kinds = static_cast<int64_t>(bins.expected.size());
  if (kinds < 2)
    return {0, 0, kinds, 1, true, fmt::format("{} samples are too few to compare ten parts", symbols.size())};
  double sum = 0;
  for (int part = 0; part < kParts; ++part) {
    std::vector<int64_t> observed(bins.expected.size());
    for (int64_t i = part * length; i < (part + 1) * length; ++i) {
      ++observed[static_cast<size_t>(bins.of[symbols.values[static_cast<size_t>(i)]])];
    }
    sum += squares(observed, bins.expected);
  }
  return judged(sum, (kParts - 1) * (kinds - 1), kinds);
}

RepeatTest repeat_test(const Symbols& symbols, int64_t longest) {
  RepeatTest test{longest, 0, 1, true};
  const double n = static_cast<double>(symbols.size());
  for (const int64_t count : counts_of(symbols)) {
    test.collision += static_cast<double>(count) / n * (static_cast<double>(count) / n);
  }
  const double starts = n - static_cast<double>(longest) + 1, pairs = starts * (starts - 1) / 2;
  const double one = std::pow(test.collision, static_cast<double>(longest));  // chance that two given substrings agree
  test.p_value = one < 1 ? -std::expm1(pairs * std::log1p(-one)) : 1;
  test.passed = test.p_value >= kIidAlpha;
  return test;
}

}  // namespace swell::entropy
