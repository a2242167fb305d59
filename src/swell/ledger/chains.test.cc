#include "swell/ledger/chains.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

double normal(int64_t chain, int64_t draw, int64_t which = 0) {
  return draw_normal({18, stream::kTesting}, chain, draw, which);
}

// Stationary autoregressive chains of unit variance, x' = rho x + sqrt(1 - rho^2) R.
Chains autoregressive(int64_t chains, int64_t draws, double rho) {
  Chains result{chains, draws, {}};
  for (int64_t c = 0; c < chains; ++c) {
    double x = normal(c, 0, 1);
    for (int64_t k = 0; k < draws; ++k) {
      result.values.push_back(x);
      x = rho * x + std::sqrt(1 - rho * rho) * normal(c, k);
    }
  }
  return result;
}

}  // namespace

// Two chains 1 3 2 4 and 5 7 7 9: halves {1 3}, {2 4}, {5 7}, {7 9} with means 2 3 6 8, each s^2 = 2; the variance of
// the means is 91/12, so R-hat^2 = 1/2 + 91/24.
TEST(chains, split_r_hat_of_a_small_table_by_hand) {
  const Chains chains{2, 4, {1, 3, 2, 4, 5, 7, 7, 9}};
  EXPECT_NEAR(split_r_hat(chains), std::sqrt(0.5 + 91.0 / 24), 1e-14);
  const Chains odd{2, 5, {1, 3, 100, 2, 4, 5, 7, -100, 7, 9}};  // the draw in the middle belongs to neither half
  EXPECT_NEAR(split_r_hat(odd), split_r_hat(chains), 1e-14);
}

// R-hat^2 - 1 scatters about 0 by sqrt(2 / (2M - 1)) / N = 3.8e-4, and ESS / n by about sqrt(2 lags / n) = 1 %:
// 6 errors of either.
TEST(chains, of_independent_draws_agree_and_hold_all_of_them) {
  const Chains chains = autoregressive(8, 2000, 0);
  EXPECT_NEAR(split_r_hat(chains), 1, 1.2e-3);
  EXPECT_NEAR(effective_draws(chains) / 16000, 1, 0.06);
}

// tau = (1 + rho) / (1 - rho), known to about sqrt(4 tau / n) = 3 % of 8 x 20000 draws; negative rho gives more
// effective draws than draws.
TEST(chains, effective_draws_of_autoregressive_chains_are_known) {
  for (const double rho : {0.3, 0.9, -0.5}) {
    const double expected = 160000 * (1 - rho) / (1 + rho);
    EXPECT_NEAR(effective_draws(autoregressive(8, 20000, rho)) / expected, 1, 0.1) << rho;
  }
}

// Half of the chains about 0 and half about 6: W = 1, between = 9 x 16/15.
TEST(chains, in_two_wells_disagree) {
  Chains chains = autoregressive(8, 200, 0.5);
  for (int64_t c = 0; c < 4; ++c) {
    for (int64_t k = 0; k < 200; ++k) chains.values[c * 200 + k] += 6;
  }
  EXPECT_NEAR(split_r_hat(chains), std::sqrt(1 + 9 * 16.0 / 15), 0.1);
  EXPECT_LT(effective_draws(chains), 12);  // no more than some chains
}

// One chain alone that moves from 0 to 4 over its length: the means of its halves are 2 apart.
TEST(chains, that_drift_disagree_with_themselves) {
  Chains chains = autoregressive(1, 400, 0);
  for (int64_t k = 0; k < 400; ++k) chains.values[k] += 4.0 * static_cast<double>(k) / 400;
  EXPECT_GT(split_r_hat(chains), 1.5);
}

TEST(chains, without_spread_or_with_too_few_draws_say_nothing) {
  EXPECT_TRUE(std::isnan(split_r_hat({2, 4, std::vector<double>(8, 1.0)})));
  EXPECT_TRUE(std::isnan(effective_draws({2, 4, std::vector<double>(8, 1.0)})));
  EXPECT_TRUE(std::isnan(split_r_hat({2, 3, {1, 2, 3, 4, 5, 6}})));
  EXPECT_TRUE(std::isinf(split_r_hat({2, 4, {1, 1, 1, 1, 2, 2, 2, 2}})));
}

