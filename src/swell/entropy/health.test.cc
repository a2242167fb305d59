// Statistical claims below have fixed seeds. Each count is held against both tails of its law at 1e-8, so that all of
// this file together raise a false alarm with a chance below 1e-6 at the first choice of the seed.

#include "swell/entropy/health.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "swell/base/errors.h"
#include "swell/entropy/distributions.h"
#include "swell/entropy/test_sources.h"

namespace swell::entropy {

namespace {

// Both tests over the whole stream.
HealthState after(const HealthSettings& settings, std::span<const uint8_t> samples) {
  HealthTests tests(settings);
  tests.take(samples);
  return tests.state();
}

// Failures of a rare kind scatter as a Poisson count, those of windows and of frequent runs less. Poisson sums are
// tails of chi-square.
void expect_count(int64_t count, double expected) {
  const double twice = 2 * static_cast<double>(count);
  EXPECT_GT(chi_square_upper_tail(2 * expected, twice + 2), 1e-8)
      << count << " of " << expected;  // P(so few, or fewer)
  if (count == 0) return;
  EXPECT_LT(chi_square_upper_tail(2 * expected, twice), 1 - 1e-8)
      << count << " of " << expected;  // 1 - P(so many, or more)
}

double chance(int64_t window, double p, int64_t cutoff) {
  const double both[2] = {p, 1 - p};
  return proportion_failure_chance(both, window, cutoff);
}

}  // namespace

// SP 800-90B, sections 4.4.1 and 4.4.2, worked out for eight claims at two rates of false alarms.
TEST(health, cutoffs_are_those_of_the_table) {
  const double H[8] = {0.5, 0.9, 0.98, 1, 2, 4, 7, 8};
  struct Row {
    double alpha;
    int64_t repetition[8], symbols[8], bits[8];
  };
  const Row rows[2] = {{0x1p-20,
                        {41, 24, 22, 21, 11, 6, 4, 4},
                        {410, 329, 314, 311, 177, 62, 18, 13},
                        {793, 625, 596, 589, 325, 105, 26, 18}},
                       {0x1p-30,
                        {61, 35, 32, 31, 16, 9, 6, 5},
                        {422, 342, 328, 325, 190, 71, 22, 16},
                        {810, 645, 616, 609, 343, 116, 31, 22}}};
  for (const Row& row : rows) {
    for (int i = 0; i < 8; ++i) {
      EXPECT_EQ(repetition_cutoff(H[i], row.alpha), row.repetition[i]) << H[i];
      EXPECT_EQ(proportion_cutoff(512, H[i], row.alpha), row.symbols[i]) << H[i];
      EXPECT_EQ(proportion_cutoff(1024, H[i], row.alpha), row.bits[i]) << H[i];
    }
  }
}

TEST(health, a_whole_quotient_is_not_rounded_up) {
  for (int whole = 3; whole < 400; ++whole) EXPECT_EQ(repetition_cutoff(20.0 / whole, 0x1p-20), 1 + whole);
}

TEST(health, a_stuck_source_fails_at_the_sample_of_the_cutoff) {
  std::vector<uint8_t> samples = test::uniform(8, 5000, 1);
  std::fill(samples.begin() + 3000, samples.end(), uint8_t{77});
  samples[2999] = 76;
  HealthTests tests({8, 7, 0x1p-30});
  const auto failure = tests.take(samples);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->test, HealthTest::repetition);
  EXPECT_EQ(failure->position, 3000 + 6 - 1);
  EXPECT_EQ(failure->start, 3000);
  EXPECT_EQ(failure->symbol, 77);
  EXPECT_EQ(failure->count, 6);
  EXPECT_FALSE(failure->start_up);
  EXPECT_TRUE(tests.start_up_passed());
  EXPECT_EQ(tests.state().repetition_failures, 1);  // one run, however long
  // Windows from 3072 on hold nothing else: 22 of 512 is the cutoff, reached in each of the four that are long enough.
  EXPECT_EQ(tests.state().proportion_failures, 4);
  EXPECT_EQ(failure->sentence(),
            "repetition count test failed at sample 3005: symbol 77 came 6 times in a row; allowed: at most 5");
}

