#include "swell/engine/timeline.h"

#include <gtest/gtest.h>

#include "physics/machines.h"

namespace swell {

// The control of step k is the schedule's value at the time k dt when the step begins.
TEST(timeline, each_step_takes_the_value_at_its_beginning) {
  const Computer computer = test::quartic_machine({2, 1}, 1.0);
  Segment first = test::hold(computer, 0.4);
  first.kT = {{{0.0, 1.0}, {1.0, 3.0}}};
  const Segment second = test::ramp(computer, 0.5, 2.0, 0.0, 0);
  const auto timelines = lay_out(computer, {"p", {first, second}}, 0.1);
  ASSERT_EQ(timelines.size(), 2u);
  EXPECT_EQ(timelines[0].first_step, 0);
  EXPECT_EQ(timelines[0].steps, 4);
  EXPECT_EQ(timelines[0].set, nullptr);
  EXPECT_FALSE(timelines[0].driven);
  EXPECT_EQ(timelines[1].first_step, 4);
  EXPECT_EQ(timelines[1].steps, 5);
  EXPECT_EQ(timelines[1].set, &computer.sets[0]);
  EXPECT_TRUE(timelines[1].driven);
  for (int k = 0; k < 4; ++k) EXPECT_DOUBLE_EQ(timelines[0].kT[k], 1.0 + 0.5 * k);
  for (int k = 0; k < 5; ++k) {
    for (int g = 0; g < 2; ++g) EXPECT_NEAR(timelines[1].drive[k * 2 + g], 2.0 - 0.4 * k, 1e-15);
  }
}

TEST(timeline, snapshots_are_numbered_from_their_first_step) {
  const Snapshots shots{10, 5, 0, 1, 1}, none{};
  EXPECT_EQ(snapshot_number(shots, 4), -1);
  EXPECT_EQ(snapshot_number(shots, 5), 0);
  EXPECT_EQ(snapshot_number(shots, 6), -1);
  EXPECT_EQ(snapshot_number(shots, 25), 2);
  EXPECT_EQ(snapshot_number(none, 0), -1);
  EXPECT_EQ(next_snapshot(shots, 0), 5);
  EXPECT_EQ(next_snapshot(shots, 5), 15);
  EXPECT_EQ(next_snapshot(shots, 14), 15);
  EXPECT_EQ(next_snapshot(none, 3), INT64_MAX);
}

TEST(timeline, an_empty_run_has_room_for_all_that_was_asked) {
  const Computer computer = test::machine({3});
  RunOptions options = test::run_options(0.1, 4, 1);
  options.snapshots = {3, 1, 0, 2, 4};
  const auto timelines = lay_out(computer, {"p", {test::hold(computer, 1.0), test::hold(computer, 0.3)}}, 0.1);
  const auto run = make_run(computer, timelines, options);
  EXPECT_EQ(run.steps, 13);
  EXPECT_EQ(run.states.size(), 12u);
  EXPECT_EQ(run.books.size(), 8u);
  ASSERT_EQ(run.snapshot_times.size(), 5u);  // before steps 1, 4, 7, 10 and after the last
  EXPECT_DOUBLE_EQ(run.snapshot_times.back(), 1.3);
  EXPECT_EQ(run.snapshots.size(), 5u * 4 * 2);
}

}  // namespace swell
