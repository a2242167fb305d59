#include "swell/random/normal.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

namespace swell {

namespace {

constexpr NoiseKey kKey{20260401, 7};
constexpr double kSigmas = 6;  // 2e-9 two-sided; below 1e-6 for all comparisons of one test together

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

// Upper point of chi-square with false-alarm rate 3e-7 (Wilson and Hilferty's cube root, 5 standard deviations).
double chi_square_limit(double freedom) {
  const double c = 2 / (9 * freedom);
  return freedom * std::pow(1 - c + 5 * std::sqrt(c), 3);
}

// Calls visit(x) for 2e7 draws: many units, steps and trajectories.
template <class Visit>
int64_t visit_draws(Visit&& visit) {
  int64_t count = 0;
  for (uint32_t trajectory = 0; trajectory < 40; ++trajectory) {
    for (uint64_t step = 0; step < 400; ++step) {
      for (uint32_t block = 0; block < 320; ++block) {
        const Normals4 four = normals_from(noise_words(kKey, block, step, trajectory, 0));
        for (const float x : {four.a, four.b, four.c, four.d}) visit(static_cast<double>(x));
        count += 4;
      }
    }
  }
  return count;
}

}  // namespace

// The bound that its comment states, on a dense sweep and on both ends; never above zero, so that its root exists.
TEST(normal, log_unit_agrees_with_libm_to_1e_7) {
  double worst = 0;
  const auto check = [&](uint32_t bits) {
    const float u = uniform_open_closed(bits);
    ASSERT_GT(u, 0.0f);
    ASSERT_LE(u, 1.0f);
    const float got = log_unit(u);
    ASSERT_LE(got, 0.0f) << u;
    const double wanted = std::log(static_cast<double>(u));
    worst = std::max(worst, std::abs(static_cast<double>(got) - wanted) / std::max(1.0, -wanted));
  };
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 1021) check(static_cast<uint32_t>(bits));
  for (uint32_t k = 0; k < 200000; ++k) {
    check(k);
    check(~k);
  }
  EXPECT_LT(worst, 1e-7);
}

// Two roundings of numbers up to 1 (1.2e-7) beside the polynomial's own 3e-8.
TEST(normal, sine_cosine_agrees_with_libm_to_1p5e_7) {
  double worst = 0;
  for (uint64_t bits = 0; bits < (uint64_t{1} << 32); bits += 1021) {
    const SinCos got = sine_cosine(static_cast<uint32_t>(bits));
    const double angle = 2 * std::numbers::pi * static_cast<double>(bits) * 0x1p-32;
    worst = std::max(worst, std::abs(static_cast<double>(got.sine) - std::sin(angle)));
    worst = std::max(worst, std::abs(static_cast<double>(got.cosine) - std::cos(angle)));
  }
  EXPECT_LT(worst, 1.5e-7);
}

// 2e7 draws: would see a variance wrong by 0.2 %, a mean by 0.0014, a kurtosis by 1.3 %.
TEST(normal, moments_to_eighth_order_are_those_of_a_standard_normal) {
  constexpr int kOrders = 8;
  std::array<double, kOrders + 1> sum{};
  const double n = static_cast<double>(visit_draws([&](double x) {
    double power = 1;
    for (int k = 1; k <= kOrders; ++k) sum[k] += power *= x;
  }));
  // <x^k> = (k-1)!! for even k, 0 for odd.
  const auto moment = [](int k) {
    double value = k % 2 ? 0 : 1;
    for (int j = k - 1; j > 1 && k % 2 == 0; j -= 2) value *= j;
    return value;
  };
  for (int k = 1; k <= kOrders; ++k) {
    const double error = std::sqrt((moment(2 * k) - moment(k) * moment(k)) / n);
    EXPECT_NEAR(sum[k] / n, moment(k), kSigmas * error) << "order " << k;
  }
}

// Chi-square in 1000 equiprobable bins (sees a density wrong by 4 % in one bin), Kolmogorov-Smirnov over 2^20 bins
// (sees a distribution function off by 6e-4), and counts in the tails.
TEST(normal, distribution_is_a_standard_normal) {
  constexpr int kFine = 1 << 20, kCoarse = 1000;
  std::vector<double> fine(kFine, 0.0), coarse(kCoarse, 0.0);
  const std::array<double, 6> cuts{3, 3.5, 4, 4.5, 5, 5.5};
  std::array<double, 6> above{}, below{};
  double largest = 0;
  const double n = static_cast<double>(visit_draws([&](double x) {
    const double u = normal_cdf(x);
    ++fine[std::min(kFine - 1, static_cast<int>(u * kFine))];
    ++coarse[std::min(kCoarse - 1, static_cast<int>(u * kCoarse))];
    largest = std::max(largest, std::abs(x));
    if (std::abs(x) < cuts[0]) return;
    for (size_t k = 0; k < cuts.size(); ++k) {
      above[k] += x > cuts[k];
      below[k] += x < -cuts[k];
    }
  }));
  double chi = 0;
  for (const double count : coarse) chi += (count - n / kCoarse) * (count - n / kCoarse) / (n / kCoarse);
  EXPECT_LT(chi, chi_square_limit(kCoarse - 1));
  EXPECT_GT(chi, kCoarse - 1 - kSigmas * std::sqrt(2.0 * kCoarse));  // no more even than chance, either
  double distance = 0, running = 0;
  for (int k = 0; k < kFine; ++k) {
    running += fine[k];
    distance = std::max(distance, std::abs(running / n - (k + 1.0) / kFine));
  }
  EXPECT_LT(distance * std::sqrt(n), 2.75);  // 2 exp(-2 2.75^2) = 5e-7
  for (size_t k = 0; k < cuts.size(); ++k) {
    const double expected = n * normal_cdf(-cuts[k]), width = kSigmas * std::sqrt(expected) + kSigmas;  // Poisson
    EXPECT_NEAR(above[k], expected, width) << cuts[k];
    EXPECT_NEAR(below[k], expected, width) << cuts[k];
  }
  EXPECT_LE(largest, 6.67);  // sqrt(64 ln 2)
}

