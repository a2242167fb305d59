#include "swell/model/protocol.h"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"

namespace swell {

TEST(protocol, geometric_schedules_fall_by_equal_factors) {
  const Schedule schedule{{{0.0, 16.0}, {0.5, 4.0}, {1.0, 1.0}}, true};
  for (const double fraction : {0.0, 0.25, 0.5, 0.625, 1.0})
    EXPECT_NEAR(schedule(fraction), std::pow(2.0, 4 - 4 * fraction), 1e-12) << fraction;
}

TEST(protocol, schedules_are_straight_between_knots_and_constant_outside) {
  const Schedule schedule{{{0.25, 1.0}, {0.5, 3.0}, {0.75, -1.0}}};
  EXPECT_EQ(schedule(0.0), 1.0);
  EXPECT_EQ(schedule(0.25), 1.0);
  EXPECT_DOUBLE_EQ(schedule(0.375), 2.0);
  EXPECT_EQ(schedule(0.5), 3.0);
  EXPECT_DOUBLE_EQ(schedule(0.625), 1.0);
  EXPECT_EQ(schedule(0.75), -1.0);
  EXPECT_EQ(schedule(1.0), -1.0);
}

TEST(protocol, an_empty_schedule_is_zero_and_a_single_knot_constant) {
  EXPECT_EQ(Schedule{}(0.5), 0.0);
  EXPECT_TRUE(Schedule{}.is_zero());
  const Schedule constant{{{0.0, 2.0}}};
  EXPECT_EQ(constant(0.0), 2.0);
  EXPECT_EQ(constant(1.0), 2.0);
  EXPECT_FALSE(constant.is_zero());
}

// Two knots at one place are a jump: the first value holds up to it.
TEST(protocol, a_schedule_may_jump) {
  const Schedule jump{{{0.0, 0.0}, {0.5, 0.0}, {0.5, 1.0}, {1.0, 1.0}}};
  EXPECT_EQ(jump(0.5), 0.0);
  EXPECT_EQ(jump(0.5 + 1e-9), 1.0);
}

TEST(protocol, durations_are_whole_numbers_of_steps) {
  const Computer computer = test::machine({1});
  EXPECT_EQ(count_steps(test::hold(computer, 2.5), 1e-3), 2500);
  EXPECT_EQ(count_steps(test::hold(computer, 0.3), 0.1), 3);  // 0.3/0.1 is 2.9999999999999996
  EXPECT_EQ(count_steps(test::hold(computer, 1.0), 1.0), 1);
  EXPECT_THROW(count_steps(test::hold(computer, 0.35), 0.1), InputError);
  EXPECT_THROW(count_steps(test::hold(computer, 0.3), 1.0), InputError);
  EXPECT_THROW(count_steps(test::hold(computer, 1e15), 1e-3), InputError);
  EXPECT_EQ(count_steps(Protocol{"p", {test::hold(computer, 0.3), test::hold(computer, 0.2)}}, 0.1), 5);
}

TEST(protocol, what_does_not_fit_the_computer_is_an_input_error) {
  const Computer computer = test::quartic_machine({2, 1}, 1.0);
  const auto refused = [&](auto&& spoil) {
    Protocol protocol{"p", {test::hold(computer, 1.0, 0)}};
    spoil(protocol);
    EXPECT_THROW(validate(protocol, computer, "here"), InputError);
  };
  EXPECT_NO_THROW(validate(Protocol{"p", {test::hold(computer, 1.0, 0)}}, computer, "here"));
  refused([](Protocol& p) { p.segments.clear(); });
  refused([](Protocol& p) { p.segments[0].duration = 0; });
  refused([](Protocol& p) { p.segments[0].couplings = 1; });
  refused([](Protocol& p) { p.segments[0].couplings = -2; });
  refused([](Protocol& p) { p.segments[0].drive.pop_back(); });
  refused([](Protocol& p) { p.segments[0].clamped.push_back(0); });
  refused([](Protocol& p) { p.segments[0].drive[0] = {{{0.5, 0.0}, {0.4, 1.0}}}; });
  refused([](Protocol& p) { p.segments[0].drive[1] = {{{0.0, std::nan("")}}}; });
  refused([](Protocol& p) { p.segments[0].kT = {{{0.0, -1.0}}}; });
}

// Without a temperature of its own a segment has the computer's; T = 0 has to be said.
TEST(protocol, a_segment_without_kT_has_that_of_the_computer) {
  Computer computer = test::machine({1});
  computer.kT = 0.7;
  Segment segment = test::hold(computer, 1);
  segment.kT = {};
  EXPECT_EQ(temperature(segment, computer)(0.3), 0.7);
  segment.kT = {{{0.0, 0.0}}};
  EXPECT_EQ(temperature(segment, computer)(0.3), 0.0);
}

}  // namespace swell
