#include "swell/entropy/repeats.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

#include "swell/entropy/test_sources.h"
#include "swell/entropy/tuple_estimators.h"

namespace swell::entropy {

namespace {

// By counting every substring of every length.
Repeats counted(const std::vector<uint8_t>& s) {
  Repeats repeats{0, {0}, {0}};
  for (size_t w = 1; w < s.size(); ++w) {
    std::map<std::string, int64_t> count;
    for (size_t i = 0; i + w <= s.size(); ++i) ++count[std::string(s.begin() + i, s.begin() + i + w)];
    int64_t most = 0;
    uint64_t pairs = 0;
    for (const auto& [tuple, times] : count) {
      most = std::max(most, times);
      pairs += static_cast<uint64_t>(times * (times - 1) / 2);
    }
    if (most < 2) break;
    repeats.longest = static_cast<int64_t>(w);
    repeats.most.push_back(most);
    repeats.pairs.push_back(pairs);
  }
  return repeats;
}

void expect_same(const std::vector<uint8_t>& s) {
  const Repeats got = repeats_of(s), wanted = counted(s);
  EXPECT_EQ(got.longest, wanted.longest);
  for (size_t w = 1; w < wanted.most.size() && w < got.most.size(); ++w) {
    EXPECT_EQ(got.most[w], wanted.most[w]) << w;
    EXPECT_EQ(got.pairs[w], wanted.pairs[w]) << w;
  }
}

}  // namespace

TEST(repeats, counts_are_those_of_all_substrings) {
  uint64_t table = 400;
  for (const int64_t n : {1, 2, 3, 10, 97, 400}) {
    for (const int bits : {1, 2, 8}) expect_same(test::uniform(bits, n, ++table));
    expect_same(test::sticky(0.9, n, ++table));
    expect_same(std::vector<uint8_t>(static_cast<size_t>(n), 7));
  }
  std::vector<uint8_t> periodic(300);
  for (size_t i = 0; i < periodic.size(); ++i) periodic[i] = static_cast<uint8_t>(i % 7);
  expect_same(periodic);
}

TEST(repeats, a_million_equal_symbols_have_their_closed_form) {
  constexpr int64_t n = 1'000'000;
  const Repeats repeats = repeats_of(std::vector<uint8_t>(n, 1));
  EXPECT_EQ(repeats.longest, n - 1);
  for (const int64_t w : {int64_t{1}, int64_t{1000}, n / 2, n - 1}) {
    const int64_t places = n - w + 1;
    EXPECT_EQ(repeats.most[static_cast<size_t>(w)], places);
    EXPECT_EQ(repeats.pairs[static_cast<size_t>(w)], static_cast<uint64_t>(places * (places - 1) / 2));
  }
}

TEST(repeats, estimates_follow_from_the_counts) {
  // 40 times "ab" and 10 times "c": a and b occur 40 times, ab 40 times, aba 39 times.
  std::vector<uint8_t> s;
  for (int i = 0; i < 40; ++i) s.insert(s.end(), {0, 1});
  s.insert(s.end(), 10, 2);
  const int64_t n = static_cast<int64_t>(s.size());
  const Repeats repeats = counted(s);
  const EstimatorResult tuple = t_tuple(repeats, n);
  // Tuples of w = 2k symbols of "ab" occur 41 - k times, of w = 2k + 1 40 - k times: at least 35 up to w = 12.
  EXPECT_EQ(tuple.figure("t"), 12);
  EXPECT_NEAR(*tuple.figure("p_hat_max"), std::pow(35.0 / 79, 1.0 / 12), 1e-15);
  const EstimatorResult lrs = longest_repeated_substring(repeats, n);
  EXPECT_EQ(lrs.figure("u"), 13);
  EXPECT_EQ(lrs.figure("v"), 78);
  double most = 0;
  for (int w = 13; w <= 78; ++w) {  // the tuple that begins with a occurs so often, that with b once less
    const double a = w % 2 == 0 ? 41 - w / 2 : 40 - w / 2, places = 90 - w + 1;
    const double pairs = a * (a - 1) / 2 + (a - 1) * (a - 2) / 2;
    most = std::max(most, std::pow(pairs / (places * (places - 1) / 2), 1.0 / w));
  }
  EXPECT_NEAR(*lrs.figure("p_hat"), most, 1e-14);
  EXPECT_FALSE(t_tuple(repeats_of(std::vector<uint8_t>{0, 1, 0, 1}), 4).min_entropy);
  EXPECT_FALSE(longest_repeated_substring(repeats_of(std::vector<uint8_t>{0, 1, 2}), 3).min_entropy);
}

}  // namespace swell::entropy