// Zero would have no logarithm; the smallest number stands for the 2^-31 below it, the largest is 1.
TEST(normal, uniform_numbers_end_at_one_and_never_reach_zero) {
  EXPECT_EQ(uniform_open_closed(0), 0x1p-32f);
  EXPECT_EQ(uniform_open_closed(1), 0x1p-32f);  // of 31 bits, the last is not used
  EXPECT_EQ(uniform_open_closed(2), 0x1p-31f + 0x1p-32f);
  EXPECT_EQ(uniform_open_closed(0xffffffff), 1.0f);
}

// Neighbours in every coordinate are uncorrelated, in value and in square: 1e6 pairs each, sees 0.6 %.
TEST(normal, draws_of_different_coordinates_are_uncorrelated) {
  struct Shift {
    const char* what;
    uint64_t seed, stream, trajectory, step, unit;
  };
  constexpr uint64_t kHigh = uint64_t{1} << 32;
  const Shift shifts[] = {
      {"unit", 0, 0, 0, 0, 1},          {"two units on", 0, 0, 0, 0, 2},  {"three units on", 0, 0, 0, 0, 3},
      {"next block", 0, 0, 0, 0, 4},    {"step", 0, 0, 0, 1, 0},          {"two steps on", 0, 0, 0, 2, 0},
      {"trajectory", 0, 0, 1, 0, 0},    {"lanes on", 0, 0, 16, 0, 0},     {"stream", 0, 1, 0, 0, 0},
      {"seed", 1, 0, 0, 0, 0},          {"high seed", kHigh, 0, 0, 0, 0}, {"high trajectory", 0, 0, kHigh, 0, 0},
      {"high step", 0, 0, 0, kHigh, 0}, {"step and unit", 0, 0, 0, 1, 1}, {"trajectory and step", 0, 0, 1, 1, 0},
  };
  constexpr int kTrajectories = 64, kSteps = 128, kUnits = 128;
  for (const Shift& shift : shifts) {
    const NoiseKey other{kKey.seed + shift.seed, kKey.stream + static_cast<uint32_t>(shift.stream)};
    double values = 0, squares = 0;
    for (uint64_t t = 0; t < kTrajectories; ++t) {
      for (uint64_t s = 0; s < kSteps; ++s) {
        for (uint64_t u = 0; u < kUnits; ++u) {
          const double x = draw_normal(kKey, t, s, u);
          const double y = draw_normal(other, t + shift.trajectory, s + shift.step, u + shift.unit);
          values += x * y;
          squares += (x * x - 1) * (y * y - 1);
        }
      }
    }
    const double n = double{kTrajectories} * kSteps * kUnits;
    EXPECT_NEAR(values / std::sqrt(n), 0, kSigmas) << shift.what;
    EXPECT_NEAR(squares / (2 * std::sqrt(n)), 0, kSigmas) << shift.what;
  }
}

// The high parts of step and trajectory share a word of the counter: they must not stand for each other.
TEST(normal, every_bit_of_a_coordinate_changes_the_draw) {
  const float origin = draw_normal(kKey, 0, 0, 0);
  std::vector<float> seen{origin};
  for (int bit = 0; bit < 48; ++bit) {
    seen.push_back(draw_normal(kKey, uint64_t{1} << bit, 0, 0));
    seen.push_back(draw_normal(kKey, 0, uint64_t{1} << bit, 0));
  }
  for (int bit = 0; bit < 34; ++bit) seen.push_back(draw_normal(kKey, 0, 0, uint64_t{1} << bit));
  for (size_t i = 0; i < seen.size(); ++i) {
    for (size_t j = 0; j < i; ++j) EXPECT_NE(seen[i], seen[j]) << i << " " << j;
  }
}

// Frozen: a change of any of these bits changes every published result.
TEST(normal, draws_are_the_ones_that_results_were_made_with) {
  const struct {
    NoiseKey key;
    uint64_t trajectory, step, unit;
    uint32_t bits;
  } frozen[] = {
      {{0u, 0u}, 0u, 0u, 0u, 0x3f3a2533u},
      {{0u, 0u}, 0u, 0u, 1u, 0xbf2cf6c9u},
      {{0u, 0u}, 0u, 0u, 2u, 0xbd9ccd99u},
      {{0u, 0u}, 0u, 0u, 3u, 0x3e2243b1u},
      {{1u, 0u}, 0u, 0u, 0u, 0x3f3c6b0eu},
      {{42u, 2u}, 7u, 2499u, 1295u, 0x3f728c89u},
      {{42u, 2u}, 7u, 2500u, 1295u, 0xbf6ea1d8u},
      {{18364758544493064720u, 3u}, 549755813887u, 1250999896491u, 1000003u, 0x3fc7540fu},
      {{2026u, 4u}, 16u, 1u, 12u, 0x3edbcc3du},
      {{2026u, 4u}, 17u, 1u, 12u, 0x3fe00389u},
  };
  for (const auto& f : frozen) {
    EXPECT_EQ(std::bit_cast<uint32_t>(draw_normal(f.key, f.trajectory, f.step, f.unit)), f.bits)
        << f.trajectory << " " << f.step << " " << f.unit;
  }
}

}  // namespace swell
