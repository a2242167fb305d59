// Sources of known min-entropy. Seeds are fixed. An estimate that is sound stays below the truth, but for the chance of
// its confidence bound (0.5 percent by design, each); what is asserted below leaves room of 6 standard errors of the
// quantity that the estimate is made of, a false alarm below 1e-8.

#include "swell/entropy/assess.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/entropy/counting_estimators.h"
#include "swell/entropy/predictors.h"
#include "swell/entropy/test_sources.h"
#include "swell/entropy/tuple_estimators.h"

namespace swell::entropy {

namespace {

constexpr int64_t kMany = 300'000;

std::vector<uint8_t> repeated(std::vector<uint8_t> pattern, size_t samples) {
  std::vector<uint8_t> out(samples);
  for (size_t i = 0; i < samples; ++i) out[i] = pattern[i % pattern.size()];
  return out;
}

double estimate(const std::vector<EstimatorResult>& row, Estimator estimator) {
  for (const EstimatorResult& result : row) {
    if (result.estimator == estimator) return result.min_entropy.value_or(NAN);
  }
  return NAN;
}

// The likeliest symbol's probability, off by 6 standard errors, in bits of entropy.
double slack(double p, int64_t n) {
  return -std::log2(p) + std::log2(std::min(1.0, p + 6 * std::sqrt(p * (1 - p) / static_cast<double>(n))));
}

}  // namespace

TEST(entropy_assessment, independent_bits_of_any_bias_are_not_overestimated) {
  uint64_t table = 100;
  for (const double one : {0.5, 0.55, 0.7, 0.9, 0.98}) {
    const double truth = -std::log2(one);
    const Assessment assessment = assess(test::biased(one, kMany, ++table), 1);
    for (const EstimatorResult& result : assessment.literal) {
      ASSERT_TRUE(result.min_entropy) << result.why_not;
      // LRS and lag answer another question (pairs of equal tuples, repeats at a lag): of independent bits they see the
      // collision probability, and the assessment is the smallest of all.
      const bool by_collisions = result.estimator == Estimator::lrs || result.estimator == Estimator::lag;
      const double most = by_collisions ? -std::log2(one * one + (1 - one) * (1 - one)) : truth;
      EXPECT_LE(*result.min_entropy, most + slack(one, kMany)) << one << " " << name_of(result.estimator);
    }
    EXPECT_LE(assessment.H_assessed, truth) << one;
    // The frequency says it best. Predictors come as near, up to the confidence bound and their own 6 errors.
    for (const Estimator near : {Estimator::most_common_value, Estimator::multi_mcw, Estimator::multi_mmc}) {
      EXPECT_GE(estimate(assessment.literal, near), truth - 2 * slack(one, kMany) - 1e-3)
          << one << " " << name_of(near);
    }
    // What the smallest of ten costs with fair bits: 0.17 in NIST's own results for 1e6 bits of a true source.
    EXPECT_GE(assessment.H_assessed, (one == 0.5 ? 0.7 : 0.5) * truth) << one;
  }
}

TEST(entropy_assessment, bits_that_stick_have_the_entropy_of_their_markov_chain) {
  uint64_t table = 200;
  for (const double stay : {0.6, 0.8, 0.95}) {
    const double truth = -std::log2(stay);  // the likeliest next bit, whatever came before
    const Assessment assessment = assess(test::sticky(stay, kMany, ++table), 1);
    EXPECT_NEAR(estimate(assessment.literal, Estimator::markov), truth, slack(stay, kMany) + 1.0 / 128)
        << stay;  // P(first)
    EXPECT_NEAR(estimate(assessment.literal, Estimator::multi_mmc), truth, 2 * slack(stay, kMany)) << stay;
    EXPECT_NEAR(estimate(assessment.literal, Estimator::lag), truth, 2 * slack(stay, kMany)) << stay;
    EXPECT_LE(assessment.H_assessed, truth) << stay;
    // Counts alone see nothing.
    EXPECT_GT(estimate(assessment.literal, Estimator::most_common_value), 0.97) << stay;
  }
}

TEST(entropy_assessment, wide_symbols_are_not_overestimated) {
  // Three of eight symbols never come; the likeliest has probability 0.4.
  const double p[8] = {0.4, 0, 0.2, 0.2, 0, 0.1, 0, 0.1};
  const std::vector<uint8_t> samples = test::independent(p, 100'000, 300);
  const Assessment assessment = assess(samples, 3);
  EXPECT_EQ(assessment.distinct, 5);
  EXPECT_EQ(assessment.literal.size(), 7u);
  EXPECT_EQ(assessment.bitstring.size(), 10u);
  EXPECT_EQ(assessment.bits, 300'000);
  const double truth = -std::log2(0.4);
  EXPECT_LE(assessment.H_assessed, truth);
  EXPECT_NEAR(estimate(assessment.literal, Estimator::most_common_value), truth, slack(0.4, 100'000));
  EXPECT_NEAR(estimate(assessment.literal, Estimator::multi_mmc), truth, 4 * slack(0.4, 100'000));
  EXPECT_EQ(assessment.H_assessed, std::min(assessment.H_original, 3 * *assessment.H_bitstring));
}

TEST(entropy_assessment, a_cycle_through_all_symbols_has_none) {
  std::vector<uint8_t> all(256);
  std::iota(all.begin(), all.end(), uint8_t{0});
  const Assessment assessment = assess(repeated(all, 50'000), 8);
  EXPECT_GT(estimate(assessment.literal, Estimator::most_common_value), 7.5);  // counts are taken in
  EXPECT_LT(estimate(assessment.literal, Estimator::multi_mmc), 0.01);         // a prediction is not
  EXPECT_LT(estimate(assessment.literal, Estimator::lz78y), 0.01);
  EXPECT_LT(assessment.H_assessed, 0.01);
}

TEST(entropy_assessment, constant_samples_have_none_by_any_estimator) {
  for (const int bits : {1, 8}) {
    const Assessment assessment = assess(std::vector<uint8_t>(100'000, 1), bits);
    EXPECT_EQ(assessment.distinct, 1);
    EXPECT_EQ(assessment.literal.size(), 10u);
    EXPECT_FALSE(assessment.H_bitstring);
    EXPECT_EQ(assessment.H_assessed, 0);
    EXPECT_FALSE(std::signbit(assessment.H_assessed));
    for (const EstimatorResult& result : assessment.literal) {
      EXPECT_NEAR(result.min_entropy.value_or(0), 0, 1e-12) << name_of(result.estimator);
    }
  }
}

TEST(entropy_assessment, symbols_are_told_apart_by_their_order_alone) {
  const std::vector<uint8_t> samples = test::uniform(2, 20'000, 301);
  std::vector<uint8_t> spread = samples;
  for (uint8_t& symbol : spread) symbol = static_cast<uint8_t>(17 + 63 * symbol);
  const Assessment narrow = assess(samples, 2), wide = assess(spread, 8);
  EXPECT_EQ(narrow.H_original, wide.H_original);
  ASSERT_EQ(narrow.literal.size(), wide.literal.size());
  for (size_t i = 0; i < narrow.literal.size(); ++i)
    EXPECT_EQ(narrow.literal[i].min_entropy, wide.literal[i].min_entropy);
}

TEST(entropy_assessment, two_values_of_wide_symbols_are_bits) {
  const std::vector<uint8_t> bits = test::biased(0.6, 50'000, 302);
  std::vector<uint8_t> wide = bits;
  for (uint8_t& symbol : wide) symbol = symbol ? 200 : 3;
  const Assessment narrow = assess(bits, 1), same = assess(wide, 8);
  EXPECT_EQ(same.literal.size(), 10u);
  EXPECT_TRUE(same.bitstring.empty());
  EXPECT_EQ(same.H_assessed, narrow.H_assessed);
}

TEST(entropy_assessment, few_samples_leave_out_estimators_and_say_so) {
  for (const int64_t n : {2, 3, 20, 64, 100, 1000}) {
    const Assessment assessment = assess(test::uniform(1, n, 303), 1);
    EXPECT_EQ(assessment.literal.size(), 10u);
    EXPECT_GE(assessment.H_assessed, 0);
    EXPECT_LE(assessment.H_assessed, 1);
    size_t without = 0;
    for (const EstimatorResult& result : assessment.literal) {
      EXPECT_EQ(result.min_entropy.has_value(), result.why_not.empty()) << name_of(result.estimator);
      without += !result.min_entropy;
    }
    EXPECT_GE(without, 1u) << n;  // compression takes 6012 bits
    EXPECT_GE(assessment.warnings.size(), without + 1);
  }
  EXPECT_THROW(assess(std::vector<uint8_t>(1), 1), InputError);
  EXPECT_THROW(assess(std::vector<uint8_t>{0, 1, 2}, 1), InputError);
  EXPECT_THROW(assess(std::vector<uint8_t>{0, 1}, 9), InputError);
}

TEST(entropy_assessment, threads_change_nothing_and_progress_can_stop) {
  const std::vector<uint8_t> samples = test::uniform(4, 20'000, 304);
  AssessOptions options;
  const Assessment one = assess(samples, 4, options);
  options.threads = 3;
  double told = 0;
  options.progress = [&](const Progress& at) { return ++told <= at.total; };
  EXPECT_THROW(assess(samples, 4, options), Interrupted);  // at the last word, after `total` of them
  options.progress = [&](const Progress&) { return true; };
  const Assessment three = assess(samples, 4, options);
  EXPECT_EQ(one.H_assessed, three.H_assessed);
  for (size_t i = 0; i < one.bitstring.size(); ++i) {
    EXPECT_EQ(one.bitstring[i].estimator, static_cast<Estimator>(i));
    EXPECT_EQ(three.bitstring[i].estimator, static_cast<Estimator>(i));
    EXPECT_EQ(one.bitstring[i].min_entropy, three.bitstring[i].min_entropy);
  }
  options.most_bits = 40'000;
  EXPECT_EQ(assess(samples, 4, options).bits, 40'000);
}

TEST(entropy_assessment, eight_million_bits_are_assessed) {
  // Only the fast estimators, so that the test is: sizes are counted in 64 bits.
  const Symbols bits = {test::biased(0.75, 8'000'000, 305), 2};
  const double truth = -std::log2(0.75);
  EXPECT_NEAR(*most_common_value(bits).min_entropy, truth, slack(0.75, 8'000'000));
  EXPECT_NEAR(*markov(bits).min_entropy, truth, 2 * slack(0.75, 8'000'000));
  EXPECT_NEAR(*collision(bits).min_entropy, truth, 0.01);
  EXPECT_NEAR(*multi_mcw(bits).min_entropy, truth, 2 * slack(0.75, 8'000'000));
}

}  // namespace swell::entropy
