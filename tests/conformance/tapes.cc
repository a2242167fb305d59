// Bits from outside in place of the generator's. A tape that holds the generator's own words, each where its draw is,
// gives the bytes of the run with the seed: in every engine, layout and kind of machine.

#include <gtest/gtest.h>

#include "conformance/memory_entropy.h"
#include "physics/machines.h"
#include "swell/engine/draws.h"
#include "swell/engine/pbits/pbits.h"

namespace swell::test {

namespace {

constexpr double kDt = 0.01;

// The words that a run of this shape draws with the seed of `options`.
std::vector<uint64_t> own_words(const RunOptions& options, int64_t steps, int64_t blocks) {
  std::vector<uint64_t> words;
  for (int64_t t = 0; t < options.trajectories; ++t) {
    const auto trajectory = static_cast<uint64_t>(options.first_trajectory + t);
    for (int64_t k = 0; k < steps; ++k) {
      for (int64_t block = 0; block < blocks; ++block) {
        const Words4 four =
            noise_words(options.noise, static_cast<uint32_t>(block), static_cast<uint64_t>(options.first_step + k),
                        static_cast<uint32_t>(trajectory), static_cast<uint32_t>(trajectory >> 32));
        words.push_back(four.a | static_cast<uint64_t>(four.b) << 32);
        words.push_back(four.c | static_cast<uint64_t>(four.d) << 32);
      }
    }
  }
  return words;
}

// Run with the seed, and from a tape with the same words but another seed; the bytes that the second one took.
struct Both {
  Run seeded, taped;
  double bytes = 0;
};
Both run_both(const System& system, const Protocol& protocol, RunOptions options, int64_t steps, int64_t blocks) {
  Both both;
  both.seeded = run(system, protocol, options);
  MemoryEntropy source(own_words(options, steps, blocks), Entropy::Use::all);
  options.noise = {Seed(options.noise.seed + 1, &source), options.noise.stream};
  both.bytes = bytes_of_draws(system, protocol, options);
  both.taped = run(system, protocol, options);
  EXPECT_EQ(source.claimed(), static_cast<uint64_t>(both.bytes));
  return both;
}

// 37 units: blocks and strips that are not full.
Computer odd_machine() { return quartic_machine({30, 7}, 0.3); }

// One segment of a machine with one group.
Protocol rest_for(double duration, double kT) {
  Segment rest;
  rest.name = "rest";
  rest.duration = duration;
  rest.couplings = 0;
  rest.drive.resize(1);
  rest.clamped = {0};
  rest.kT = {{{0.0, kT}}};
  return {"rest", {rest}};
}

LinearSystem two_units() {
  LinearSystem system{Matrix(2, 2), {0.5, 0}, Matrix(2, 2)};
  system.drift.values = {2, 1, 1, 3};
  system.noise.values = {2, 0, 0, 2};
  return system;
}

Protocol hold_for(const Computer& computer, int64_t steps) {
  return {"hold", {hold(computer, kDt * static_cast<double>(steps), 0)}};
}

}  // namespace

class tapes_of_langevin : public testing::TestWithParam<std::tuple<EngineKind, int, int64_t, Integrator>> {};

TEST_P(tapes_of_langevin, with_the_generators_words_give_the_bytes_of_the_seed) {
  const auto [engine, tile, trajectories, integrator] = GetParam();
  const Computer computer = odd_machine();
  RunOptions options = run_options(kDt, trajectories, 5);
  options.engine = engine;
  options.tile = tile;
  options.integrator = integrator;
  options.first_trajectory = 3;
  options.first_step = 11;
  options.threads = 2;
  constexpr int64_t kSteps = 20;
  const bool averaged = integrator == Integrator::leimkuhler_matthews;
  const Both both = run_both(computer, hold_for(computer, kSteps), options, kSteps + averaged, 10);
  EXPECT_EQ(both.taped.states, both.seeded.states);
  EXPECT_EQ(both.taped.end_energy, both.seeded.end_energy);
  EXPECT_EQ(both.bytes, trajectories * (kSteps + averaged) * 10 * 16);
}

INSTANTIATE_TEST_SUITE_P(engines, tapes_of_langevin,
                         testing::Values(std::tuple(EngineKind::cpu, 4, 5, Integrator::euler_maruyama),
                                         std::tuple(EngineKind::cpu, 4, 5, Integrator::leimkuhler_matthews),
                                         std::tuple(EngineKind::cpu, 32, 70, Integrator::euler_maruyama),
                                         std::tuple(EngineKind::cpu, 32, 70, Integrator::leimkuhler_matthews),
                                         std::tuple(EngineKind::reference, 0, 3, Integrator::euler_maruyama),
                                         std::tuple(EngineKind::reference, 0, 3, Integrator::leimkuhler_matthews)));

TEST(tapes, of_linear_systems_and_p_bits_give_the_bytes_of_the_seed) {
  const LinearSystem system = two_units();
  RunOptions options = run_options(kDt, 20, 5);
  options.integrator = Integrator::exact;
  const Both linear = run_both(system, rest_for(1.0, 0.7), options, 100, 1);
  EXPECT_EQ(linear.taped.states, linear.seeded.states);

  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < 90; ++i) edges.push_back({i, (i + 1) % 90, 0.3 + 0.01 * static_cast<double>(i)});
  const IsingModel ring = make_ising(90, edges);
  const int64_t blocks = Pbits(ring).draw_blocks();
  EXPECT_GE(4 * blocks, 90);
  for (const int64_t replicas : {3, 20}) {
    RunOptions sweeps = run_options(1, replicas, 5);
    const Both pbits = run_both(ring, rest_for(30, 0.7), sweeps, 30, blocks);
    // Starts are drawn from the seed, which the tape's run has not: from equal ones.
    EXPECT_NE(pbits.taped.spins, pbits.seeded.spins);
    std::vector<int8_t> start(90 * replicas, 1);
    sweeps.start_spins = start;
    const Both alike = run_both(ring, rest_for(30, 0.7), sweeps, 30, blocks);
    EXPECT_EQ(alike.taped.spins, alike.seeded.spins) << replicas;
    EXPECT_EQ(alike.taped.flips, alike.seeded.flips) << replicas;
  }
}

