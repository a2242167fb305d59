// p-bits behind run(): the same protocol, books, snapshots, observables and checkpoints as Langevin units.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "conformance/stops.h"
#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/errors.h"
#include "swell/engine/pbits/pbits.h"
#include "swell/io/test_folder.h"
#include "swell/random/uniform.h"

namespace swell::test {

namespace {

double uniform(uint64_t table, uint64_t index) { return draw_uniform({12, stream::kTesting}, table, index); }

// A ring with chords and fields; whole numbers or real ones.
IsingModel small_model(int64_t units, bool whole, uint64_t table) {
  uint64_t next = 0;
  const auto number = [&] {
    const double u = uniform(table, next++);
    return whole ? std::floor(5 * u) - 2 : 2 * u - 1;
  };
  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < units; ++i) {
    edges.push_back({i, (i + 1) % units, number()});
    if (i + 3 < units) edges.push_back({i, i + 3, number()});
  }
  std::vector<double> h(units);
  for (double& field : h) field = number();
  return make_ising(units, edges, h);
}

Segment sweeps(int64_t count, Schedule kT, int couplings = 0) {
  Segment segment;
  segment.name = "sweeps";
  segment.duration = static_cast<double>(count);
  segment.couplings = couplings;
  segment.kT = std::move(kT);
  return segment;
}

RunOptions pbit_options(int64_t trajectories, uint64_t seed) {
  RunOptions options;
  options.trajectories = trajectories;
  options.noise = {seed, stream::kPbits};
  options.threads = 2;
  return options;
}

std::vector<double> as_doubles(std::span<const int8_t> spins) { return {spins.begin(), spins.end()}; }

// Two sets of couplings, a drive that rises, and a group that is clamped in the middle.
struct PbitScene {
  explicit PbitScene(bool whole, int64_t units = 12)
      : models{small_model(units, whole, 1), small_model(units, whole, 2)},
        groups{{"a", {units - 4}, 0, units - 4}, {"b", {4}, units - 4, 4}} {
    Segment first = sweeps(300, {{{0.0, 3.0}, {1.0, 0.7}}}, 0);
    Segment second = sweeps(40, {{{0.0, 0.7}}}, 1);
    second.drive = {{{{0.0, 0.0}, {1.0, 1.5}}}, {}};
    second.clamped = {0, 1};
    Segment third = sweeps(260, {{{0.0, 1.0}, {1.0, 0.5}}, true}, kNoCouplings);
    third.drive = {{{{0.0, 0.5}}}, {{{0.0, -0.25}}}};
    third.clamped = {0, 0};
    first.drive.resize(2);
    first.clamped = {0, 0};
    protocol = {"scene", {first, second, third}};
    patterns.rows = 3;
    for (int64_t k = 0; k < 3 * units; ++k) patterns.values.push_back(uniform(3, k) < 0.5 ? -1 : 1);
  }
  System system() const { return System(std::span<const IsingModel>(models), groups); }

  std::vector<IsingModel> models;
  std::vector<Group> groups;
  Protocol protocol;
  Patterns patterns;
};

}  // namespace

TEST(pbit_runs, are_the_sweeps_that_replicas_take) {
  for (const bool whole : {true, false}) {
    const IsingModel model = small_model(40, whole, 1);
    for (const int64_t trajectories : {3, 20, 600}) {
      PbitOptions plain;
      plain.replicas = trajectories;
      plain.noise = {4, stream::kPbits};
      plain.beta.assign(70, 1 / 0.8);
      const PbitRun expected = Pbits(model).sample(plain);
      const Protocol protocol{"hold", {sweeps(70, {{{0.0, 0.8}}})}};
      const swell::Run run = swell::run(model, protocol, pbit_options(trajectories, 4));
      EXPECT_EQ(run.spins, expected.spins);
      EXPECT_EQ(run.flips, expected.flips);
      EXPECT_TRUE(run.states.empty());
      EXPECT_EQ(run.steps, 70);
      for (int64_t t = 0; t < trajectories; ++t) {
        EXPECT_EQ(run.end_energy[t], expected.energy[t]);
        EXPECT_EQ(run.book(t, 0).work, 0);
        // That of the kernels sums single steps in f32.
        EXPECT_NEAR(run.book(t, 0).heat, expected.heat[t], whole ? 1e-9 : 2e-5);
        EXPECT_NEAR(run.book(t, 0).entropy, run.book(t, 0).heat / 0.8, 1e-4);
      }
    }
  }
}

