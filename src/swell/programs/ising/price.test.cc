#include "swell/programs/ising/price.h"

#include <gtest/gtest.h>

namespace swell::ising {

namespace {

std::vector<Seeded> two_searches() {
  std::vector<Seeded> searches(2);
  for (int k = 0; k < 2; ++k) {
    SearchResult& one = searches[k].search;
    one.flips = k == 0 ? 100 : 300;
    one.entropy = k == 0 ? 40 : 60;
    one.host_flips = 5 + k;
    one.sweeps = 20 * (k + 1);
    one.costs = {"p-bits", 80.0 * (k + 1), 200.0 * (k + 1)};
    one.reduced_units = 10;
    one.seconds = 1 + 2 * k;
    one.time = 500 * (k + 1);
  }
  return searches;
}

}  // namespace

// Means over the searches with their errors: 100 and 300 flips are 200 +- 100, 40 and 60 kT are 50 +- 10. What the
// simulation spent is added up.
TEST(price, answers_cost_their_flips_or_their_heat) {
  const IsingModel model =
      make_ising(3, std::vector<IsingEdge>{{0, 1, 1.0}, {1, 2, -1.0}}, std::vector<double>{0.5, 0, 0});
  const std::vector<Seeded> searches = two_searches();
  const Bill bits = price(searches, model, false, {});
  EXPECT_EQ(bits.flips->mean, 200);
  EXPECT_DOUBLE_EQ(bits.flips->stderr_of_mean, 100);
  EXPECT_FALSE(bits.heat_kT);
  EXPECT_DOUBLE_EQ(bits.energy_joule()->mean, 200 * 4.9e-9);
  EXPECT_EQ(*bits.inputs, 3);  // two couplings and a field
  EXPECT_EQ(*bits.host_flips, 11);
  EXPECT_EQ(*bits.draws, 600);
  EXPECT_EQ(*bits.multiply_adds, 240);
  EXPECT_EQ(*bits.engine, "p-bits");
  EXPECT_EQ(*bits.wall_s, 4);
  EXPECT_EQ(bits.results, 2);
  EXPECT_FALSE(bits.time_s);
  EXPECT_NE(bits.time_s.why().find("say how long an update takes"), std::string::npos);
  const Bill continuous = price(searches, model, true, {});
  EXPECT_FALSE(continuous.flips);
  EXPECT_EQ(continuous.heat_kT->mean, 50);
  EXPECT_DOUBLE_EQ(continuous.heat_kT->stderr_of_mean, 10);
  EXPECT_DOUBLE_EQ(continuous.energy_joule()->mean, 50 * 1.380649e-23 * 300);
}

// 20 and 40 sweeps of 3 ns are 90 ns an answer; 500 and 1000 units of time of 2 us are 1.5 ms.
TEST(price, device_time_is_that_of_sweeps_or_of_the_machines_time) {
  const IsingModel model = make_ising(2, std::vector<IsingEdge>{{0, 1, 1.0}});
  Prices prices;
  prices.update_time_s = 3e-9;
  prices.time_unit_s = 2e-6;
  EXPECT_DOUBLE_EQ(*price(two_searches(), model, false, prices).time_s, 90e-9);
  EXPECT_DOUBLE_EQ(*price(two_searches(), model, true, prices).time_s, 1.5e-3);
}

}  // namespace swell::ising