// Whole couplings and 64 replicas go into multi-spin coding, whose bits are of 32 replicas at once; with a tape they do
// not, and every replica draws as alone.
TEST(tapes, p_bits_draw_the_same_in_any_number) {
  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < 20; ++i) edges.push_back({i, (i + 1) % 20, 1.0});
  const IsingModel ring = make_ising(20, edges);
  const auto spins = [&](int64_t replicas, int64_t first) {
    RunOptions options = run_options(1, replicas, 5);
    options.first_trajectory = first;
    std::vector<int8_t> start(20 * replicas, 1);
    options.start_spins = start;
    MemoryEntropy source(own_words(options, 25, Pbits(ring).draw_blocks()), Entropy::Use::all);
    options.noise = {Seed(9, &source), 0};
    return run(ring, rest_for(25, 1.5), options).spins;
  };
  const std::vector<int8_t> many = spins(70, 0), last = spins(1, 69);
  EXPECT_EQ(std::vector<int8_t>(many.end() - 20, many.end()), last);
}

// With keys the generator goes on from another one every 2^4 steps: a run of 40 steps is three runs with those seeds.
TEST(tapes, keys_change_the_generator_from_time_to_time) {
  const Computer computer = odd_machine();
  const std::vector<uint64_t> keys{11, 22, 33, 44};
  for (const int64_t trajectories : {3, 70}) {
    RunOptions options = run_options(kDt, trajectories, 1);
    MemoryEntropy source(keys, Entropy::Use::keys);
    source.steps_per_key_log2 = 4;
    options.noise = {Seed(7, &source), stream::kRun};
    EXPECT_EQ(bytes_of_draws(computer, hold_for(computer, 40), options), 24);
    const auto whole = run(computer, hold_for(computer, 40), options);
    std::vector<double> x(trajectories * 37, 0.0);
    for (int64_t part = 0; part < 3; ++part) {
      RunOptions piece = run_options(kDt, trajectories, keys[part]);
      piece.noise.stream = stream::kRun;
      piece.start = x;
      piece.first_step = 16 * part;
      x = run(computer, hold_for(computer, part == 2 ? 8 : 16), piece).states;
    }
    EXPECT_EQ(whole.states, x) << trajectories;
  }
}

TEST(tapes, p_bits_in_bits_change_keys_as_the_reference_does) {
  std::vector<IsingEdge> edges;
  for (int64_t i = 0; i < 20; ++i) edges.push_back({i, (i + 1) % 20, 1.0});
  const IsingModel ring = make_ising(20, edges);
  const auto spins = [&](EngineKind engine, Entropy* source) {
    RunOptions options = run_options(1, 64, 5);
    options.engine = engine;
    options.noise = {Seed(5, source), 0};
    return run(ring, rest_for(25, 1.5), options).spins;
  };
  MemoryEntropy one({1, 2, 3, 4, 5, 6, 7}, Entropy::Use::keys), other({1, 2, 3, 4, 5, 6, 7}, Entropy::Use::keys);
  one.steps_per_key_log2 = other.steps_per_key_log2 = 2;
  const std::vector<int8_t> fast = spins(EngineKind::cpu, &one);
  EXPECT_EQ(fast, spins(EngineKind::reference, &other));
  EXPECT_NE(fast, spins(EngineKind::cpu, nullptr));
}

// A tile waits for the bits of its own trajectories alone. Where they will not come, those that have finished are kept.
TEST(tapes, a_source_that_ends_leaves_the_trajectories_that_had_their_bits) {
  const Computer computer = odd_machine();
  RunOptions options = run_options(kDt, 6, 5);
  options.tile = 1;
  options.threads = 1;
  const auto seeded = run(computer, hold_for(computer, 20), options);
  MemoryEntropy source(own_words(options, 20, 10), Entropy::Use::all);
  source.let_come(4 * 20 * 10 * 16 + 5);
  source.end();
  options.noise = {Seed(5, &source), options.noise.stream};
  EXPECT_THROW(run(computer, hold_for(computer, 20), options), Interrupted);
  MemoryEntropy again(own_words(options, 20, 10), Entropy::Use::all);
  again.let_come(4 * 20 * 10 * 16 + 5);
  again.end();
  options.noise = {Seed(5, &again), options.noise.stream};
  options.kept = Kept::finished;
  const auto part = run(computer, hold_for(computer, 20), options);
  EXPECT_TRUE(part.interrupted);
  ASSERT_EQ(part.trajectories, 4);
  EXPECT_EQ(part.states, std::vector<double>(seeded.states.begin(), seeded.states.begin() + 4 * 37));
}

TEST(tapes, too_short_a_tape_is_refused_before_the_run) {
  const Computer computer = odd_machine();
  RunOptions options = run_options(kDt, 6, 5);
  MemoryEntropy source(std::vector<uint64_t>(100), Entropy::Use::all);
  options.noise = {Seed(5, &source), options.noise.stream};
  try {
    run(computer, hold_for(computer, 20), options);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_NE(std::string(error.what()).find("6 trajectories, 20 steps and 37 units"), std::string::npos);
  }
}

}  // namespace swell::test