TEST(pbit_runs, the_rule_is_an_option_and_gibbs_without_one) {
  // Without couplings and fields Metropolis takes every flip, and Gibbs one half: 6 sigmas.
  const IsingModel model = small_model(40, true, 1);
  const Protocol protocol{"free", {sweeps(50, {{{0.0, 0.8}}}, kNoCouplings)}};
  RunOptions options = pbit_options(8, 4);
  EXPECT_EQ(options.rule, FlipRule::gibbs);
  const swell::Run gibbs = swell::run(model, protocol, options);
  options.rule = FlipRule::metropolis;
  const swell::Run metropolis = swell::run(model, protocol, options);
  for (int64_t t = 0; t < 8; ++t) {
    EXPECT_EQ(metropolis.flips[t], 50 * 40);
    EXPECT_NEAR(static_cast<double>(gibbs.flips[t]), 1000, 6 * std::sqrt(2000 * 0.25));
  }
}

TEST(pbit_runs, obey_the_first_law_under_drives_clamps_and_changes_of_couplings) {
  for (const bool whole : {true, false}) {
    const PbitScene scene(whole);
    for (const EngineKind engine : {EngineKind::cpu, EngineKind::reference}) {
      RunOptions options = pbit_options(7, 5);
      options.engine = engine;
      options.patterns = &scene.patterns;
      const swell::Run run = swell::run(scene.system(), scene.protocol, options);
      for (int64_t t = 0; t < run.trajectories; ++t) {
        double work = 0, heat = 0;
        for (int64_t s = 0; s < run.segments; ++s) {
          work += run.book(t, s).work;
          heat += run.book(t, s).heat;
        }
        EXPECT_NEAR(run.end_energy[t] - run.start_energy[t], work - heat, 1e-9);
        EXPECT_EQ(run.start_energy[t], run.start_energy[t]);
        EXPECT_NE(run.book(t, 1).work, 0);
      }
    }
  }
}

TEST(pbit_runs, of_the_reference_engine_are_those_of_the_kernels) {
  const PbitScene scene(true);
  RunOptions options = pbit_options(5, 6);
  options.patterns = &scene.patterns;
  const swell::Run fast = swell::run(scene.system(), scene.protocol, options);
  options.engine = EngineKind::reference;
  const swell::Run plain = swell::run(scene.system(), scene.protocol, options);
  EXPECT_EQ(fast.spins, plain.spins);
  EXPECT_EQ(fast.flips, plain.flips);
  for (size_t k = 0; k < fast.books.size(); ++k) {
    EXPECT_NEAR(fast.books[k].work, plain.books[k].work, 1e-9);
    EXPECT_NEAR(fast.books[k].heat, plain.books[k].heat, 1e-9);
    EXPECT_NEAR(fast.books[k].entropy, plain.books[k].entropy, 1e-4);
  }
}

TEST(pbit_runs, keep_clamped_units_at_their_patterns) {
  const PbitScene scene(true);
  Protocol protocol = scene.protocol;
  protocol.segments.pop_back();
  RunOptions options = pbit_options(6, 7);
  options.patterns = &scene.patterns;
  options.first_trajectory = 4;
  const swell::Run run = swell::run(scene.system(), protocol, options);
  for (int64_t t = 0; t < 6; ++t) {
    for (int64_t i = 8; i < 12; ++i) EXPECT_EQ(run.spins_of(t)[i], scene.patterns.values[(4 + t) % 3 * 12 + i]);
  }
}

// Clamped to a state of one unit, the others follow the Boltzmann distribution of what is left. 4096 trajectories, one
// figure of 5 units: 6 sigmas, 2e-9 each; a field off by 0.05 kT would show.
TEST(pbit_runs, sample_the_conditional_distribution_of_clamped_units) {
  const IsingModel model = small_model(6, false, 9);
  const std::vector<Group> groups = {{"held", {1}, 0, 1}, {"free", {5}, 1, 5}};
  Segment segment = sweeps(30, {{{0.0, 1.2}}});
  segment.drive = {{}, {{{0.0, 0.4}}}};
  segment.clamped = {1, 0};
  const Patterns patterns{1, {-1, 1, 1, -1, 1, 1}};
  RunOptions options = pbit_options(4096, 8);
  options.patterns = &patterns;
  const swell::Run run = swell::run(System(std::span(&model, 1), groups), {"held", {segment}}, options);
  double total = 0;
  std::vector<double> mean(6, 0.0);
  for (int state = 0; state < 32; ++state) {
    std::vector<int8_t> spins = {-1};
    double energy = 0;
    for (int i = 0; i < 5; ++i) {
      spins.push_back(state >> i & 1 ? 1 : -1);
      energy -= 0.4 * patterns.values[i + 1] * spins.back();
    }
    energy += ising_energy(model, spins);
    const double weight = std::exp(-energy / 1.2);
    total += weight;
    for (int i = 0; i < 6; ++i) mean[i] += weight * spins[i];
  }
  for (int64_t i = 1; i < 6; ++i) {
    std::vector<double> values;
    for (int64_t t = 0; t < run.trajectories; ++t) values.push_back(run.spins_of(t)[i]);
    expect_equal(estimate(values), mean[i] / total);
  }
}

