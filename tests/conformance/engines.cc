// The fast engine against the reference, trajectory by trajectory under the same draws.

#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <memory>

#include "conformance/scenes.h"

namespace swell::test {

namespace {

// Single precision against double along 240 steps in confining potentials, where errors do not grow: each step rounds
// x (about 1) and a field of up to 300 terms, 6e-8 each. States agree to 5e-6 and energies, sums over units, to 1e-5
// per unit; a missing term or a shifted schedule shows at 1e-3 and above.
void expect_same(const Run& fast, const Run& reference) {
  ASSERT_EQ(fast.states.size(), reference.states.size());
  ASSERT_EQ(fast.books.size(), reference.books.size());
  EXPECT_EQ(fast.snapshot_times, reference.snapshot_times);
  const double energy_error = 1e-5 * static_cast<double>(fast.units);
  for (size_t k = 0; k < fast.states.size(); ++k) ASSERT_NEAR(fast.states[k], reference.states[k], 5e-6) << k;
  for (size_t k = 0; k < fast.snapshots.size(); ++k) ASSERT_NEAR(fast.snapshots[k], reference.snapshots[k], 5e-6) << k;
  for (size_t k = 0; k < fast.books.size(); ++k) {
    EXPECT_NEAR(fast.books[k].work, reference.books[k].work, energy_error) << k;
    EXPECT_NEAR(fast.books[k].heat, reference.books[k].heat, energy_error) << k;
    EXPECT_NEAR(fast.books[k].entropy, reference.books[k].entropy, 20 * energy_error) << k;  // kT down to 0.05
  }
  for (int64_t t = 0; t < fast.trajectories; ++t) {
    EXPECT_NEAR(fast.start_energy[t], reference.start_energy[t], energy_error);
    EXPECT_NEAR(fast.end_energy[t], reference.end_energy[t], energy_error);
  }
}

// Tiles of one trajectory and of sixteen are laid out differently.
void expect_agreement(const Scene& scene, Integrator integrator) {
  RunOptions options = scene.with(EngineKind::reference, integrator);
  options.snapshots = all_units(scene.computer, options, 30, 0);
  const auto reference = run(scene.computer, scene.protocol, options);
  options.engine = EngineKind::cpu;
  for (const int tile : {1, 16}) {
    options.tile = tile;
    expect_same(run(scene.computer, scene.protocol, options), reference);
  }
}

}  // namespace

class engine_sizes : public testing::TestWithParam<std::vector<int64_t>> {};

TEST_P(engine_sizes, cpu_agrees_with_the_reference_under_euler_maruyama) {
  expect_agreement(Scene(GetParam()), Integrator::euler_maruyama);
}

TEST_P(engine_sizes, cpu_agrees_with_the_reference_under_leimkuhler_matthews) {
  expect_agreement(Scene(GetParam()), Integrator::leimkuhler_matthews);
}

INSTANTIATE_TEST_SUITE_P(all, engine_sizes,
                         testing::Values(std::vector<int64_t>{1}, std::vector<int64_t>{3, 2}, std::vector<int64_t>{13},
                                         std::vector<int64_t>{60, 33, 7}, std::vector<int64_t>{1, 200, 99}),
                         [](const auto& info) { return fmt::format("groups_{}", fmt::join(info.param, "_")); });

TEST(engines, holds_with_couplings_between_some_groups_only) {
  Scene scene({10, 7, 5});
  auto& blocks = scene.computer.sets[0].blocks;
  std::erase_if(blocks, [](const CouplingBlock& block) { return block.row_group == 0 && block.column_group != 2; });
  expect_agreement(scene, Integrator::euler_maruyama);
}

TEST(engines, holds_with_biases_and_no_couplings) {
  Scene scene({10, 7});
  scene.computer.sets[0].blocks.clear();
  expect_agreement(scene, Integrator::euler_maruyama);
}

TEST(engines, holds_without_patterns_and_from_a_given_start) {
  Scene scene({10, 7});
  std::vector<double> start;
  for (int64_t k = 0; k < 5 * 17; ++k) start.push_back(fixed_normal(93, k));
  scene.options.start = start;
  scene.options.first_trajectory = 11;
  expect_agreement(scene, Integrator::euler_maruyama);
  RunOptions options = scene.options;  // patterns: none, so clamps act with zeros, and drives are refused
  Protocol undriven = scene.protocol;
  for (Segment& segment : undriven.segments) segment.drive.assign(segment.drive.size(), {});
  const auto fast = run(scene.computer, undriven, options);
  options.engine = EngineKind::reference;
  expect_same(fast, run(scene.computer, undriven, options));
}

// A snapshot before step k shows the state after k steps, whatever the next segment clamps.
TEST(engines, snapshots_are_the_states_of_shorter_runs) {
  const Scene scene({9, 6});
  for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
    RunOptions options = scene.with(engine);
    options.snapshots = all_units(scene.computer, options, 60, 60);
    const auto whole = run(scene.computer, scene.protocol, options);
    ASSERT_EQ(whole.snapshot_times.size(), 4u);
    Protocol part = scene.protocol;
    part.segments.resize(2);  // the third segment clamps
    options.snapshots = {};
    const auto shorter = run(scene.computer, part, options);
    for (int64_t t = 0; t < whole.trajectories; ++t) {
      for (int64_t i = 0; i < whole.units; ++i) {
        EXPECT_EQ(snapshot(whole, 1, t)[i], static_cast<double>(static_cast<float>(shorter.state(t)[i])))
            << t << " " << i;
        EXPECT_EQ(snapshot(whole, 3, t)[i], static_cast<double>(static_cast<float>(whole.state(t)[i])))
            << t << " " << i;
      }
    }
  }
}

