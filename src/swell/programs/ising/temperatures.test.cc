#include "swell/programs/ising/temperatures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "swell/base/errors.h"

namespace swell::ising {

// Four bonds of 3 and a field of 8 at each unit: spread sqrt(4 * 9 + 64) = 10. Units without any bond do not count.
TEST(temperatures, are_shares_of_the_spread_of_fields) {
  const Range range = temperature_range(square_lattice(8, 8, 3, 8));
  EXPECT_FALSE(range.wide);
  EXPECT_NEAR(range.hot, 4.5, 1e-12);  // sums of rounded squares
  EXPECT_NEAR(range.cold, 0.6, 1e-12);
  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < 10; ++i) edges.push_back({i, (i + 1) % 10, i % 3 == 0 ? -2.0 : 2.0});
  EXPECT_NEAR(temperature_range(make_ising(30, edges)).hot, 0.45 * std::sqrt(8), 1e-12);
}

TEST(temperatures, fall_linearly_or_by_a_factor) {
  const auto kT = [](const Protocol& protocol, int64_t k) {
    return protocol.segments[0].kT(static_cast<double>(k) / protocol.segments[0].duration);
  };
  const Protocol linear = cooling({5, 1, false}, 5), geometric = cooling({16, 1, true}, 5);
  for (int64_t k = 0; k < 5; ++k) {
    EXPECT_NEAR(kT(linear, k), 5 - static_cast<double>(k), 1e-12);
    EXPECT_NEAR(kT(geometric, k), std::pow(2, 4 - static_cast<double>(k)), 1e-12);
  }
  EXPECT_NEAR(kT(cooling({5, 1, false}, 1), 0), 1, 1e-12);  // a single sweep is the coldest
}

TEST(temperatures, asked_for_take_the_place_of_the_models_own) {
  const auto ends = [](const Range& range) { return std::pair(range.hot, range.cold); };
  const Range own{8, 2, false};
  EXPECT_EQ(ends(between(own, 0, 0)), std::pair(8.0, 2.0));
  EXPECT_EQ(ends(between(own, 5, 0)), std::pair(5.0, 2.0));
  EXPECT_EQ(ends(between(own, 0, 3)), std::pair(8.0, 3.0));
  EXPECT_EQ(ends(between(own, 4, 1)), std::pair(4.0, 1.0));
  EXPECT_EQ(ends(between(own, 3, 3)), std::pair(3.0, 3.0));  // held
  EXPECT_EQ(ends(between(own, 1, 0)), std::pair(1.0, 0.25));
  EXPECT_EQ(ends(between(own, 0, 10)), std::pair(40.0, 10.0));
  EXPECT_THROW(between(own, 1, 2), InputError);
}

}  // namespace swell::ising
