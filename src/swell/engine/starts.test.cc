#include "swell/engine/starts.h"

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/physics/equilibrium.h"

namespace swell {

namespace {

Computer two_kinds() {
  Computer computer = test::machine({2, 1});
  computer.J2 = {0.5, -1, 0.5};
  computer.J4 = {0, 0.7, 0};
  return computer;
}

}  // namespace

// Against the moments of the same law by quadrature; 40,000 draws of variance v have a mean within 5.2 sqrt(v / 40,000)
// but once in 5e6 cases.
TEST(starts, units_have_the_law_of_their_own_potential_at_four_kT) {
  const Computer computer = two_kinds();
  constexpr int64_t kDraws = 40000;
  const std::vector<double> x = dispersed_starts(computer, 0.3, 7, 0, kDraws);
  for (int64_t i = 0; i < 3; ++i) {
    const UnitEquilibrium law = unit_equilibrium(computer.J2[i], 0, computer.J4[i], 0, kDispersion * 0.3);
    double mean = 0, square = 0, fourth = 0;
    for (int64_t t = 0; t < kDraws; ++t) {
      const double value = x[t * 3 + i];
      mean += value / kDraws;
      square += value * value / kDraws;
      fourth += value * value * value * value / kDraws;
    }
    EXPECT_NEAR(mean, law.mean, 5.2 * std::sqrt(law.variance / kDraws)) << i;
    EXPECT_NEAR(square, law.variance, 5.2 * std::sqrt((fourth - square * square) / kDraws)) << i;
  }
}

TEST(starts, a_trajectory_starts_alike_whatever_the_others) {
  const Computer computer = two_kinds();
  const std::vector<double> all = dispersed_starts(computer, 0.3, 7, 0, 10);
  const std::vector<double> last = dispersed_starts(computer, 0.3, 7, 9, 1);
  EXPECT_EQ(std::vector<double>(all.end() - 3, all.end()), last);
  EXPECT_NE(dispersed_starts(computer, 0.3, 8, 9, 1), last);
}

TEST(starts, units_that_nothing_confines_are_named) {
  Computer computer = two_kinds();
  computer.J2[2] = -1;
  try {
    dispersed_starts(computer, 0.3, 7, 0, 1);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("unit 2"), std::string::npos) << error.what();
  }
  EXPECT_THROW(dispersed_starts(two_kinds(), 0, 7, 0, 1), InputError);
}

}  // namespace swell
