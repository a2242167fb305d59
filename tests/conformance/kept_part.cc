// What an interrupted run keeps: its trajectories up to one step, or those that had finished, with the bits of a run
// that was not interrupted.

#include <gtest/gtest.h>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/engine/part.h"
#include "swell/io/npy.h"
#include "swell/io/npy_stream.h"
#include "swell/io/test_folder.h"
#include "swell/ledger/first_law.h"

namespace swell::test {

namespace {

constexpr EngineKind kEngines[] = {EngineKind::cpu, EngineKind::reference};

// Stopped at this look.
ProgressCallback stop_at(int look) {
  return [left = look](const Progress&) mutable { return --left > 0; };
}

// A snapshot of all units and a moment after every step, and a point of the course every seven.
RunOptions watched(const Scene& scene, EngineKind engine) {
  RunOptions options = scene.with(engine);
  options.trajectories = 20;
  options.threads = 1;  // so that the first trajectories are those that have begun
  const int64_t units = scene.computer.units();
  options.snapshots = {1, 0, 0, units, options.trajectories};
  options.observables = {1, 0, 0, units, 7};
  return options;
}

}  // namespace

// Wherever the run is stopped, in the middle of a segment or where one ends: states are the whole run's snapshot of
// that step, sums and course its sums and course so far, and the books close.
TEST(kept_part, a_run_stopped_is_the_whole_one_up_to_a_step) {
  const Scene scene({9, 6});
  const int64_t units = scene.computer.units();
  for (const EngineKind engine : kEngines) {
    RunOptions options = watched(scene, engine);
    const swell::Run whole = run(scene.computer, scene.protocol, options);
    options.kept = Kept::part;
    for (const int look : {1, 30, 60, 61, 90, 137}) {
      options.progress = stop_at(look);
      const swell::Run part = run(scene.computer, scene.protocol, options);
      ASSERT_TRUE(part.interrupted);
      ASSERT_LT(part.steps, whole.steps);
      ASSERT_GE(part.steps, look);
      ASSERT_EQ(part.observations, part.steps);
      ASSERT_EQ(static_cast<int64_t>(part.snapshot_times.size()), part.steps + 1);
      for (int64_t t = 0; t < part.trajectories; ++t) {
        for (int64_t u = 0; u < units; ++u) {
          const auto at = [&](const swell::Run& run, int64_t step) {
            return run.snapshots[(step * run.trajectories + t) * units + u];
          };
          ASSERT_EQ(static_cast<float>(part.state(t)[u]), at(whole, part.steps)) << look << " " << t << " " << u;
          double sum = 0;
          for (int64_t step = 0; step <= part.steps; ++step) {
            ASSERT_EQ(at(part, step), at(whole, step));
            if (step > 0) sum += static_cast<double>(at(whole, step));
          }
          const double observed = part.observed[t * part.sums.size() + part.sums.unit(u)];
          EXPECT_NEAR(observed, sum, engine == EngineKind::cpu ? 0 : 1e-5 * static_cast<double>(part.steps));
        }
        for (size_t point = 0; point < part.course_steps.size(); ++point) {
          ASSERT_EQ(part.course_steps[point], whole.course_steps[point]);
          const auto at = static_cast<int64_t>(point);
          ASSERT_EQ(part.observed[t * part.sums.size() + part.sums.heat(at)],
                    whole.observed[t * whole.sums.size() + whole.sums.heat(at)]);
        }
        for (int64_t s = 0; s + 1 < part.segments; ++s) ASSERT_EQ(part.book(t, s).work, whole.book(t, s).work);
      }
      EXPECT_LT(first_law(part).share, 1e-12);
    }
  }
}

// Three units free in the first segment of 10 steps, one of them in the second of 5, where the pair is clamped.
// Threads are at different steps when a run is stopped: all go on to the foremost, so that nothing done is lost.
TEST(kept_part, all_threads_go_on_to_the_foremost_step) {
  RunOptions options;
  options.trajectories = 2;
  options.threads = 2;
  options.kept = Kept::part;
  Meter meter(options, 0, 100);
  EXPECT_EQ(meter.reach(0, 0, 10), 10);
  EXPECT_EQ(meter.reach(1, 0, 30), 30);
  meter.stop();
  EXPECT_EQ(meter.reach(0, 10, 20), 20);
  EXPECT_EQ(meter.reach(0, 20, 40), 30);
  EXPECT_EQ(meter.reach(1, 30, 40), 30);
  EXPECT_EQ(meter.last_step(), 30);
}

TEST(kept_part, draws_are_those_of_free_units_in_the_steps_taken) {
  Computer computer = machine({1, 2});
  add_set(computer, random_couplings(3, 0.1, 1));
  Segment first = hold(computer, 1, 0), second = hold(computer, 0.5, 0);
  second.clamped = {0, 1};
  const Protocol protocol{"two", {first, second}};
  const Patterns patterns{1, {0.1, 0.2, 0.3}};
  RunOptions options = run_options(0.1, 4, 3);
  options.patterns = &patterns;
  EXPECT_EQ(run(computer, protocol, options).draws, 4 * (10 * 3 + 5 * 1));
  options.trajectories = 1;
  options.engine = EngineKind::reference;
  options.kept = Kept::part;
  options.progress = stop_at(12);
  const swell::Run part = run(computer, protocol, options);
  ASSERT_EQ(part.steps, 12);
  EXPECT_EQ(part.draws, 10 * 3 + 2 * 1);
}

// Tiles of 16 on one thread: at the 12th look, 250 steps of each in looks of 1 step and more, the first tiles are done.
TEST(kept_part, trajectories_that_have_finished_are_kept_whole) {
  const Scene scene({9, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.trajectories = 90;
  options.threads = 1;
  options.tile = 16;
  const swell::Run whole = run(scene.computer, scene.protocol, options);
  for (const Kept kept : {Kept::finished, Kept::part}) {
    options.kept = kept;
    int looks = 0;
    options.progress = [&](const Progress& at) { return ++looks > 0 && at.done < at.total / 2; };
    const swell::Run part = run(scene.computer, scene.protocol, options);
    EXPECT_TRUE(part.interrupted);
    EXPECT_EQ(part.trajectories, 32);  // two whole tiles; the third was under way
    EXPECT_EQ(part.steps, whole.steps);
    EXPECT_TRUE(std::equal(part.states.begin(), part.states.end(), whole.states.begin()));
    for (int64_t t = 0; t < part.trajectories; ++t) EXPECT_EQ(part.book(t, 3).heat, whole.book(t, 3).heat);
  }
  options.kept = Kept::finished;
  options.progress = stop_at(1);
  EXPECT_THROW(run(scene.computer, scene.protocol, options), Interrupted);
}

// The file of snapshots shrinks to what was reached, and can be read.
TEST(kept_part, the_file_of_snapshots_holds_what_was_reached) {
  const TestFolder folder;
  const Scene scene({9, 6});
  RunOptions options = watched(scene, EngineKind::cpu);
  const swell::Run whole = run(scene.computer, scene.protocol, options);
  const int64_t units = scene.computer.units();
  NpyStream file(folder / "shots.npy", {whole.steps + 1, options.trajectories, units});
  options.snapshots.file = &file;
  options.kept = Kept::part;
  options.progress = stop_at(50);
  const swell::Run part = run(scene.computer, scene.protocol, options);
  file.finish();
  const NpyArray shots = read_npy(folder / "shots.npy");
  ASSERT_EQ(shots.shape, (std::vector<int64_t>{part.steps + 1, part.trajectories, units}));
  const int64_t row = part.trajectories * units;
  for (size_t k = 0; k < shots.values.size(); ++k) {
    const auto at = static_cast<int64_t>(k);
    ASSERT_EQ(static_cast<float>(shots.values[k]), whole.snapshots[at / row * whole.trajectories * units + at % row]);
  }
}

}  // namespace swell::test