// Chains of 64 x 2 halves of 10 draws with correlation e^(-1/2): the mean of R-hat over 40 sets, whose error is
// about 0.02/sqrt(40), and no set above the limit of five errors.
TEST(chains, expected_r_hat_is_that_of_short_autoregressive_chains) {
  const double rho = std::exp(-0.5);
  double mean = 0;
  const Chains all = autoregressive(40 * 64, 20, rho);
  for (int64_t set = 0; set < 40; ++set) {
    Chains chains{64, 20, {all.values.begin() + set * 1280, all.values.begin() + (set + 1) * 1280}};
    mean += split_r_hat(chains) / 40;
    EXPECT_LT(split_r_hat(chains), expected_r_hat(rho, 10, 64, 5));
  }
  EXPECT_NEAR(mean, expected_r_hat(rho, 10, 64, 0), 0.02);
  EXPECT_NEAR(expected_r_hat(0, 50, 64, 0), 1.0, 1e-3);  // independent draws: 1 but for the last digits
}

// Of 160,000 draws known to about 1 / sqrt(n) = 2.5e-3, four of which are allowed.
TEST(chains, correlation_of_draws_is_that_of_the_law) {
  EXPECT_NEAR(correlation_of_draws(autoregressive(8, 20000, 0.6)), 0.6, 0.01);
  EXPECT_NEAR(correlation_of_draws(autoregressive(8, 20000, 0)), 0, 0.01);
}

// However short the halves: of three relaxation times in all, 16 and 100 draws. The plain ratio, about the means of
// halves, would be 0.35 and 0.92. 4000 halves of one or two independent draws know 1 - rho to about 1 / sqrt(4000) = 2
// % of it; six times that.
TEST(chains, correlation_of_draws_is_not_biased_by_short_halves) {
  for (const int64_t draws : {16, 100}) {
    const double rho = std::exp(-3.0 / static_cast<double>(draws));
    const double found = correlation_of_draws(autoregressive(2000, draws, rho));
    EXPECT_NEAR((1 - found) / (1 - rho), 1, 0.12) << draws;
  }
}

// Chains that go along straight lines are more correlated than any stationary law: nothing is put down to chance.
TEST(chains, that_only_drift_have_a_correlation_of_one) {
  Chains lines{3, 40, {}};
  for (int64_t k = 0; k < 120; ++k) lines.values.push_back(static_cast<double>(k % 40));
  EXPECT_NEAR(correlation_of_draws(lines), 1, 1e-9);
  EXPECT_NEAR(split_r_hat(lines), 2,
              0.2);  // sqrt(1 + B / (N W)), of two lines one after the other 3, but for few draws
  EXPECT_TRUE(std::isinf(expected_r_hat(1, 20, 3, 0)));
}

// A false alarm of R-hat is one above the limit of five errors: none in 100 sets of 200 stationary chains over 10
// relaxation times, though R-hat is 1.2 there; the plain ratio for the correlation gave a limit of 1.16.
TEST(chains, at_equilibrium_over_ten_relaxation_times_stay_below_the_limit) {
  const double rho = std::exp(-0.1);
  double mean = 0;
  for (int64_t set = 0; set < 100; ++set) {
    Chains chains{200, 100, {}};
    for (int64_t c = 0; c < 200; ++c) {
      double x = normal(200 * set + c, 0, 2);
      for (int64_t k = 0; k < 100; ++k) {
        chains.values.push_back(x);
        x = rho * x + std::sqrt(1 - rho * rho) * normal(200 * set + c, k, 3);
      }
    }
    mean += split_r_hat(chains) / 100;
    EXPECT_LT(split_r_hat(chains), expected_r_hat(correlation_of_draws(chains), 50, 200, 5)) << set;
  }
  EXPECT_NEAR(mean, 1.2, 0.01);
}

// 21 times in 8 places: at 8 the odd ones go, at 16 those not divisible by 4.
TEST(chains, a_record_of_any_length_is_kept_evenly) {
  EvenRecord record(2, 8);
  for (int time = 0; time < 21; ++time) {
    const std::span<double> row = record.next();
    if (row.empty()) continue;
    row[0] = time;
    row[1] = -time;
  }
  ASSERT_EQ(record.rows(), 6);
  EXPECT_EQ(record.stride(), 4);
  for (int64_t k = 0; k < 6; ++k) {
    EXPECT_EQ(record.at(k, 0), 4 * k);
    EXPECT_EQ(record.at(k, 1), -4 * k);
  }
  record.clear();
  EXPECT_EQ(record.rows(), 0);
  EXPECT_FALSE(record.next().empty());
}

}  // namespace swell
