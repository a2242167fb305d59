#include "swell/ledger/housekeeping.h"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"

namespace swell {
namespace {

// Two springs of stiffness 2 that act on each other by J (1 + e) and J (1 - e).
Computer pair_of(double J, double e) {
  Computer computer = test::machine({2});
  computer.J2 = {1, 1};
  test::add_set(computer, {0, J, J, 0});
  CouplingBlock& block = computer.sets[0].blocks[0];
  block.directed = e != 0;
  std::get<DenseWeights>(block.weights).values = {0, J * (1 + e), J * (1 - e), 0};
  return computer;
}

// By hand (hardware/imperfections.test.cc) 2 mu J^2 e^2 / k, whatever kT is: here 1/4 and, three times as fast, 3/4.
// The entropy of a time T has the variance 2 rate T at least, so that the error is some 3 %; Euler's step of 0.01 is
// off by 2 %. Half the rate, or a kT left out, would be seen.
TEST(housekeeping, springs_without_a_potential_have_their_closed_form) {
  Computer pair = pair_of(0.5, 1);
  pair.kT = 0.3;
  const RateOptions options{.time = 80, .dt = 0.01, .trajectories = 128, .seed = 2};
  const Estimate rate = housekeeping_rate(pair, 0, options);
  EXPECT_LT(rate.stderr_of_mean, 0.01);
  EXPECT_NEAR(rate.mean, 0.25, 5 * rate.stderr_of_mean);
  pair.mobility = {3, 3};
  const Estimate fast = housekeeping_rate(pair, 0, options);
  EXPECT_NEAR(fast.mean, 0.75, 5 * fast.stderr_of_mean + 0.03);
}

// The rate of two springs whose couplings saturate, by their stationary density (hardware/spice/entropy_rate.test.cc).
TEST(housekeeping, springs_that_saturate_make_what_their_density_says) {
  Computer pair = pair_of(2, 0);
  pair.sets[0].blocks[0].saturation = 0.5;
  const Estimate rate = housekeeping_rate(pair, 0, {.time = 90, .dt = 0.01, .trajectories = 96, .seed = 4});
  EXPECT_LT(rate.stderr_of_mean, 0.006);
  EXPECT_NEAR(rate.mean, 0.088, 5 * rate.stderr_of_mean);
}

TEST(housekeeping, is_zero_where_there_is_a_potential) {
  EXPECT_EQ(housekeeping_rate(pair_of(0.5, 0), 0, {.time = 1, .dt = 0.01, .trajectories = 2}).mean, 0);
  Computer coloured = pair_of(0.5, 1);
  coloured.memory.correlation_time = 0.1;
  EXPECT_THROW(housekeeping_rate(coloured, 0, {}), InputError);
  Computer unequal = pair_of(0.5, 1);
  unequal.warmth = {1, 2};
  EXPECT_THROW(housekeeping_rate(unequal, 0, {}), InputError);
}

}  // namespace
}  // namespace swell