// <exp(-W / kT)> = Z1 / Z0 while a field is switched on (C. Jarzynski, Phys. Rev. Lett. 78, 2690 (1997)), from
// equilibrium, at any speed.
TEST(pbit_runs, obey_jarzynskis_equality) {
  constexpr int64_t units = 5;
  constexpr double kT = 1.5, field = 1.0;
  const IsingModel model = small_model(units, false, 10);
  Segment settle = sweeps(60, {{{0.0, kT}}}), drive = sweeps(8, {{{0.0, kT}}});
  drive.drive = {{{{0.0, 0.0}, {1.0, field}}}};
  Segment end = sweeps(1, {{{0.0, kT}}});
  end.drive = {{{{0.0, field}}}};
  const Patterns patterns{1, {1, -1, 1, 1, -1}};
  RunOptions options = pbit_options(20000, 11);
  options.patterns = &patterns;
  const swell::Run run = swell::run(model, {"switch", {settle, drive, end}}, options);
  double z[2] = {};
  for (int state = 0; state < 1 << units; ++state) {
    std::vector<int8_t> spins;
    double pull = 0;
    for (int i = 0; i < units; ++i) {
      spins.push_back(state >> i & 1 ? 1 : -1);
      pull += field * patterns.values[i] * spins.back();
    }
    const double energy = ising_energy(model, spins);
    z[0] += std::exp(-energy / kT);
    z[1] += std::exp(-(energy - pull) / kT);
  }
  std::vector<double> weights, works;
  for (int64_t t = 0; t < run.trajectories; ++t) {
    works.push_back(run.book(t, 1).work + run.book(t, 2).work);
    weights.push_back(std::exp(-works.back() / kT));
  }
  expect_equal(estimate(weights), z[1] / z[0]);
  expect_power(estimate(weights), z[1] / z[0], 0.1);
  EXPECT_GT(estimate(works).mean, -kT * std::log(z[1] / z[0]) + 3 * estimate(works).error);  // some is dissipated
}

// In equilibrium: energies, magnetisations and their squares by enumeration, from moments of the run.
TEST(pbit_runs, observe_as_langevin_runs_do) {
  constexpr int64_t units = 8;
  constexpr double kT = 1.1;
  const IsingModel model = small_model(units, false, 12);
  double total = 0, energy = 0, mean = 0, square = 0, first = 0;
  for (int state = 0; state < 1 << units; ++state) {
    std::vector<int8_t> spins;
    double m = 0;
    for (int i = 0; i < units; ++i) m += spins.emplace_back(state >> i & 1 ? 1 : -1);
    const double e = ising_energy(model, spins), weight = std::exp(-e / kT);
    total += weight;
    energy += weight * e;
    mean += weight * m / units;
    square += weight * (m / units) * (m / units);
    first += weight * spins[2];
  }
  for (const int64_t trajectories : {4, 40, 640}) {
    RunOptions options = pbit_options(trajectories, 13);
    options.observables = {5, 100, 2, 1};
    const int64_t length = trajectories == 640 ? 300 : 4000;
    const swell::Run run = swell::run(model, {"hold", {sweeps(length, {{{0.0, kT}}})}}, options);
    EXPECT_EQ(run.observations, (length - 100) / 5);
    Averages averages(static_cast<size_t>(run.sums.size()));
    for (int64_t t = 0; t < trajectories; ++t) {
      std::vector<double> values(run.observed.begin() + t * run.sums.size(),
                                 run.observed.begin() + (t + 1) * run.sums.size());
      for (double& value : values) value /= static_cast<double>(run.observations);
      averages.add(values);
    }
    if (trajectories == 4) continue;  // too few for an error of the error
    expect_equal(averages[run.sums.energy], energy / total);
    expect_equal(averages[run.sums.group(0)], mean / total);
    expect_equal(averages[run.sums.product(0, 0)], square / total);
    expect_equal(averages[run.sums.unit(0)], first / total);
    EXPECT_DOUBLE_EQ(averages[run.sums.unit(0) + 1].mean, 1);
  }
}

