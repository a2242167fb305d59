#include "swell/ledger/run_costs.h"

#include <gtest/gtest.h>

namespace swell {

// Three units free in the first segment of 10 steps, one of them in the second of 5, where the pair is clamped; a run
// that was stopped after 12 steps, with 4 trajectories: 4 (10 3 + 2 1).
TEST(run_costs, draws_are_those_of_free_units_in_the_steps_taken) {
  Computer computer;
  computer.groups = {{"one", {1}, 0, 1}, {"pair", {2}, 1, 2}};
  computer.J2.assign(3, 1.0);
  Segment first, second;
  first.duration = 1;
  second.duration = 0.5;
  first.clamped = {0, 0};
  second.clamped = {0, 1};
  swell::Run run;
  run.trajectories = 4;
  run.steps = 12;
  run.multiply_adds = 99;
  run.wall_s = 2.5;
  const Protocol protocol{"test", {first, second}};
  EXPECT_EQ(count_draws(computer, protocol, 0.1, run), 4 * (10 * 3 + 2 * 1));
  Bill bill;
  book_costs(bill, computer, protocol, 0.1, run);
  EXPECT_EQ(bill.results, 4);
  EXPECT_EQ(*bill.draws, 4 * (10 * 3 + 2 * 1));
  EXPECT_EQ(*bill.multiply_adds, 99);
  EXPECT_EQ(*bill.wall_s, 2.5);
}

}  // namespace swell
