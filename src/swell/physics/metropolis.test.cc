#include "swell/physics/metropolis.h"

#include <gtest/gtest.h>

namespace swell {

TEST(metropolis, takes_what_costs_nothing_without_a_draw) {
  const auto none = []() -> double {
    ADD_FAILURE() << "a draw was made";
    return 0;
  };
  for (const double kT : {0.0, 1.0}) {
    EXPECT_TRUE(metropolis_takes(0, kT, none));
    EXPECT_TRUE(metropolis_takes(-2, kT, none));
  }
  EXPECT_FALSE(metropolis_takes(1e-300, 0, none));
}

TEST(metropolis, probability_is_the_boltzmann_factor_of_a_cost_and_one_of_a_gain) {
  EXPECT_DOUBLE_EQ(metropolis_probability(1.5, 0.75), 0.13533528323661270);  // exp(-2)
  for (const double kT : {0.0, 0.75}) {
    EXPECT_EQ(metropolis_probability(0, kT), 1);
    EXPECT_EQ(metropolis_probability(-1.5, kT), 1);
  }
  EXPECT_EQ(metropolis_probability(1.5, 0), 0);
}

// The acceptance as a function of the draw, at exp(-1.5 / 0.75) = 0.1353352832.
TEST(metropolis, takes_costs_with_the_boltzmann_factor) {
  const auto at = [](double u) { return metropolis_takes(1.5, 0.75, [u] { return u; }); };
  EXPECT_TRUE(at(0.1353));
  EXPECT_FALSE(at(0.1354));
}

}  // namespace swell
