// The transform from words to normals, judged without chance: over every radius that a word can give.

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "swell/random/normal.h"

namespace swell::test {

namespace {

constexpr uint64_t kWords = uint64_t{1} << 32;

float radius(uint32_t word) { return __builtin_sqrtf(-2.0f * log_unit(uniform_open_closed(word))); }

// Chance of r cos(angle) > cut for a given radius.
double chance_above(double r, double cut) { return r > cut ? std::acos(cut / r) / std::numbers::pi : 0; }

}  // namespace

// The chance of one normal beyond a cut, summed over the radii that reach it: each pair of words stands for the
// midpoint of its interval of 2^-31, so the tail follows the exact one until single radii count, and ends at 6.66.
TEST(exact_transform, tails_are_exact_to_the_grain_of_31_bits) {
  struct Tail {
    double cut, tolerance;
  };
  for (const auto& [cut, tolerance] : {Tail{4, 1e-6}, Tail{4.5, 2e-6}, Tail{5, 1e-5}, Tail{5.5, 2e-4}, Tail{6, 3e-3}}) {
    double chance = 0;
    for (uint32_t word = 0;; word += 2) {
      const double r = static_cast<double>(radius(word));
      if (r <= cut) break;  // radii descend
      chance += 2 * chance_above(r, cut) / static_cast<double>(kWords);
    }
    EXPECT_NEAR(chance / (0.5 * std::erfc(cut / std::numbers::sqrt2)), 1, tolerance) << cut;
  }
  EXPECT_LT(radius(0), 6.6605f);
  EXPECT_EQ(radius(0), radius(1));
}

// Near zero the grain is that of floats below one, 2^-24: a radius of exactly zero stands for all below sqrt(2^-24) and
// has their chance, 2^-25.
TEST(exact_transform, zero_radius_has_the_chance_of_the_interval_it_stands_for) {
  uint64_t zeros = 0;
  for (uint32_t word = ~0u; radius(word) == 0; --word) ++zeros;
  EXPECT_EQ(static_cast<double>(zeros) / static_cast<double>(kWords), 0x1p-25);
}

}  // namespace swell::test