TEST(health, a_proportion_fails_at_the_sample_of_the_cutoff) {
  // 0 1 0 1 ...: no run, and half of each window. H = 2 allows 176 of 512.
  std::vector<uint8_t> samples(2048);
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = i % 2;
  HealthTests tests({2, 2, 0x1p-20});
  const auto failure = tests.take(samples);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->test, HealthTest::proportion);
  EXPECT_EQ(failure->position, 2 * (177 - 1));
  EXPECT_EQ(failure->start, 0);
  EXPECT_EQ(failure->window, 512);
  EXPECT_EQ(failure->cutoff, 177);
  EXPECT_TRUE(failure->start_up);
  EXPECT_FALSE(tests.start_up_passed());
  EXPECT_EQ(tests.state().proportion_failures, 4);
  EXPECT_EQ(tests.state().start_up_failures, 2);
  EXPECT_EQ(
      failure->sentence(),
      "adaptive proportion test failed at sample 352, during start-up: symbol 0 came 177 times in the window of 512 "
      "samples from sample 0; allowed: at most 176");
}

TEST(health, the_verdict_does_not_depend_on_how_the_stream_is_cut) {
  // A source far too poor for its claim, so that both tests fail often.
  const std::vector<uint8_t> samples = test::sticky(0.8, 60'000, 2);
  const HealthSettings settings{1, 1, 0x1p-8};
  const HealthState whole = after(settings, samples);
  EXPECT_GT(whole.repetition_failures, 100);
  EXPECT_GT(whole.proportion_failures, 3);
  Sequence lengths = test::draws(3);
  for (const int64_t longest : {1, 7, 700, 5000}) {
    HealthState kept;
    std::optional<HealthFailure> first;
    for (size_t at = 0; at < samples.size();) {
      const size_t part = std::min(samples.size() - at, static_cast<size_t>(lengths.below(longest + 1)));
      HealthTests tests(settings, kept);  // as if restarted at every cut
      const auto failure = tests.take(std::span(samples).subspan(at, part));
      if (!first) first = failure;
      kept = tests.state();
      at += part;
    }
    EXPECT_EQ(kept, whole) << longest;
    EXPECT_EQ(first, whole.first) << longest;
  }
}

// Samples looked at in lanes and words give what samples looked at one by one give, for every cutoff of runs.
TEST(health, many_samples_at_once_give_the_verdict_of_one_at_a_time) {
  Sequence draws = test::draws(6);
  for (int round = 0; round < 400; ++round) {
    const int bits = static_cast<int>(draws.below(4)) * 2 + 1 + static_cast<int>(draws.below(2));
    // Cutoffs from 2 to 60, and sources that reach them some ten times.
    const double cutoff = 2 + static_cast<double>(draws.below(59));
    const HealthSettings settings{bits, static_cast<double>(bits), std::exp2(-bits * (cutoff - 1))};
    std::vector<uint8_t> samples = test::uniform(bits, 4000 + draws.below(5000), 100 + round);
    for (int run = 0; run < 20; ++run) {
      const auto first = static_cast<size_t>(draws.below(static_cast<int64_t>(samples.size()) - 70));
      const auto length = static_cast<size_t>(cutoff) + static_cast<size_t>(draws.below(5)) - 2;
      std::fill_n(samples.begin() + static_cast<int64_t>(first), length, samples[first]);
    }
    HealthTests one_by_one(settings);
    std::optional<HealthFailure> first;
    for (const uint8_t sample : samples) {
      const auto failure = one_by_one.take({&sample, 1});
      if (!first) first = failure;
    }
    HealthTests tests(settings);
    EXPECT_EQ(tests.take(samples), first) << round;
    EXPECT_EQ(tests.state(), one_by_one.state()) << round;
    EXPECT_GT(tests.state().repetition_failures, 2) << round;
  }
}

TEST(health, start_up_is_over_after_1024_samples) {
  HealthTests tests({1, 1, 0x1p-20});
  tests.take(test::uniform(1, 1023, 4));
  EXPECT_FALSE(tests.start_up_over());
  EXPECT_FALSE(tests.start_up_passed());
  tests.take(test::uniform(1, 1, 5));
  EXPECT_TRUE(tests.start_up_passed());
}

TEST(health, settings_samples_and_states_out_of_range_are_refused) {
  EXPECT_THROW(HealthTests({0, 1}), InputError);
  EXPECT_THROW(HealthTests({9, 1}), InputError);
  EXPECT_THROW(HealthTests({1, 0}), InputError);
  EXPECT_THROW(HealthTests({1, 1.5}), InputError);
  EXPECT_THROW(HealthTests({1, std::nan("")}), InputError);
  EXPECT_THROW(HealthTests({1, 1, 0}), InputError);
  EXPECT_THROW(HealthTests({1, 1, 1}), InputError);
  HealthTests tests({2, 1});
  const std::vector<uint8_t> bad = {0, 3, 4};
  EXPECT_THROW(tests.take(bad), InputError);
  EXPECT_EQ(tests.state(), HealthState{});
  HealthState state;
  state.samples = 5;
  EXPECT_THROW(HealthTests({2, 1}, state), InputError);
  EXPECT_FALSE(HealthTests({1, 0.01}).proportion_can_fail());  // 2^-0.01: all samples equal are within the allowance
}

// Ideal sources under loose cutoffs (alpha 2^-10 and 2^-12), where failures are many enough to be counted: catches a
// chance of failure that is off by a tenth (runs of bits at 2^-10) or a factor of 3 (windows at 2^-10).
TEST(health, ideal_sources_fail_as_often_as_theory_says) {
  for (const int bits : {1, 2, 4}) {
    const std::vector<double> p(size_t{1} << bits, std::exp2(-bits));
    for (const double alpha : {0x1p-10, 0x1p-12}) {
      constexpr int64_t n = 1 << 23;
      const HealthSettings settings{bits, static_cast<double>(bits), alpha};
      const HealthState state = after(settings, test::uniform(bits, n, 10));
      const HealthTests tests(settings);
      expect_count(state.repetition_failures, expected_repetition_failures(p, n, tests.repetition_cutoff()));
      const double windows = static_cast<double>(n / tests.window());
      const double failing = proportion_failure_chance(p, tests.window(), tests.proportion_cutoff());
      expect_count(state.proportion_failures, windows * failing);
      // The design: no more than alpha, of runs (C - 1 further equal samples) and of windows. The cutoff of windows
      // is set as if all W samples were free, but the first one always counts: up to 4/3 of alpha here.
      EXPECT_LE(std::pow(p[0], static_cast<double>(tests.repetition_cutoff() - 1)), alpha);
      EXPECT_LE(failing, 1.35 * alpha);
    }
  }
}

TEST(health, an_ideal_source_passes) {
  // At 2^-50, 8.4e6 samples give 4e-9 false alarms in the mean.
  EXPECT_FALSE(after({1, 1, 0x1p-50}, test::uniform(1, 1 << 23, 11)).first);
  EXPECT_FALSE(after({8, 8, 0x1p-50}, test::uniform(8, 1 << 23, 12)).first);
}

// A bias of 55 to 45, claimed as one full bit: each window fails with the chance that the binomial law gives.
TEST(health, biased_bits_are_found_as_often_as_the_binomial_law_says) {
  for (const double alpha : {0x1p-6, 0x1p-10, 0x1p-20}) {
    const HealthSettings settings{1, 1, alpha};
    constexpr int64_t n = 1 << 23;
    const HealthState state = after(settings, test::biased(0.55, n, 13));
    const HealthTests tests(settings);
    expect_count(state.proportion_failures, n / 1024 * chance(1024, 0.55, tests.proportion_cutoff()));
    const double p[2] = {0.45, 0.55};
    expect_count(state.repetition_failures, expected_repetition_failures(p, n, tests.repetition_cutoff()));
  }
}

// Bits that stay with chance s, claimed as one full bit: a run reaches C with chance s^(C-1), and begins with 1 - s.
TEST(health, correlated_bits_are_found_as_often_as_runs_say) {
  for (const double stay : {0.55, 0.7, 0.9}) {
    const HealthSettings settings{1, 1, 0x1p-10};
    constexpr int64_t n = 1 << 23;
    const HealthState state = after(settings, test::sticky(stay, n, 14));
    const double cutoff = static_cast<double>(HealthTests(settings).repetition_cutoff());
    expect_count(state.repetition_failures, n * (1 - stay) * std::pow(stay, cutoff - 1));
  }
}

}  // namespace swell::entropy
