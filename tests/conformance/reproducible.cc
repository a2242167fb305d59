// The same bytes for any threads, tile, batch, offset and instruction set.

#include <gtest/gtest.h>

#include <cstring>

#include "conformance/scenes.h"
#include "swell/kernels/dispatch.h"

namespace swell::test {

namespace {

// All that trajectory a of one run and b of another brought forth, bit by bit.
void expect_identical(const Run& first, int64_t a, const Run& second, int64_t b) {
  ASSERT_EQ(first.units, second.units);
  ASSERT_EQ(first.segments, second.segments);
  EXPECT_EQ(0, std::memcmp(first.state(a).data(), second.state(b).data(), first.units * sizeof(double)))
      << a << " " << b;
  EXPECT_EQ(0, std::memcmp(&first.book(a, 0), &second.book(b, 0), first.segments * sizeof(SegmentBooks)))
      << a << " " << b;
  EXPECT_EQ(first.start_energy[a], second.start_energy[b]);
  EXPECT_EQ(first.end_energy[a], second.end_energy[b]);
}

void expect_identical(const Run& first, const Run& second) {
  ASSERT_EQ(first.trajectories, second.trajectories);
  for (int64_t t = 0; t < first.trajectories; ++t) expect_identical(first, t, second, t);
  ASSERT_EQ(first.snapshots.size(), second.snapshots.size());
  EXPECT_EQ(0, std::memcmp(first.snapshots.data(), second.snapshots.data(), first.snapshots.size() * sizeof(float)));
}

// A scene, its usual options and the run that others are compared with, under each integrator.
class reproducible : public testing::TestWithParam<Integrator> {
 protected:
  reproducible() {
    options_.trajectories = 100;
    options_.threads = 1;
    options_.snapshots = {50, 0, 0, scene_.computer.units(), 100};
    plain_ = again();
  }
  swell::Run again() const { return swell::run(scene_.computer, scene_.protocol, options_); }

  Scene scene_{{20, 11, 6}};
  RunOptions options_ = scene_.with(EngineKind::cpu, GetParam());
  swell::Run plain_;
};

}  // namespace

TEST_P(reproducible, over_threads) {
  for (const int threads : {2, 7, 64}) {
    options_.threads = threads;
    expect_identical(again(), plain_);
  }
}

TEST_P(reproducible, over_tiles) {
  for (const int tile : {1, 3, 12, 16, 32, 48, 64, 1000}) {
    for (const int threads : {1, 3}) {
      options_.tile = tile;
      options_.threads = threads;
      expect_identical(again(), plain_);
    }
  }
}

TEST_P(reproducible, over_instruction_sets) {
  ASSERT_GE(cpu::available_isas().size(), 1u);
  for (const std::string_view isa : cpu::available_isas()) {
    options_.isa = isa;
    expect_identical(again(), plain_);
  }
}

TEST_P(reproducible, the_first_of_many_are_a_run_of_few) {
  for (const int64_t few : {1, 15, 16, 17, 65}) {
    options_.trajectories = few;
    options_.snapshots = {};
    const auto part = again();
    for (int64_t t = 0; t < few; ++t) expect_identical(part, t, plain_, t);
  }
}

TEST_P(reproducible, a_trajectory_alone_is_that_trajectory_among_many) {
  for (const int64_t number : {0, 15, 70, 99}) {
    options_.first_trajectory = number;
    options_.trajectories = 1;
    options_.snapshots = {};
    expect_identical(again(), 0, plain_, number);
  }
}

// Draws are addressed by 48-bit numbers: batches that straddle a power of two draw as their members alone do.
TEST_P(reproducible, trajectories_beyond_32_bits_keep_their_numbers) {
  options_.snapshots = {};
  options_.first_trajectory = (int64_t{1} << 32) - 7;
  options_.trajectories = 20;
  const auto many = again();
  options_.trajectories = 1;
  for (const int64_t offset : {0, 6, 7, 19}) {
    options_.first_trajectory = (int64_t{1} << 32) - 7 + offset;
    expect_identical(again(), 0, many, offset);
  }
}

// Patterns go by trajectory number as well; the pieces are no multiple of their three rows.
TEST_P(reproducible, runs_in_pieces_are_the_run_in_one) {
  options_.snapshots = {};
  for (int64_t first = 0; first < 100; first += 35) {
    options_.first_trajectory = first;
    options_.trajectories = std::min<int64_t>(35, 100 - first);
    const auto piece = again();
    for (int64_t t = 0; t < options_.trajectories; ++t) expect_identical(piece, t, plain_, first + t);
  }
}

TEST_P(reproducible, another_seed_or_stream_gives_other_states) {
  const NoiseKey key = options_.noise;
  for (const NoiseKey other : {NoiseKey{key.seed + 1, key.stream}, NoiseKey{key.seed, key.stream + 1}}) {
    options_.noise = other;
    const auto changed = again();
    for (int64_t k = 0; k < static_cast<int64_t>(plain_.states.size()); ++k) {
      // Clamped units are set free again before the end, so every unit has met its own noise.
      ASSERT_NE(changed.states[k], plain_.states[k]) << k;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(integrators, reproducible,
                         testing::Values(Integrator::euler_maruyama, Integrator::leimkuhler_matthews),
                         [](const auto& info) {
                           return info.param == Integrator::euler_maruyama ? "euler_maruyama" : "leimkuhler_matthews";
                         });

}  // namespace swell::test
