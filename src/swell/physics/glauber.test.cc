#include "swell/physics/glauber.h"

#include <gtest/gtest.h>

#include <cmath>

namespace swell {

// The comparison of a threshold and the table are the same probability: exact inversion at many random numbers.
TEST(glauber, thresholds_invert_the_flip_probability) {
  for (const FlipRule update : {FlipRule::gibbs, FlipRule::metropolis}) {
    for (uint64_t bits = 1 << 8; bits < uint64_t{1} << 32; bits += bits / 7 + 1) {
      const double cost = static_cast<double>(flip_threshold(update, static_cast<uint32_t>(bits)));
      // A unit of just this cost flips with the probability u; single precision of -ln u, and near u = 1 of u itself.
      EXPECT_NEAR(flip_probability(update, cost), static_cast<double>(bits) * 0x1p-32, 3e-7) << bits;
    }
  }
}

TEST(glauber, forward_and_backward_flips_balance) {
  for (const FlipRule update : {FlipRule::gibbs, FlipRule::metropolis}) {
    for (const double x : {0.0, 0.3, 1.0, 5.0, 20.0})
      EXPECT_NEAR(flip_probability(update, x) / flip_probability(update, -x) * std::exp(x), 1, 1e-12);
  }
  EXPECT_EQ(flip_probability(FlipRule::gibbs, 0), 0.5);
  EXPECT_EQ(flip_threshold_bits(FlipRule::metropolis, 0), uint64_t{1} << 32);
}

TEST(glauber, no_threshold_exceeds_the_stated_largest) {
  for (const uint32_t bits : {0u, 1u, 2u, ~0u, ~1u}) {
    for (const FlipRule update : {FlipRule::gibbs, FlipRule::metropolis})
      EXPECT_LT(std::abs(flip_threshold(update, bits)), kLargestThreshold);
  }
}

}  // namespace swell
