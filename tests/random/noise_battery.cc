// The engine's noise under the battery. Fixed addresses: the false-alarm rate is that of the first choice of the seed.
//
// Smallest faults that it sees (6.2 standard errors of a statistic, of about 200), at 1e8 and at 4e9 draws:
//   mean                                  6.2e-4   1.0e-4
//   variance, relative                    8.8e-4   1.4e-4
//   count beyond 4, 5 sigma, relative     11 %, 115 %   1.7 %, 18 % (one tail)
//   correlation of a kind of pair         2.7e-3   4.2e-4
//   common part of all units, variance    2e-5     3e-6

#include <gtest/gtest.h>

#include "random/battery.h"

namespace swell::test {

namespace {

void expect_good(int64_t tiles, double draws) {
  const Verdict verdict = judge(engine_draws(), tiles);
  EXPECT_GE(static_cast<double>(verdict.draws), draws);
  EXPECT_GT(verdict.p(), kFalseAlarm) << verdict.worst().name << " " << verdict.worst().p;
}

}  // namespace

TEST(noise_battery, a_hundred_million_draws_are_independent_standard_normals) { expect_good(1206, 1e8); }

TEST(LongNoiseBattery, four_billion_draws_are_independent_standard_normals) { expect_good(48226, 4e9); }

}  // namespace swell::test
