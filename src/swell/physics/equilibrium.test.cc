#include "swell/physics/equilibrium.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"

namespace swell {

TEST(equilibrium, harmonic_unit_has_mean_force_over_stiffness_and_variance_kT_over_stiffness) {
  for (const double kT : {1e-4, 0.01, 3.0}) {
    for (const double force : {-5.0, 0.0, 2.5}) {
      const UnitEquilibrium law = unit_equilibrium(0.8, 0, 0, force, kT);
      EXPECT_NEAR(law.mean, force / 1.6, 1e-10);
      EXPECT_NEAR(law.variance / (kT / 1.6), 1, 1e-9);
    }
  }
}

// Int x^2 e^{-x^4} / Int e^{-x^4} = Gamma(3/4) / Gamma(1/4).
TEST(equilibrium, quartic_unit_without_force_has_the_variance_of_gamma_functions) {
  const double expected = std::tgamma(0.75) / std::tgamma(0.25);
  for (const double kT : {1e-6, 1.0, 1e4}) {
    EXPECT_NEAR(unit_equilibrium(0, 0, 2, 0, kT).variance / std::sqrt(kT / 2), expected, 1e-10);
  }
}

TEST(equilibrium, cold_quartic_unit_follows_the_cube_root) {
  for (const double force : {-5.0, -0.3, 2.0})
    EXPECT_NEAR(unit_equilibrium(0, 0, 1, force, 1e-8).mean, std::cbrt(force / 4), 1e-7);  // corrections of order kT
}

// d<x>/df = beta var(x), central differences of step 1e-4: off by 1e-8 of the third derivative.
TEST(equilibrium, variance_is_kT_times_the_slope_of_the_activation) {
  const double h = 1e-4, kT = 0.3;
  const double slope =
      (unit_equilibrium(-1, 0.4, 1, 0.2 + h, kT).mean - unit_equilibrium(-1, 0.4, 1, 0.2 - h, kT).mean) / (2 * h);
  EXPECT_NEAR(unit_equilibrium(-1, 0.4, 1, 0.2, kT).variance, kT * slope, 1e-6);
}

// Two wells 2 deep in units of kT; the tilted one is reached over the barrier, wherever the unit began.
TEST(equilibrium, both_wells_of_a_bistable_unit_count) {
  const UnitEquilibrium law = unit_equilibrium(-2, 0, 1, 0, 1e-3);
  EXPECT_NEAR(law.mean, 0, 1e-10);
  EXPECT_NEAR(law.variance, 1, 1e-3);
}

TEST(equilibrium, what_does_not_confine_or_has_no_temperature_is_refused) {
  EXPECT_THROW(unit_equilibrium(-1, 0, 0, 0, 1), InputError);
  EXPECT_THROW(unit_equilibrium(1, 0.1, 0, 0, 1), InputError);
  EXPECT_THROW(unit_equilibrium(1, 0, 0, 0, 0), InputError);
}

}  // namespace swell
