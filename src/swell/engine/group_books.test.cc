#include "swell/engine/group_books.h"

#include <gtest/gtest.h>

#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"

namespace swell {

namespace {

Segment segment(double duration, int groups, int couplings) {
  Segment made{"held", duration, couplings, {}, {}, {}};
  made.drive.assign(groups, Schedule{});
  made.clamped.assign(groups, 0);
  return made;
}

double of_group(const Run& run, int64_t t, int64_t point, int64_t g, int which) {
  return run.observed[t * run.sums.size() + run.sums.course_group_heat(point, g) + which];
}

}  // namespace

// Two coupled units, V = J2 (x^2 + y^2) + J x y - f x, from rest at kT = 0 under a constant f. The modes x + y and
// x - y relax at the rates a, b = 2 J2 +- J, so that the heats are the integrals of the squared forces,
//   q_x, q_y = f^2 / 4 (1 / 2a + 1 / 2b +- 2 / (a + b)).
// Euler's forces fall as (1 - a dt)^k: the sums are off by a share of order a dt, here below 2e-3. A split of the
// coupling's energy by halves at the end of the run would give 0.09 for the second unit, not 0.0125.
TEST(group_books, heat_of_coupled_units_is_that_of_their_own_forces) {
  Computer computer = test::machine({1, 1});
  computer.J2 = {1, 1};
  computer.kT = 0;
  constexpr double J = 0.6, f = 0.8, a = 2 + J, b = 2 - J;
  test::add_set(computer, {0, J, J, 0});
  Segment held = segment(12, 2, 0);
  held.drive[0] = {{{0.0, f}}};
  const Protocol protocol{"driven", {held}};
  const Patterns patterns{1, {1, 1}};
  const double both = 1 / (2 * a) + 1 / (2 * b), cross = 2 / (a + b);
  for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
    RunOptions options;
    options.engine = engine;
    options.dt = 1e-3;
    options.patterns = &patterns;
    options.observables.course_every = 1000;
    options.observables.by_group = true;
    const swell::Run run = swell::run(computer, protocol, options);
    const auto last = static_cast<int64_t>(run.course_steps.size()) - 1;
    EXPECT_NEAR(of_group(run, 0, last, 0, 0), f * f / 4 * (both + cross), 2e-3 * f * f);
    EXPECT_NEAR(of_group(run, 0, last, 1, 0), f * f / 4 * (both - cross), 2e-3 * f * f);
    EXPECT_EQ(of_group(run, 0, last, 0, 1), 0);  // the drive does not change
    EXPECT_EQ(of_group(run, 0, 0, 0, 0), 0);
  }
}

// Heats of the groups add up to the heat of the run, in every layout and with everything that a protocol can have;
// works add up to the work where only drives change. The cpu engine's books are of f32 states and energies.
TEST(group_books, groups_add_up_to_the_run) {
  const Computer computer = test::quartic_machine({5, 7, 3}, 0.4);
  Segment first = segment(0.3, 3, kNoCouplings), second = segment(0.5, 3, 0), third = segment(0.2, 3, 0);
  first.drive[0] = {{{0.0, 0.5}, {1.0, 2.0}}};
  second.kT = {{{0.0, 0.3}, {1.0, 1.2}}};
  second.drive[0] = {{{0.0, 2.0}}};
  second.clamped[2] = 1;
  third.drive[0] = {{{0.0, 2.0}, {1.0, -1.0}}};
  third.drive[1] = {{{0.0, 0.0}, {1.0, 1.0}}};
  third.clamped[2] = 1;
  const Protocol protocol{"busy", {first, second, third}};
  Patterns patterns{2, std::vector<double>(2 * computer.units())};
  for (size_t k = 0; k < patterns.values.size(); ++k) patterns.values[k] = test::fixed_normal(7, k);
  for (const int trajectories : {1, 5, 70}) {
    for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
      RunOptions options;
      options.engine = engine;
      options.trajectories = trajectories;
      options.noise = {3, stream::kTesting};
      options.patterns = &patterns;
      options.observables.course_every = 100;
      options.observables.by_group = true;
      const swell::Run run = swell::run(computer, protocol, options);
      ASSERT_EQ(run.course_steps.back(), 1000);
      for (int64_t t = 0; t < trajectories; ++t) {
        const double* const sums = run.observed.data() + t * run.sums.size();
        double work_before = 0;
        for (int64_t point = 0; point < run.sums.points; ++point) {
          double heat = 0, work = 0;
          for (int64_t g = 0; g < 3; ++g) {
            heat += of_group(run, t, point, g, 0);
            work += of_group(run, t, point, g, 1);
          }
          EXPECT_NEAR(heat, sums[run.sums.heat(point)], 1e-4) << point;
          const double more = sums[run.sums.work(point)] - work;
          // What is no drive's: of the change of couplings and the clamp at the end of the first segment, alone.
          const int64_t step = run.course_steps[point];
          const double expected = step <= 300 ? 0 : step > 400 ? work_before : more;
          EXPECT_NEAR(more, expected, 1e-4) << point;
          work_before = more;
        }
      }
    }
  }
}

