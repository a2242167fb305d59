// Every engine against the reference, and every way of cutting up the work against every other.

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/engine/cpu/dispatch.h"
#include "swell/engine/run.h"

namespace swell::test {
namespace {

struct Scene {
  Computer computer;
  Protocol protocol{"scene", {}};
  Patterns patterns{5, {}};
  RunOptions options;

  explicit Scene(const std::vector<int64_t>& sizes, int64_t trajectories = 40)
      : computer(quartic_machine(sizes, 0.8)), options(run_options(2e-3, trajectories, 77)) {
    computer.kT = 0.3;
    for (int64_t k = 0; k < 5 * computer.units(); ++k) patterns.values.push_back(fixed_normal(78, k));
    Segment heated = ramp(computer, 0.2, 1.5, -0.5, 0);
    heated.kT = {{{0.0, 0.1}, {1.0, 0.6}}};
    Segment clamped = ramp(computer, 0.2, 0.0, 1.0, 0);
    clamped.clamped.back() = sizes.size() > 1 ? 1 : 0;
    protocol.segments = {ramp(computer, 0.2, 0.0, 2.0), heated, clamped};
    options.patterns = &patterns;
  }
  Run run() const { return swell::run(computer, protocol, options); }
};

void expect_same_bytes(const Run& a, const Run& b, int64_t first, int64_t count) {
  for (int64_t t = 0; t < count; ++t) {
    for (int64_t i = 0; i < a.units; ++i)
      ASSERT_EQ(a.state(first + t)[i], b.state(t)[i]) << "trajectory " << t << " unit " << i;
    for (int64_t s = 0; s < a.segments; ++s) {
      ASSERT_EQ(a.book(first + t, s).work, b.book(t, s).work);
      ASSERT_EQ(a.book(first + t, s).heat, b.book(t, s).heat);
      ASSERT_EQ(a.book(first + t, s).entropy, b.book(t, s).entropy);
    }
  }
}

// 300 steps in f32: increments are rounded at 6e-8 of x ~ 1, and the dynamics is contracting or weakly expanding over
// 0.6/mu, so states agree to about 300^(1/2) 6e-8 e^(0.6 a) with a < 10: 1e-4 is ample and a wrong term would show at
// 1e-2.
TEST(engine_agreement, cpu_follows_the_reference_trajectory_by_trajectory) {
  for (const Integrator integrator : {Integrator::euler_maruyama, Integrator::leimkuhler_matthews}) {
    for (const auto& sizes : std::vector<std::vector<int64_t>>{{1}, {5}, {7, 6}, {50, 30, 20}, {150, 150}}) {
      Scene scene(sizes, 20);
      scene.options.integrator = integrator;
      const swell::Run fast = scene.run();
      scene.options.engine = EngineKind::reference;
      const swell::Run plain = scene.run();
      const double scale = static_cast<double>(scene.computer.units());
      for (int64_t t = 0; t < 20; ++t) {
        for (int64_t i = 0; i < plain.units; ++i)
          ASSERT_NEAR(fast.state(t)[i], plain.state(t)[i], 1e-4) << sizes.size();
        for (int64_t s = 0; s < plain.segments; ++s) {
          ASSERT_NEAR(fast.book(t, s).work, plain.book(t, s).work, 1e-4 * scale);
          ASSERT_NEAR(fast.book(t, s).heat, plain.book(t, s).heat, 1e-4 * scale);
        }
      }
    }
  }
}

TEST(engine_agreement, results_do_not_depend_on_threads_or_tiles) {
  Scene scene({50, 30, 20}, 100);
  const swell::Run whole = scene.run();
  for (const int threads : {1, 2, 7}) {
    for (const int tile : {0, 1, 16, 32, 48, 64}) {
      scene.options.threads = threads;
      scene.options.tile = tile;
      expect_same_bytes(whole, scene.run(), 0, 100);
    }
  }
}

TEST(engine_agreement, a_trajectory_is_the_same_in_any_batch) {
  Scene scene({20, 9}, 100);
  const swell::Run whole = scene.run();
  scene.options.trajectories = 37;
  expect_same_bytes(whole, scene.run(), 0, 37);
  scene.options.trajectories = 3;
  scene.options.first_trajectory = 70;
  expect_same_bytes(whole, scene.run(), 70, 3);
}

TEST(engine_agreement, every_instruction_set_gives_the_same_bits) {
  Scene scene({50, 30, 20}, 20);
  const swell::Run best = scene.run();
  for (const std::string_view isa : cpu::available_isas()) {
    scene.options.isa = isa;
    expect_same_bytes(best, scene.run(), 0, 20);
  }
}

TEST(engine_agreement, the_last_snapshot_is_the_final_state) {
  Scene scene({9, 4}, 20);
  scene.options.snapshots = all_units(scene.computer, scene.options, 100, 0);
  const swell::Run run = scene.run();
  ASSERT_EQ(run.snapshot_times.size(), 4u);
  for (int64_t t = 0; t < 20; ++t) {
    for (int64_t i = 0; i < run.units; ++i)
      EXPECT_EQ(snapshot(run, 3, t)[i], static_cast<double>(static_cast<float>(run.state(t)[i])));
  }
}

TEST(engine_agreement, a_diverging_state_is_named_by_trajectory_step_and_unit) {
  Scene scene({9, 4}, 20);
  scene.options.dt = 0.2;  // far above the stability limit of a quartic unit that starts at x = 5
  scene.protocol.segments = {hold(scene.computer, 20.0)};
  std::vector<double> start(20 * scene.computer.units(), 0.0);
  start[11 * scene.computer.units() + 6] = 5;
  scene.options.start = start;
  int64_t step[2] = {-1, -2};
  for (const EngineKind kind : {EngineKind::cpu, EngineKind::reference}) {
    scene.options.engine = kind;
    try {
      scene.run();
      FAIL() << "no divergence";
    } catch (const Diverged& error) {
      EXPECT_EQ(error.trajectory, 11);
      EXPECT_EQ(error.unit, 6);
      EXPECT_EQ(error.dt, 0.2);
      step[kind == EngineKind::cpu ? 0 : 1] = error.step;
    }
  }
  // Single precision overflows at 3e38, double at 1e308: x grows by powers of three, so one or two steps earlier.
  EXPECT_LE(step[0], step[1]);
  EXPECT_GE(step[0], step[1] - 3);
}

TEST(engine_agreement, stopping_and_bad_options_are_errors) {
  Scene scene({9, 4}, 20);
  scene.options.progress = [](int64_t, int64_t) { return false; };
  EXPECT_THROW(scene.run(), Interrupted);
  scene.options.progress = {};
  scene.options.isa = "abacus";
  EXPECT_THROW(scene.run(), InputError);
  scene.options.isa = "";
  scene.options.trajectories = 0;
  EXPECT_THROW(scene.run(), InputError);
}

}  // namespace
}  // namespace swell::test
