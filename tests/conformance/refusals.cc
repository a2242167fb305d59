// What engines say when a run cannot go on: Diverged, Interrupted, InputError.

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/kernels/dispatch.h"

namespace swell::test {

namespace {

constexpr EngineKind kEngines[] = {EngineKind::cpu, EngineKind::reference};

// Quartic units of which the group of one, unit 8, is so mobile that dt is too long for it once it starts far out.
struct Unstable {
  Computer computer = quartic_machine({8, 1, 5}, 0.0);
  Protocol protocol;
  RunOptions options = run_options(1e-2, 90, 95);
  std::vector<double> start;

  explicit Unstable(int64_t trajectory) {
    computer.mobility[8] = 5;
    protocol = {"unstable", {hold(computer, 1.0), hold(computer, 1.0)}};
    start.assign(90 * computer.units(), 0.0);
    start[trajectory * computer.units() + 8] = 8;  // 12 J4 x^2 mu dt > 2
    options.first_trajectory = 1000;
    options.start = start;
  }

  Diverged failure() const {
    try {
      run(computer, protocol, options);
    } catch (const Diverged& error) {
      return error;
    }
    ADD_FAILURE() << "the run did not diverge";
    return {-1, -1, -1, 0};
  }
};

// The message of the InputError that a run throws.
std::string refusal(const Scene& scene, const std::function<void(RunOptions&)>& spoil) {
  RunOptions options = scene.with(EngineKind::cpu);
  spoil(options);
  std::string message;
  for (const EngineKind engine : kEngines) {
    options.engine = engine;
    try {
      run(scene.computer, scene.protocol, options);
      ADD_FAILURE() << "the options were accepted";
    } catch (const InputError& error) {
      message = error.what();
    }
  }
  return message;
}

}  // namespace

// The state of the fast engine ends at 3e38, the reference's at 2e308; a quartic unit cubes its distance in each step,
// so the reference follows within three steps.
TEST(refusals, divergence_names_trajectory_step_and_unit_as_the_reference_does) {
  for (const int64_t trajectory : {0, 40, 89}) {
    Unstable scene(trajectory);
    scene.options.engine = EngineKind::reference;
    const Diverged wanted = scene.failure();
    scene.options.engine = EngineKind::cpu;
    for (const int tile : {16, 64}) {
      for (const int threads : {1, 3}) {
        scene.options.tile = tile;
        scene.options.threads = threads;
        const Diverged got = scene.failure();
        EXPECT_EQ(got.trajectory, 1000 + trajectory);
        EXPECT_EQ(wanted.trajectory, got.trajectory);
        EXPECT_EQ(got.unit, 8);
        EXPECT_EQ(wanted.unit, 8);
        EXPECT_LE(got.step, wanted.step);
        EXPECT_GE(got.step, wanted.step - 3);
        EXPECT_EQ(got.dt, 1e-2);
        EXPECT_EQ(got.exit_code(), 4);
      }
    }
  }
}

// Under Euler-Maruyama at T = 0 the step is known: x -> x (1 - 2 J2 mu dt), a factor of -3 per step from 1. Its
// gradient 4 x passes the largest float at the step after log_3(3.4e38/4) = 79.5 and the largest double after 644.8.
TEST(refusals, divergence_names_the_very_step) {
  Computer computer = machine({3});
  computer.J2[1] = 2;
  computer.kT = 0;
  const std::vector<double> start{0, 1, 0};
  RunOptions options = run_options(1.0, 1, 96);
  options.start = start;
  for (const auto& [engine, step] :
       {std::pair{EngineKind::cpu, int64_t{80}}, std::pair{EngineKind::reference, int64_t{645}}}) {
    options.engine = engine;
    try {
      run(computer, {"grow", {hold(computer, 60.0), hold(computer, 700.0)}}, options);
      FAIL() << "the run did not diverge";
    } catch (const Diverged& error) {
      EXPECT_EQ(error.step, step);
      EXPECT_EQ(error.unit, 1);
      EXPECT_EQ(error.trajectory, 0);
    }
  }
}

TEST(refusals, a_start_that_is_not_finite_diverges_at_once) {
  const Computer computer = machine({3});
  const std::vector<double> start{0, 0, std::numeric_limits<double>::quiet_NaN()};
  RunOptions options = run_options(0.1, 1, 97);
  options.start = start;
  for (const EngineKind engine : kEngines) {
    options.engine = engine;
    try {
      run(computer, {"hold", {hold(computer, 1.0)}}, options);
      FAIL() << "the run did not diverge";
    } catch (const Diverged& error) {
      EXPECT_EQ(error.step, 0);
      EXPECT_EQ(error.unit, 2);
    }
  }
}

// A library caller as well as the command: a drive without patterns would do no work, silently.
TEST(refusals, a_drive_without_patterns_is_refused) {
  const Scene scene({9, 6});
  const std::string said = refusal(scene, [](RunOptions& options) { options.patterns = nullptr; });
  EXPECT_NE(said.find("drives the group"), std::string::npos) << said;
  EXPECT_NE(said.find("nothing would move"), std::string::npos) << said;
  const Patterns none;
  EXPECT_EQ(refusal(scene, [&](RunOptions& options) { options.patterns = &none; }), said);
}

TEST(refusals, a_run_stops_when_its_progress_callback_says_so) {
  const Scene scene({9, 6});
  for (const EngineKind engine : kEngines) {
    RunOptions options = scene.with(engine);
    options.trajectories = 100;
    int calls = 0;
    options.progress = [&](const Progress& at) {
      EXPECT_LE(at.done, at.total);
      return ++calls < 4;
    };
    EXPECT_THROW(run(scene.computer, scene.protocol, options), Interrupted);
    EXPECT_GE(calls, 4);
    EXPECT_LE(calls, 6);  // at most one more from each other thread
  }
}

TEST(refusals, progress_ends_at_the_total) {
  const Scene scene({9, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.trajectories = 100;
  double last = 0;
  options.progress = [&](const Progress& at) {
    EXPECT_EQ(at.total, 100 * 240);
    EXPECT_GT(at.done, last);
    last = at.done;
    return true;
  };
  run(scene.computer, scene.protocol, options);
  EXPECT_EQ(last, 100 * 240);
}

TEST(refusals, bad_options_are_input_errors_that_say_what_is_allowed) {
  const Scene scene({9, 6});
  const struct {
    std::function<void(RunOptions&)> spoil;
    std::vector<std::string> says;
  } cases[] = {
      {[](RunOptions& o) { o.dt = 0; }, {"dt = 0", "positive"}},
      {[](RunOptions& o) { o.dt = -1e-3; }, {"dt = -0.001", "positive"}},
      {[](RunOptions& o) { o.dt = std::numeric_limits<double>::quiet_NaN(); }, {"dt = nan", "positive"}},
      {[](RunOptions& o) { o.dt = std::numeric_limits<double>::infinity(); }, {"dt = inf", "positive"}},
      {[](RunOptions& o) { o.dt = 7e-3; }, {"0.007", "multiple of dt"}},
      {[](RunOptions& o) { o.trajectories = 0; }, {"0 trajectories", "at least 1"}},
      {[](RunOptions& o) { o.first_trajectory = -1; }, {"number -1", "2^48"}},
      {[](RunOptions& o) { o.first_trajectory = int64_t{1} << 48; }, {"281474976710656", "2^48"}},
      {[](RunOptions& o) { o.threads = 0; }, {"0 threads", "1 to 4096"}},
      {[](RunOptions& o) {
         static const std::vector<double> start(7, 0.0);
         o.start = start;
       },
       {"7 values", "75"}},
      {[](RunOptions& o) {
         static const Patterns patterns{2, std::vector<double>(7, 0.0)};
         o.patterns = &patterns;
       },
       {"7 values", "30"}},
      {[](RunOptions& o) {
         o.snapshots = {1, 0, 10, 6, 1};
       },
       {"6 units from 10", "15 units"}},
      {[](RunOptions& o) {
         o.snapshots = {1, 0, 0, 15, 6};
       },
       {"6 trajectories", "5 trajectories"}},
      {[](RunOptions& o) {
         o.snapshots = {-1, 0, 0, 15, 5};
       },
       {"snapshots"}},
      {[](RunOptions& o) {
         o.snapshots = {1, -1, 0, 15, 5};
       },
       {"snapshots"}},
  };
  for (const auto& bad : cases) {
    const std::string message = refusal(scene, bad.spoil);
    for (const std::string& part : bad.says)
      EXPECT_NE(message.find(part), std::string::npos) << message << " / " << part;
  }
}

TEST(refusals, an_unknown_instruction_set_is_an_input_error_that_lists_the_known) {
  const Scene scene({3});
  RunOptions options = scene.with(EngineKind::cpu);
  options.isa = "abacus";
  try {
    run(scene.computer, scene.protocol, options);
    FAIL();
  } catch (const InputError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("'abacus'"), std::string::npos);
    for (const std::string_view isa : cpu::available_isas()) EXPECT_NE(message.find(isa), std::string::npos) << message;
  }
}

TEST(refusals, a_protocol_for_another_computer_is_an_input_error) {
  const Scene scene({9, 6}), other({3});
  RunOptions options = run_options(5e-3, 1, 98);
  for (const EngineKind engine : kEngines) {
    options.engine = engine;
    EXPECT_THROW(run(scene.computer, other.protocol, options), InputError);
    Protocol missing = scene.protocol;
    missing.segments[0].couplings = 2;
    EXPECT_THROW(run(scene.computer, missing, options), InputError);
    EXPECT_THROW(run(scene.computer, {"empty", {}}, options), InputError);
  }
}

}  // namespace swell::test
