#include "swell/entropy/counting_estimators.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/entropy/test_sources.h"

namespace swell::entropy {

namespace {

Symbols bits(std::vector<uint8_t> values) { return {std::move(values), 2}; }

}  // namespace

TEST(counting_estimators, most_common_value_of_a_small_case) {
  // 20 samples, the commonest of them 8 times.
  const Symbols symbols = dense(std::vector<uint8_t>{0, 1, 1, 2, 0, 1, 2, 2, 0, 1, 0, 1, 1, 0, 2, 2, 1, 0, 2, 1});
  const EstimatorResult result = most_common_value(symbols);
  EXPECT_EQ(result.figure("mode_count"), 8);
  const double bound = 0.4 + 2.5758293035489008 * std::sqrt(0.4 * 0.6 / 19);
  EXPECT_NEAR(*result.figure("p_u"), bound, 1e-15);
  EXPECT_NEAR(*result.min_entropy, -std::log2(bound), 1e-15);
}

TEST(counting_estimators, collision_times_are_counted_to_the_last_whole_one) {
  // 00 | 101 | 011 | 0: times 2, 3, 3, and a rest that does not collide.
  const EstimatorResult result = collision(bits({0, 0, 1, 0, 1, 0, 1, 1, 0}));
  EXPECT_EQ(result.figure("v"), 3);
  EXPECT_EQ(result.figure("sum_t"), 8);
  EXPECT_NEAR(*result.figure("sigma_hat"), std::sqrt(1.0 / 3), 1e-15);
  EXPECT_NEAR(*result.figure("x_bar_lower"), 8.0 / 3 - 2.5758293035489008 / 3, 1e-15);  // Z sqrt(1/3) / sqrt(3)
}

TEST(counting_estimators, collision_time_of_independent_bits_is_the_mean_of_many) {
  for (const double p : {0.5, 0.8, 0.97}) {
    constexpr int64_t n = 600'000;
    const EstimatorResult result = collision(bits(test::biased(p, n, 500)));
    const double mean = expected_collision_time(p), threes = mean - 2;
    const double error = std::sqrt(threes * (1 - threes) / *result.figure("v"));
    EXPECT_NEAR(*result.figure("x_bar"), mean, 5.3 * error) << p;  // chance of a false alarm 1.2e-7
    // The equation that the estimate solves.
    const double solved = *result.figure("p");
    EXPECT_NEAR(expected_collision_time(solved), std::min(2.5, *result.figure("x_bar_lower")), 1e-12);
  }
}

TEST(counting_estimators, markov_takes_the_likeliest_of_all_paths) {
  const Symbols sequence = bits(test::sticky(0.7, 5000, 501));
  const EstimatorResult result = markov(sequence);
  // The best path of 128 bits by dynamic programming, instead of the six that the standard lists.
  const double step[2][2] = {{std::log2(*result.figure("p_00")), std::log2(*result.figure("p_01"))},
                             {std::log2(*result.figure("p_10")), std::log2(*result.figure("p_11"))}};
  double best[2] = {std::log2(*result.figure("p_0")), std::log2(*result.figure("p_1"))};
  for (int i = 1; i < 128; ++i) {
    const double zero = std::max(best[0] + step[0][0], best[1] + step[1][0]);
    const double one = std::max(best[0] + step[0][1], best[1] + step[1][1]);
    best[0] = zero;
    best[1] = one;
  }
  EXPECT_NEAR(*result.min_entropy, -std::max(best[0], best[1]) / 128, 1e-12);
}

TEST(counting_estimators, markov_of_bits_that_never_meet) {
  EXPECT_EQ(*markov(bits({0, 1, 0, 1, 0, 1, 0, 1})).min_entropy, 1.0 / 128);  // the first bit alone is open
  EXPECT_EQ(*markov(bits({0, 0, 0, 0})).min_entropy, 0);
  EXPECT_EQ(*markov(bits({0, 0, 0, 1})).figure("p_10"), 0);  // nothing ever followed a one
}

TEST(counting_estimators, compression_expects_what_its_double_sum_says) {
  constexpr int64_t blocks = 60, dictionary = 20;
  const auto G = [](double z) {  // 6.3.4, step 7, term by term
    double sum = 0;
    for (int64_t t = dictionary + 1; t <= blocks; ++t) {
      for (int64_t u = 1; u <= t; ++u) {
        const double chance = u < t ? z * z * std::pow(1 - z, static_cast<double>(u - 1))
                                    : z * std::pow(1 - z, static_cast<double>(t - 1));
        sum += std::log2(static_cast<double>(u)) * chance;
      }
    }
    return sum / (blocks - dictionary);
  };
  for (const double p : {1.0 / 64, 0.1, 0.5, 0.99, 1.0}) {
    EXPECT_NEAR(expected_compression(p, blocks, dictionary), G(p) + 63 * G((1 - p) / 63), 1e-12) << p;
  }
}

TEST(counting_estimators, compression_of_fair_bits_is_what_maurer_says) {
  // Mean of log2 of the distance for blocks of 6 bits: 5.2177052 (Maurer 1992, table 1), for an endless dictionary.
  EXPECT_NEAR(expected_compression(1.0 / 64, 200'000, 1000), 5.2177052, 1e-6);
  const EstimatorResult result = compression(bits(test::uniform(1, 600'000, 502)));
  const double error = *result.figure("sigma_hat") / std::sqrt(99'000.0);
  EXPECT_NEAR(*result.figure("x_bar"), 5.2177052, 6 * error);
  EXPECT_NEAR(*result.figure("x_bar_lower"), *result.figure("x_bar") - 2.5758293035489008 * error, 1e-13);
}

TEST(counting_estimators, wide_symbols_and_few_bits_are_refused) {
  const Symbols wide = dense(std::vector<uint8_t>{0, 1, 2, 0, 1, 2});
  EXPECT_THROW(collision(wide), InputError);
  EXPECT_THROW(markov(wide), InputError);
  EXPECT_THROW(compression(wide), InputError);
  EXPECT_FALSE(compression(bits(std::vector<uint8_t>(6011))).min_entropy);
  EXPECT_TRUE(compression(bits(std::vector<uint8_t>(6012))).min_entropy);
  EXPECT_FALSE(collision(bits({0, 0})).min_entropy);
}

}  // namespace swell::entropy
