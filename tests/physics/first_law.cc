// Books inside the step: W_k = V(x_k, new) - V(x_k, old), Q_k = V(x_k) - V(x_{k+1}) at fixed control, so that the first
// law closes to rounding for any potential and protocol (physics.md 4).

#include <gtest/gtest.h>

#include "physics/machines.h"
#include "swell/engine/reference/reference.h"
#include "swell/physics/potential.h"

namespace swell::test {

namespace {

// Two coupling sets, a drive ramp, a temperature ramp, clamps that come and go.
struct Scene {
  Computer computer = quartic_machine({9, 6, 4}, 1.0);
  Protocol protocol{"everything", {}};
  Patterns patterns{3, {}};
  RunOptions options = run_options(5e-3, 20, 40);

  Scene() {
    computer.kT = 0.4;
    for (int64_t i = 0; i < computer.units(); ++i) computer.mobility[i] = 0.5 + 0.1 * static_cast<double>(i % 7);
    add_set(computer, random_couplings(computer.units(), 1.5, 41));
    for (int64_t i = 0; i < 3 * computer.units(); ++i) patterns.values.push_back(fixed_normal(42, i));
    Segment heated = ramp(computer, 0.5, 2.0, -1.0, 0);
    heated.kT = {{{0.0, 0.1}, {0.5, 1.0}, {1.0, 0.0}}};
    Segment clamped = ramp(computer, 0.4, 0.0, 1.0, 1);
    clamped.clamped[1] = 1;
    Segment other = hold(computer, 0.3, 0);
    other.clamped[2] = 1;
    protocol.segments = {ramp(computer, 0.5, 0.0, 2.0), heated, clamped, other, hold(computer, 0.4, 1)};
    options.patterns = &patterns;
  }

  // Every energy that passed through a trajectory's books: what rounding is relative to.
  double turnover(const Run& run, int64_t t) const {
    double sum = std::abs(run.start_energy[t]) + std::abs(run.end_energy[t]);
    for (int64_t s = 0; s < run.segments; ++s) sum += std::abs(run.book(t, s).work) + std::abs(run.book(t, s).heat);
    return sum;
  }

  double closure(const Run& run, int64_t t) const {
    double change = 0;
    for (int64_t s = 0; s < run.segments; ++s) change += run.book(t, s).work - run.book(t, s).heat;
    return std::abs(run.start_energy[t] + change - run.end_energy[t]);
  }

  double end_energy(const Run& run, int64_t t) const { return energy(computer, {&computer.sets[1], {}}, run.state(t)); }
};

}  // namespace

// 420 steps of double sums: 420 x 1e-16 of the turnover, so 1e-12 is far above rounding and far below any physics.
TEST(first_law, reference_closes_to_rounding_under_any_protocol) {
  Scene scene;
  scene.options.engine = EngineKind::reference;
  const auto run = swell::run(scene.computer, scene.protocol, scene.options);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    EXPECT_LT(scene.closure(run, t), 1e-12 * scene.turnover(run, t)) << t;
    EXPECT_NEAR(run.end_energy[t], scene.end_energy(run, t), 1e-12 * scene.turnover(run, t)) << t;
    EXPECT_GT(std::abs(run.book(t, 0).work) + std::abs(run.book(t, 2).work), 0.1) << t;  // there was something to close
  }
}

// The ledger is in double, so it closes as well as the reference's; its energies take the coupling field in single
// precision, a relative 6e-8 per term of sum |J x x| (about 40): end energies agree to 1e-5.
TEST(first_law, cpu_closes_to_1e_9_under_any_protocol) {
  const Scene scene;
  const auto run = swell::run(scene.computer, scene.protocol, scene.options);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    EXPECT_LT(scene.closure(run, t), 1e-9 * scene.turnover(run, t)) << t;
    EXPECT_NEAR(run.end_energy[t], scene.end_energy(run, t), 1e-5) << t;
  }
}

// With fixed parameters Q = V(x_0) - V(x_tf), and no work is done.
TEST(first_law, heat_of_a_fixed_segment_is_the_drop_of_energy) {
  const Computer computer = quartic_machine({9, 6}, 1.0);
  const Protocol protocol{"generation", {hold(computer, 1.0), hold(computer, 1.0, 0)}};
  for (const EngineKind engine : {EngineKind::reference, EngineKind::cpu}) {
    RunOptions options = run_options(1e-2, 33, 43);
    options.engine = engine;
    options.snapshots = all_units(computer, options, 100, 100);
    const auto run = swell::run(computer, protocol, options);
    ASSERT_EQ(run.snapshot_times, (std::vector<double>{1.0, 2.0}));
    const Control control{&computer.sets[0], {}};
    for (int64_t t = 0; t < run.trajectories; ++t) {
      const double before = energy(computer, control, snapshot(run, 0, t));
      const double drop = before - energy(computer, control, snapshot(run, 1, t));
      // Snapshots are single precision: 6e-8 x |gradient| |x| of 15 units.
      EXPECT_NEAR(run.book(t, 1).heat, drop, 2e-5) << t;
      EXPECT_NEAR(run.book(t, 1).work, before - energy(computer, {}, snapshot(run, 0, t)), 2e-5) << t;
      EXPECT_EQ(run.book(t, 0).work, 0) << t;
    }
  }
}

// The entropy given to the bath is the sum over steps of heat / kT of that step; nothing while kT = 0.
TEST(first_law, entropy_is_heat_over_the_temperature_of_its_step) {
  Computer computer = quartic_machine({5}, 1.0);
  Segment heated = hold(computer, 1.0, 0), cold = hold(computer, 1.0, 0);
  heated.kT = {{{0.0, 0.5}, {1.0, 1.5}}};
  cold.kT = {{{0.0, 0.0}}};
  const Protocol protocol{"temperatures", {heated, cold}};
  RunOptions options = run_options(1e-2, 4, 44);
  options.engine = EngineKind::reference;
  std::vector<double> expected(4, 0.0);
  const auto run = reference::run(computer, protocol, options, [&](int64_t t, int64_t step, auto x, auto next) {
    const Control control{&computer.sets[0], {}};
    const double heat = energy(computer, control, x) - energy(computer, control, next);
    if (step < 100) expected[t] += heat / (0.5 + 0.01 * static_cast<double>(step));
  });
  options.engine = EngineKind::cpu;
  const auto fast = swell::run(computer, protocol, options);
  for (int64_t t = 0; t < 4; ++t) {
    EXPECT_NEAR(run.book(t, 0).entropy, expected[t], 1e-12 * 100);
    EXPECT_NEAR(fast.book(t, 0).entropy, expected[t], 1e-4);  // single precision along 100 steps
    EXPECT_EQ(run.book(t, 1).entropy, 0);
    EXPECT_EQ(fast.book(t, 1).entropy, 0);
    EXPECT_GT(run.book(t, 1).heat, 0);  // at T = 0 the state only falls
    EXPECT_GT(fast.book(t, 1).heat, 0);
  }
}

}  // namespace swell::test