TEST(pbit_runs, snapshots_and_course_show_the_states_of_shorter_runs) {
  const IsingModel model = small_model(30, false, 14);
  for (const int64_t trajectories : {3, 20, 100}) {
    RunOptions options = pbit_options(trajectories, 15);
    options.snapshots = {10, 0, 5, 20, 2};
    options.observables.course_every = 15;
    const Schedule kT{{{0.0, 2.0}, {1.0, 2.0}}};
    const swell::Run run = swell::run(model, {"hold", {sweeps(40, kT)}}, options);
    ASSERT_EQ(run.snapshot_times, (std::vector<double>{0, 10, 20, 30, 40}));
    ASSERT_EQ(run.course_steps, (std::vector<int64_t>{0, 15, 30, 40}));
    for (const int64_t length : {10, 15, 20, 30, 40}) {
      const swell::Run part = swell::run(model, {"hold", {sweeps(length, kT)}}, pbit_options(trajectories, 15));
      for (int64_t t = 0; t < 2 && length % 10 == 0; ++t) {
        for (int64_t u = 0; u < 20; ++u)
          EXPECT_EQ(run.snapshots[(length / 10 * 2 + t) * 20 + u], part.spins_of(t)[5 + u]) << length;
      }
      const int64_t point = length == 40 ? 3 : length / 15;
      if (length % 15 != 0 && length != 40) continue;
      for (int64_t t = 0; t < trajectories; ++t) {
        const double* sums = run.observed.data() + t * run.sums.size();
        EXPECT_NEAR(sums[run.sums.heat(point)], part.book(t, 0).heat, 1e-9);
        EXPECT_NEAR(sums[run.sums.entropy(point)], part.book(t, 0).entropy, 1e-4);
        EXPECT_NEAR(sums[run.sums.course_energy(point)], part.end_energy[t], 1e-9);
      }
    }
  }
}

TEST(pbit_runs, go_on_from_a_checkpoint_with_the_same_bytes) {
  for (const bool whole : {true, false}) {
    const PbitScene scene(whole);
    Protocol protocol = scene.protocol;
    protocol.segments[0].duration = 3000;
    for (const int64_t trajectories : {5, 80}) {
      RunOptions options = pbit_options(trajectories, 16);
      options.patterns = &scene.patterns;
      options.observables = {7, 0, 0, 12, 50};
      const swell::Run plain = swell::run(scene.system(), protocol, options);
      const TestFolder folder;
      options.checkpoint.path = folder / "run.checkpoint";
      options.checkpoint.every_s = 0;
      const auto [resumed, stops] = run_with_stops(scene.system(), protocol, options);
      ASSERT_TRUE(resumed);
      EXPECT_GE(stops, 2);
      EXPECT_EQ(resumed->spins, plain.spins);
      EXPECT_EQ(resumed->flips, plain.flips);
      EXPECT_EQ(resumed->observed, plain.observed);
      EXPECT_EQ(resumed->start_energy, plain.start_energy);
      EXPECT_EQ(0, std::memcmp(resumed->books.data(), plain.books.data(), plain.books.size() * sizeof(SegmentBooks)));
      const std::vector<double> ladder(trajectories, 0.7);
      options.kT_of_trajectory = ladder;
      EXPECT_TRUE(contains(error_of<InputError>([&] { swell::run(scene.system(), protocol, options); }),
                           "its choice of temperatures is of the protocol, that of this run is "));
      options.kT_of_trajectory = {};
      options.noise.seed = 17;
      EXPECT_THROW(swell::run(scene.system(), protocol, options), InputError);
    }
  }
}

TEST(pbit_runs, continue_an_earlier_run) {
  const IsingModel model = small_model(30, true, 18);
  const Schedule kT{{{0.0, 1.0}}};
  const swell::Run whole = swell::run(model, {"hold", {sweeps(50, kT)}}, pbit_options(4, 19));
  const swell::Run first = swell::run(model, {"hold", {sweeps(20, kT)}}, pbit_options(4, 19));
  RunOptions options = pbit_options(4, 19);
  options.start_spins = first.spins;
  options.first_step = 20;
  EXPECT_EQ(swell::run(model, {"hold", {sweeps(30, kT)}}, options).spins, whole.spins);
  const std::vector<double> start = as_doubles(first.spins);
  options.start_spins = {};
  options.start = start;
  EXPECT_EQ(swell::run(model, {"hold", {sweeps(30, kT)}}, options).spins, whole.spins);
}

TEST(pbit_runs, say_what_they_refuse) {
  const IsingModel model = small_model(10, true, 20);
  const Protocol protocol{"hold", {sweeps(5, {{{0.0, 1.0}}})}};
  RunOptions options = pbit_options(1, 1);
  const std::vector<double> start(10, 0.5);
  options.start = start;
  EXPECT_THROW(swell::run(model, protocol, options), InputError);
  options.start = {};
  options.trajectories = int64_t{1} << 40;
  EXPECT_THROW(swell::run(model, protocol, options), InputError);
  options = pbit_options(1, 1);
  Protocol driven = protocol;
  driven.segments[0].drive = {{{{0.0, 1.0}}}};
  EXPECT_THROW(swell::run(model, driven, options), InputError);
  Protocol other = protocol;
  other.segments[0].couplings = 1;
  EXPECT_THROW(swell::run(model, other, options), InputError);
}

}  // namespace swell::test