TEST(engines, snapshots_keep_the_units_and_trajectories_asked_for) {
  const Scene scene({9, 6});
  RunOptions options = scene.with(EngineKind::cpu);
  options.trajectories = 40;
  options.snapshots = all_units(scene.computer, options, 7, 3);
  const auto whole = run(scene.computer, scene.protocol, options);
  options.snapshots = {7, 3, 4, 5, 20};
  const auto part = run(scene.computer, scene.protocol, options);
  ASSERT_EQ(part.snapshot_times, whole.snapshot_times);
  ASSERT_EQ(part.snapshots.size(), part.snapshot_times.size() * 5 * 20);
  EXPECT_DOUBLE_EQ(part.snapshot_times[1], 10 * options.dt);
  for (size_t s = 0; s < part.snapshot_times.size(); ++s) {
    for (size_t t = 0; t < 20; ++t) {
      for (size_t u = 0; u < 5; ++u) {
        ASSERT_EQ(part.snapshots[(s * 20 + t) * 5 + u], whole.snapshots[(s * 40 + t) * 15 + 4 + u]);
      }
    }
  }
}

// Both engines take the computer's temperature where a segment has none.
TEST(engines, a_segment_without_kT_runs_at_that_of_the_computer) {
  Scene scene({6, 3});
  Protocol said = scene.protocol;
  for (size_t s = 0; s < said.segments.size(); ++s) {
    said.segments[s].kT = {{{0.0, scene.computer.kT}}};
    scene.protocol.segments[s].kT = {};
  }
  for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
    const auto silent = run(scene.computer, scene.protocol, scene.with(engine));
    const auto spoken = run(scene.computer, said, scene.with(engine));
    EXPECT_EQ(silent.states, spoken.states);
    for (size_t k = 0; k < silent.books.size(); ++k) {
      EXPECT_EQ(silent.books[k].heat, spoken.books[k].heat);
      EXPECT_EQ(silent.books[k].entropy, spoken.books[k].entropy);
      EXPECT_NE(silent.books[k].entropy, 0);
    }
  }
}

}  // namespace swell::test
