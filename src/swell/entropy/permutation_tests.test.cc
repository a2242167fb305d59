#include "swell/entropy/permutation_tests.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/entropy/test_sources.h"

namespace swell::entropy {

namespace {

double value(const std::vector<double>& values, Statistic statistic) { return values[static_cast<size_t>(statistic)]; }

const PermutationResult& result(const std::vector<PermutationResult>& results, Statistic statistic) {
  return results[static_cast<size_t>(statistic)];
}

PermutationOptions with(int64_t shuffles, uint64_t seed, int threads = 1, bool all = false) {
  PermutationOptions options;
  options.shuffles = shuffles;
  options.seed = seed;
  options.threads = threads;
  options.all = all;
  return options;
}

}  // namespace

TEST(permutation_tests, statistics_of_a_case_by_hand) {
  // Mean 5, median 4.5; ups and downs: + + - - + + - + +.
  const std::vector<uint8_t> s = {2, 2, 9, 4, 1, 5, 8, 6, 6, 7};
  const std::vector<double> values = permutation_statistics(s, false);
  EXPECT_EQ(value(values, Statistic::excursion), 7);  // 2 + 2 + 9 + 4 + 1 = 18 against 5 times 5
  EXPECT_EQ(value(values, Statistic::directional_runs), 5);
  EXPECT_EQ(value(values, Statistic::longest_directional_run), 2);
  EXPECT_EQ(value(values, Statistic::increases), 6);
  // At or above 5.5, the middle of 5 and 6: - - + - - - + + + +.
  EXPECT_EQ(value(values, Statistic::median_runs), 4);
  EXPECT_EQ(value(values, Statistic::longest_median_run), 4);
  // 2 2 | 9 4 1 5 8 6 6 | 7
  EXPECT_EQ(value(values, Statistic::average_collision), 4.5);
  EXPECT_EQ(value(values, Statistic::longest_collision), 7);
  EXPECT_EQ(value(values, Statistic::periodicity_1), 2);
  EXPECT_EQ(value(values, Statistic::periodicity_2), 0);
  EXPECT_EQ(value(values, Statistic::covariance_8), 2 * 6 + 2 * 7);
  EXPECT_EQ(value(values, Statistic::periodicity_16), 0);
}

TEST(permutation_tests, bits_are_converted_in_blocks_of_eight) {
  // 11110000 | 00001111 | 11: ones 4, 4, 2; bytes 0xf0, 0x0f, 0xc0.
  const std::vector<uint8_t> s = {1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
  const std::vector<double> values = permutation_statistics(s, true);
  EXPECT_EQ(value(values, Statistic::directional_runs), 2);  // 4 <= 4 > 2
  EXPECT_EQ(value(values, Statistic::increases), 1);
  EXPECT_EQ(value(values, Statistic::covariance_1), 4 * 4 + 4 * 2);
  EXPECT_EQ(value(values, Statistic::covariance_2), 4 * 2);
  EXPECT_EQ(value(values, Statistic::periodicity_1), 1);
  EXPECT_EQ(value(values, Statistic::average_collision), 0);  // of three different bytes
  EXPECT_EQ(value(values, Statistic::median_runs), 3);
  EXPECT_EQ(value(values, Statistic::longest_median_run), 8);
  EXPECT_NEAR(value(values, Statistic::excursion), 12 * 10.0 / 18 - 4, 1e-12);
}

TEST(permutation_tests, samples_that_compress_are_shorter) {
  const std::vector<uint8_t> random = test::uniform(4, 20'000, 700);
  std::vector<uint8_t> periodic = random;
  for (size_t i = 100; i < periodic.size(); ++i) periodic[i] = periodic[i - 100];
  const double least = value(permutation_statistics(random, false), Statistic::compression);
  EXPECT_GT(least, 20'000 * 4 / 8);  // no compressor goes below the entropy
  EXPECT_LT(value(permutation_statistics(periodic, false), Statistic::compression), 0.1 * least);
}

// Samples and their shuffles are alike, so the rank of the samples is equally likely to be any: of 59 shuffles the
// first or last six are taken with a chance of 12/60 at most. 150 sets: false alarm below 1e-6 (5 standard errors
// of 4.9).
TEST(permutation_tests, independent_samples_fail_as_often_as_ranks_say) {
  int failed[kStatistics] = {};
  constexpr int kSets = 150;
  for (uint64_t set = 0; set < kSets; ++set) {
    for (const PermutationResult& each : permutation_tests(test::uniform(6, 300, 800 + set), with(59, set, 1, true))) {
      EXPECT_EQ(each.shuffles(), 59);
      failed[static_cast<int>(each.statistic)] += !each.passed;
    }
  }
  for (int k = 0; k < kStatistics; ++k) EXPECT_LE(failed[k], 30 + 25) << name_of(static_cast<Statistic>(k));
  for (const Statistic smooth :
       {Statistic::excursion, Statistic::covariance_1, Statistic::covariance_32}) {  // few ties
    EXPECT_GE(failed[static_cast<int>(smooth)], 30 - 25) << name_of(smooth);
  }
}

TEST(permutation_tests, each_order_is_equally_likely) {
  // Of the six orders of 0, 1, 2 two have the 0 in the middle (covariance 0), and two are monotone (a single run).
  // 5.3 standard errors of 3000 / 3: false alarm 1.2e-7.
  const double room = 5.3 * std::sqrt(3000 * 2.0 / 9);
  const auto zero = permutation_tests(std::vector<uint8_t>{1, 0, 2}, with(3000, 1, 1, true));
  EXPECT_NEAR(static_cast<double>(result(zero, Statistic::covariance_1).equal), 1000, room);
  const auto monotone = permutation_tests(std::vector<uint8_t>{0, 1, 2}, with(3000, 2, 1, true));
  EXPECT_NEAR(static_cast<double>(result(monotone, Statistic::directional_runs).equal), 1000, room);
}

TEST(permutation_tests, each_kind_of_order_is_seen_by_its_statistic) {
  // Bits that stick: too few runs about the median, and too long ones.
  const auto sticky = permutation_tests(test::sticky(0.65, 3000, 701), with(100, 1));
  EXPECT_FALSE(result(sticky, Statistic::median_runs).passed);
  EXPECT_EQ(result(sticky, Statistic::median_runs).below, 0);
  // A mean that drifts: an excursion.
  std::vector<uint8_t> drifting = test::biased(0.35, 2000, 702);
  for (const uint8_t s : test::biased(0.65, 2000, 703)) drifting.push_back(s);
  EXPECT_FALSE(result(permutation_tests(drifting, with(100, 1)), Statistic::excursion).passed);
  // The symbol of 8 samples before, one time in five.
  std::vector<uint8_t> echo = test::uniform(4, 8000, 704);
  for (size_t i = 10; i < echo.size(); i += 5) echo[i] = echo[i - 8];
  const auto echoes = permutation_tests(echo, with(100, 1));
  EXPECT_FALSE(result(echoes, Statistic::periodicity_8).passed);
  EXPECT_FALSE(result(echoes, Statistic::covariance_8).passed);
  EXPECT_TRUE(result(echoes, Statistic::periodicity_1).passed);
  // A text that repeats itself.
  std::vector<uint8_t> text = test::uniform(4, 3000, 705);
  for (size_t i = 1500; i < text.size(); ++i) text[i] = text[i - 1500];
  EXPECT_FALSE(result(permutation_tests(text, with(100, 1)), Statistic::compression).passed);
}

TEST(permutation_tests, results_depend_on_the_seed_and_not_on_threads) {
  const std::vector<uint8_t> samples = test::uniform(3, 2000, 706);
  const auto one = permutation_tests(samples, with(300, 5)), three = permutation_tests(samples, with(300, 5, 3));
  const auto other = permutation_tests(samples, with(300, 6));
  bool differs = false;
  for (int k = 0; k < kStatistics; ++k) {
    EXPECT_EQ(one[k].above, three[k].above) << k;
    EXPECT_EQ(one[k].equal, three[k].equal) << k;
    EXPECT_EQ(one[k].below, three[k].below) << k;
    differs |= one[k].above != other[k].above;
    // A statistic that has passed is counted no further.
    if (one[k].passed) {
      EXPECT_TRUE(one[k].above + one[k].equal == 6 || one[k].equal + one[k].below == 6) << k;
    } else {
      EXPECT_EQ(one[k].shuffles(), 300) << k;
    }
  }
  EXPECT_TRUE(differs);
}

TEST(permutation_tests, the_verdict_is_that_of_all_shuffles) {
  const std::vector<uint8_t> samples = test::sticky(0.52, 1000, 707);
  const auto early = permutation_tests(samples, with(400, 7)), all = permutation_tests(samples, with(400, 7, 1, true));
  for (int k = 0; k < kStatistics; ++k) EXPECT_EQ(early[k].passed, all[k].passed) << k;
}

// Where another statistic fails, the verdict of the samples stands without compression; where none does, compression is
// counted to its end, from where it was left.
TEST(permutation_tests, compression_is_counted_on_only_while_it_can_change_the_verdict) {
  const std::vector<uint8_t> sticky = test::sticky(0.65, 3000, 709);
  const auto failing = permutation_tests(sticky, with(300, 8));
  EXPECT_TRUE(result(failing, Statistic::compression).open);
  EXPECT_EQ(result(failing, Statistic::compression).shuffles(), kFirstCompressions);
  const auto whole = permutation_tests(sticky, with(300, 8, 1, true));
  EXPECT_FALSE(result(whole, Statistic::compression).open);
  EXPECT_EQ(result(whole, Statistic::compression).shuffles(), 300);
  // A text that repeats itself, of which no other statistic fails.
  std::vector<uint8_t> text;
  std::vector<PermutationResult> all;
  const auto others = [&] {
    return std::count_if(all.begin(), all.end() - 1, [](const PermutationResult& one) { return !one.passed; });
  };
  for (uint64_t number = 720; all.empty() || (others() > 0 && number < 740); ++number) {
    text = test::uniform(4, 3000, number);
    for (size_t i = 1500; i < text.size(); ++i) text[i] = text[i - 1500];
    all = permutation_tests(text, with(300, 1, 3, true));
  }
  ASSERT_EQ(others(), 0);
  const PermutationResult found = result(permutation_tests(text, with(300, 1)), Statistic::compression);
  EXPECT_FALSE(found.open);
  EXPECT_FALSE(found.passed);
  EXPECT_EQ(found.shuffles(), 300);
  EXPECT_EQ(found.below, result(all, Statistic::compression).below);
  PermutationOptions known = with(300, 1);
  known.failed = true;
  EXPECT_TRUE(result(permutation_tests(text, known), Statistic::compression).open);
}

TEST(permutation_tests, can_be_stopped_and_refuse_what_is_too_little) {
  PermutationOptions options = with(1000, 1);
  options.progress = [](const Progress& at) { return at.done < 3; };
  EXPECT_THROW(permutation_tests(test::uniform(8, 1000, 708), options), Interrupted);
  EXPECT_THROW(permutation_tests(std::vector<uint8_t>(1), with(1000, 1)), InputError);
  EXPECT_THROW(permutation_tests(std::vector<uint8_t>(10), with(5, 1)), InputError);
}

}  // namespace swell::entropy
