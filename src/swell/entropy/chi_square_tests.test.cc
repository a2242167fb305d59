#include "swell/entropy/chi_square_tests.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/entropy/repeats.h"
#include "swell/entropy/test_sources.h"

namespace swell::entropy {

namespace {

// Of 400 sets, as many have p below 0.1 as chance says: 40, 5.3 standard errors of 6 (false alarm 1.2e-7).
void expect_uniform(int below) { EXPECT_NEAR(below, 40, 32); }

}  // namespace

TEST(chi_square_tests, independence_of_bits_by_hand) {
  // 44 bits, half of them ones, in pairs: 11 and 00 ten times each, 10 and 01 once each. min(p)^3 14 = 1.75 < 5, so m
  // = 2.
  std::vector<uint8_t> s;
  for (int i = 0; i < 10; ++i) s.insert(s.end(), {1, 1, 0, 0});
  s.insert(s.end(), {1, 0, 0, 1});
  const ChiSquareTest test = independence_test({s, 2});
  EXPECT_EQ(test.bins, 4);
  EXPECT_EQ(test.freedom, 2);
  EXPECT_NEAR(test.statistic, 4 * 4.5 * 4.5 / 5.5, 1e-12);  // 22 / 4 expected of each
  EXPECT_NEAR(test.p_value, std::exp(-test.statistic / 2), 1e-12);
  EXPECT_FALSE(test.passed);
}

TEST(chi_square_tests, independence_of_symbols_by_hand) {
  // 90 pairs of three equally likely symbols, 10 expected of each of nine; always the next symbol follows.
  std::vector<uint8_t> s;
  for (int i = 0; i < 90; ++i) s.insert(s.end(), {static_cast<uint8_t>(i % 3), static_cast<uint8_t>((i + 1) % 3)});
  const ChiSquareTest test = independence_test({s, 3});
  EXPECT_EQ(test.bins, 9);
  EXPECT_EQ(test.freedom, 6);
  EXPECT_NEAR(test.statistic, 3 * 20.0 * 20.0 / 10 + 6 * 10.0 * 10.0 / 10, 1e-9);
  EXPECT_FALSE(test.passed);
}

TEST(chi_square_tests, goodness_of_fit_by_hand) {
  // Ten parts of 20 bits: five of ones, five of zeros; 10 expected of each value in each part.
  std::vector<uint8_t> s(200);
  std::fill(s.begin(), s.begin() + 100, uint8_t{1});
  const ChiSquareTest bits = goodness_of_fit_test({s, 2});
  EXPECT_EQ(bits.freedom, 9);
  EXPECT_NEAR(bits.statistic, 10 * (10.0 * 10 / 10 + 10.0 * 10 / 10), 1e-12);
  EXPECT_FALSE(bits.passed);
  // Four symbols, of which the rare two (20 and 40 of 400, 2 and 4 a part) share a bin of 6.
  std::vector<uint8_t> wide;
  for (int part = 0; part < 10; ++part) {
    for (int i = 0; i < 40; ++i) wide.push_back(static_cast<uint8_t>(i < 2 ? 0 : i < 6 ? 1 : i < 20 ? 2 : 3));
  }
  const ChiSquareTest same = goodness_of_fit_test({wide, 4});
  EXPECT_EQ(same.bins, 3);
  EXPECT_EQ(same.freedom, 18);
  EXPECT_NEAR(same.statistic, 0, 1e-12);
  EXPECT_TRUE(same.passed);
}

TEST(chi_square_tests, independent_samples_fail_as_often_as_chance_says) {
  const double skewed[5] = {0.5, 0.3, 0.15, 0.04, 0.01};
  int bits[2] = {}, symbols[2] = {};
  for (uint64_t set = 0; set < 400; ++set) {
    const Symbols b = dense(test::biased(0.7, 5000, 2000 + set)),
                  s = dense(test::independent(skewed, 4000, 3000 + set));
    bits[0] += independence_test(b).p_value < 0.1;
    bits[1] += goodness_of_fit_test(b).p_value < 0.1;
    symbols[0] += independence_test(s).p_value < 0.1;
    symbols[1] += goodness_of_fit_test(s).p_value < 0.1;
  }
  for (const int below : {bits[0], bits[1], symbols[0], symbols[1]}) expect_uniform(below);
}

TEST(chi_square_tests, dependence_and_drift_fail) {
  EXPECT_FALSE(independence_test({test::sticky(0.53, 100'000, 2500), 2}).passed);
  EXPECT_TRUE(goodness_of_fit_test({test::sticky(0.53, 100'000, 2500), 2}).passed);
  std::vector<uint8_t> drifting = test::biased(0.48, 50'000, 2501);
  for (const uint8_t s : test::biased(0.52, 50'000, 2502)) drifting.push_back(s);
  EXPECT_FALSE(goodness_of_fit_test({drifting, 2}).passed);
}

TEST(chi_square_tests, without_enough_samples_there_is_a_note) {
  const ChiSquareTest constant = independence_test({std::vector<uint8_t>(1000), 1});
  EXPECT_FALSE(constant.passed);
  EXPECT_FALSE(constant.note.empty());
  EXPECT_TRUE(goodness_of_fit_test({std::vector<uint8_t>(1000), 1}).passed);
  const ChiSquareTest few = independence_test(dense(test::uniform(8, 200, 2503)));
  EXPECT_FALSE(few.note.empty());
  EXPECT_FALSE(goodness_of_fit_test(dense(test::uniform(8, 20, 2504))).note.empty());
}

TEST(chi_square_tests, long_repeats_fail) {
  std::vector<uint8_t> s = test::uniform(8, 50'000, 2505);
  const Symbols clean = dense(s);
  const RepeatTest usual = repeat_test(clean, repeats_of(clean.span()).longest);
  EXPECT_NEAR(usual.collision, 1.0 / 256, 1e-4);
  EXPECT_TRUE(usual.passed);
  std::copy(s.begin() + 100, s.begin() + 108, s.begin() + 40'000);  // 8 symbols: 1.2e9 pairs / 256^8
  const Symbols repeated = dense(s);
  const RepeatTest copied = repeat_test(repeated, repeats_of(repeated.span()).longest);
  EXPECT_GE(copied.longest, 8);
  EXPECT_LT(copied.p_value, 1e-8);
  EXPECT_FALSE(copied.passed);
  EXPECT_TRUE(repeat_test({std::vector<uint8_t>(100), 1}, 99).passed);  // certain, where all are the same
}

}  // namespace swell::entropy