// A drive that is there from the start and stays has done no work, wherever the units begin.
TEST(group_books, a_constant_drive_does_no_work) {
  const Computer computer = test::quartic_machine({3, 2}, 0.4);
  Segment held = segment(0.2, 2, 0);
  held.drive[0] = {{{0.0, 1.5}}};
  const Patterns patterns{1, {1, -1, 0.5, 0.2, 0.3}};
  const std::vector<double> start = {1, -2, 0.5, 1, 1, 0.3, 0.2, -1, 0.4, -0.6};
  RunOptions options;
  options.trajectories = 2;
  options.noise = {3, stream::kTesting};
  options.patterns = &patterns;
  options.start = start;
  options.observables.course_every = 100;
  options.observables.by_group = true;
  const swell::Run run = swell::run(computer, {"held", {held}}, options);
  for (int64_t t = 0; t < 2; ++t) {
    for (int64_t g = 0; g < 2; ++g) EXPECT_EQ(of_group(run, t, run.sums.points - 1, g, 1), 0) << t << " " << g;
  }
}

// A run with books of each group is the same run to the bit.
TEST(group_books, looking_changes_nothing) {
  const Computer computer = test::quartic_machine({4, 9}, 0.4);
  const Protocol protocol{"held", {segment(0.4, 2, 0)}};
  RunOptions options;
  options.trajectories = 20;
  options.observables.course_every = 50;
  const swell::Run plain = swell::run(computer, protocol, options);
  options.observables.by_group = true;
  options.threads = 2;
  const swell::Run looked = swell::run(computer, protocol, options);
  EXPECT_EQ(plain.states, looked.states);
  for (int64_t t = 0; t < 20; ++t) EXPECT_EQ(plain.book(t, 0).heat, looked.book(t, 0).heat);
}

// From x = 0, n uncoupled harmonic units take n kT / 2 from their baths on the way to equilibrium. 20000 trajectories:
// the error is 0.005 n^(1/2), five of them are allowed (false-alarm rate 1e-6 for both); a heat booked to the wrong
// group would be off by 1.
TEST(group_books, each_group_warms_at_its_own_bath) {
  Computer computer = test::machine({1, 3});
  const Protocol protocol{"held", {segment(6, 2, kNoCouplings)}};
  RunOptions options;
  options.dt = 0.01;
  options.trajectories = 20000;
  options.noise = {11, stream::kTesting};
  options.observables.course_every = 600;
  options.observables.by_group = true;
  const swell::Run run = swell::run(computer, protocol, options);
  for (int64_t g = 0; g < 2; ++g) {
    double sum = 0;
    for (int64_t t = 0; t < options.trajectories; ++t) sum += of_group(run, t, run.sums.points - 1, g, 0);
    const auto n = static_cast<double>(computer.groups[g].size);
    // Euler's variance is 1 / (1 - dt / 2) of the exact one.
    EXPECT_NEAR(sum / 20000, -0.5 * n / (1 - 0.005), 0.025 * std::sqrt(n));
  }
}

TEST(group_books, what_keeps_none_is_refused) {
  const Computer computer = test::machine({1, 1});
  const Protocol protocol{"held", {segment(0.1, 2, kNoCouplings)}};
  RunOptions options;
  options.observables.by_group = true;
  EXPECT_THROW(swell::run(computer, protocol, options), InputError);  // no course
  IsingModel bits;
  bits.units = 2;
  bits.row_start = {0, 0, 0};
  bits.h = {0, 0};
  options.observables.course_every = 1;
  Segment sweeps{"sweeps", 3, 0, {}, {{{0.0, 1.0}}}, {}};
  EXPECT_THROW(swell::run(bits, {"sweeps", {sweeps}}, options), InputError);
}

}  // namespace swell
