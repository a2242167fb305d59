#include "swell/ledger/run_costs.h"

#include <gtest/gtest.h>

namespace swell {

TEST(run_costs, are_what_the_run_counted) {
  swell::Run run;
  run.engine = "cpu";
  run.trajectories = 4;
  run.steps = 12;
  run.multiply_adds = 99;
  run.draws = 128;
  run.wall_s = 2.5;
  Bill bill;
  book_costs(bill, run);
  EXPECT_EQ(bill.results, 4);
  EXPECT_EQ(*bill.engine, "cpu");
  EXPECT_EQ(*bill.draws, 128);
  EXPECT_EQ(*bill.multiply_adds, 99);
  EXPECT_EQ(*bill.wall_s, 2.5);
  EXPECT_FALSE(bill.host_flips);
}

TEST(run_costs, of_many_runs_add_up) {
  swell::Run run;
  run.engine = "p-bits";
  run.multiply_adds = 6;
  run.draws = 4;
  RunCosts costs;
  costs.add(run);
  costs.add(run);
  costs.add(RunCosts{});
  EXPECT_EQ(costs.engine, "p-bits");
  EXPECT_EQ(costs.multiply_adds, 12);
  EXPECT_EQ(costs.draws, 8);
}

}  // namespace swell
