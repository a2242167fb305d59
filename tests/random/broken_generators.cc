// The battery is itself tested: generators with one fault each must fail it, or its verdict on the real one says
// little. It does not see a wrong rotation constant or ten rounds instead of twenty, which are still good generators:
// those are seen by the known answers (random/threefry.test.cc) and by the frozen bits (same_bits.cc).

#include <gtest/gtest.h>

#include <cmath>

#include "random/battery.h"

namespace swell::test {

namespace {

// Draws a tile with other words or another transform.
template <class WordsOf, class Transform>
Source with(WordsOf words_of, Transform transform) {
  return [=](const TileAddress& address, float* draws) {
    for (int trajectory = 0; trajectory < kTileTrajectories; ++trajectory) {
      for (int unit = 0; unit < kTileUnits; unit += kNormalsPerBlock) {
        const Normals4 four = transform(words_of(address.key, static_cast<uint32_t>(unit / kNormalsPerBlock),
                                                 address.step, address.trajectory + trajectory));
        draws[tile_index(trajectory, unit)] = four.a;
        draws[tile_index(trajectory, unit + 1)] = four.b;
        draws[tile_index(trajectory, unit + 2)] = four.c;
        draws[tile_index(trajectory, unit + 3)] = four.d;
      }
    }
  };
}

Words4 good_words(NoiseKey key, uint32_t block, uint64_t step, uint64_t trajectory) {
  return noise_words(key, block, step, static_cast<uint32_t>(trajectory), static_cast<uint32_t>(trajectory >> 32));
}

// The words after `rounds` of the twenty, with the key added after each four.
auto words_after(int rounds) {
  return [=](NoiseKey key, uint32_t block, uint64_t step, uint64_t trajectory) {
    constexpr int kRotations[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}};
    uint32_t k[5] = {static_cast<uint32_t>(key.seed), static_cast<uint32_t>(key.seed >> 32), key.stream, 0,
                     0x1BD11BDAu};
    for (int i = 0; i < 4; ++i) k[4] ^= k[i];
    Words4 x{block, static_cast<uint32_t>(step), static_cast<uint32_t>(trajectory),
             static_cast<uint32_t>(step >> 32) | static_cast<uint32_t>(trajectory >> 32 << 16)};
    threefry::add_key(x, k[0], k[1], k[2], k[3], 0);
    for (int round = 0; round < rounds; ++round) {
      threefry::mix(x, kRotations[round % 8][0], kRotations[round % 8][1]);
      const uint32_t s = static_cast<uint32_t>(round / 4 + 1);
      if (round % 4 == 3) threefry::add_key(x, k[s % 5], k[(s + 1) % 5], k[(s + 2) % 5], k[(s + 3) % 5], s);
    }
    return x;
  };
}

// Box-Muller with this logarithm.
template <class Log>
auto transform_with(Log log) {
  return [=](Words4 words) {
    const float r = std::sqrt(-2 * log(uniform_open_closed(words.a)));
    const float s = std::sqrt(-2 * log(uniform_open_closed(words.c)));
    const SinCos first = sine_cosine(words.b), second = sine_cosine(words.d);
    return Normals4{r * first.cosine, r * first.sine, s * second.cosine, s * second.sine};
  };
}

// ln(1 + f) by its best polynomial of degree three: off by 9e-4.
float coarse_log(float u) {
  int exponent = 0;
  float f = 2 * std::frexp(u, &exponent) - 1;
  f = -2.1e-3f + f * (1.0f * 0.9964f + f * (-0.4649f + f * 0.1645f));
  return std::min(0.0f, f + static_cast<float>(exponent - 1) * 0.69314718f);
}

// A uniform number of 14 bits: no normal beyond 4.41.
float short_log(float u) { return std::log((std::floor(u * 16383) + 1) / 16384); }

constexpr int64_t kTiles = 400;  // 3.3e7 draws

void expect_caught(const Source& source) {
  const Verdict verdict = judge(source, kTiles);
  EXPECT_LT(verdict.p(), kFalseAlarm);
  testing::Test::RecordProperty("seen_by", verdict.worst().name);
}

}  // namespace

// The frame of these tests itself is sound: without a fault it passes.
TEST(broken_generators, twenty_rounds_pass) {
  EXPECT_GT(judge(with(words_after(20), normals_from), kTiles).p(), kFalseAlarm);
}

TEST(broken_generators, four_rounds_are_caught) { expect_caught(with(words_after(4), normals_from)); }

TEST(broken_generators, six_rounds_are_caught) { expect_caught(with(words_after(6), normals_from)); }

TEST(broken_generators, a_cubic_logarithm_is_caught) { expect_caught(with(good_words, transform_with(coarse_log))); }

TEST(broken_generators, fourteen_bit_uniforms_are_caught) {
  expect_caught(with(good_words, transform_with(short_log)));
}

TEST(broken_generators, one_word_for_radius_and_angle_is_caught) {
  expect_caught(with(good_words, [](Words4 words) { return normals_from({words.a, words.a, words.c, words.c}); }));
}

TEST(broken_generators, a_seed_cut_to_32_bits_is_caught) {
  expect_caught(with(
      [](NoiseKey key, uint32_t block, uint64_t step, uint64_t trajectory) {
        return good_words({static_cast<uint32_t>(key.seed), key.stream}, block, step, trajectory);
      },
      normals_from));
}

TEST(broken_generators, a_step_that_is_added_to_the_trajectory_is_caught) {
  expect_caught(with([](NoiseKey key, uint32_t block, uint64_t step,
                        uint64_t trajectory) { return good_words(key, block, 0, step + trajectory); },
                     normals_from));
}

TEST(broken_generators, a_stream_that_is_taken_from_the_seed_is_caught) {
  expect_caught(with(
      [](NoiseKey key, uint32_t block, uint64_t step, uint64_t trajectory) {
        return good_words({key.seed - key.stream, 0}, block, step, trajectory);
      },
      normals_from));
}

// One part in ten thousand of the variance is common to all units of a trajectory at a step: no pair would show it.
TEST(broken_generators, a_weak_common_part_is_caught) {
  expect_caught([engine = engine_draws()](const TileAddress& address, float* draws) {
    engine(address, draws);
    for (int trajectory = 0; trajectory < kTileTrajectories; ++trajectory) {
      const float common =
          0.01f * draw_normal({address.key.seed, 99}, address.trajectory + trajectory, address.step, 0);
      for (int unit = 0; unit < kTileUnits; ++unit) {
        float& x = draws[tile_index(trajectory, unit)];
        x = x * std::sqrt(1 - 1e-4f) + common;
      }
    }
  });
}

// A scale that is off by a thousandth.
TEST(broken_generators, a_variance_of_1p002_is_caught) {
  expect_caught([engine = engine_draws()](const TileAddress& address, float* draws) {
    engine(address, draws);
    for (int i = 0; i < kTileDraws; ++i) draws[i] *= 1.001f;
  });
}

}  // namespace swell::test
