#pragma once

#include "swell/kernels/kernel.h"
#include "swell/kernels/lanes.h"
#include "swell/random/normal.h"

// Normals of many blocks at a time. Only kernel files include this.
namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

// Groups of kLanes blocks that are drawn together.
#ifdef __AVX512F__
constexpr int kGroups = 4;
#else
constexpr int kGroups = 1;
#endif
constexpr int kBlocks = kGroups * kLanes;

// Where the draws of some blocks stand.
struct BlockCounters {
  alignas(64) uint32_t block[kBlocks], trajectory_low[kBlocks], trajectory_high[kBlocks];
};

#ifdef __AVX512F__

// A word for each block, with what threefry asks of a word. The rounds of a block wait for each other; with four
// registers side by side the others fill the gaps.
struct BlockWords {
  typedef uint32_t Vector __attribute__((vector_size(4 * kLanes)));
  Vector v[kGroups];

  template <class Change>
  SWELL_INLINE BlockWords& each(Change change) {
#pragma GCC unroll 4
    for (int g = 0; g < kGroups; ++g) change(v[g], g);
    return *this;
  }
};
SWELL_INLINE BlockWords& operator+=(BlockWords& a, const BlockWords& b) {
  return a.each([&](auto& v, int g) { v += b.v[g]; });
}
SWELL_INLINE BlockWords& operator+=(BlockWords& a, uint32_t b) {
  return a.each([&](auto& v, int) { v += b; });
}
SWELL_INLINE BlockWords operator^(BlockWords a, const BlockWords& b) {
  return a.each([&](auto& v, int g) { v ^= b.v[g]; });
}
SWELL_INLINE BlockWords operator|(BlockWords a, const BlockWords& b) {
  return a.each([&](auto& v, int g) { v |= b.v[g]; });
}
SWELL_INLINE BlockWords operator<<(BlockWords a, int bits) {
  return a.each([&](auto& v, int) { v <<= bits; });
}
SWELL_INLINE BlockWords operator>>(BlockWords a, int bits) {
  return a.each([&](auto& v, int) { v >>= bits; });
}

// The generator's words of each block. Whatever tape the key has is not looked at.
SWELL_INLINE void make_words(NoiseKey key, uint64_t step, const BlockCounters& at, uint32_t (*words)[kBlocks]) {
  const uint32_t step_low = static_cast<uint32_t>(step), step_high = static_cast<uint32_t>(step >> 32);
  WordsOf<BlockWords> x;
  __builtin_memcpy(&x.a, at.block, sizeof x.a);
  __builtin_memcpy(&x.c, at.trajectory_low, sizeof x.c);
  __builtin_memcpy(&x.d, at.trajectory_high, sizeof x.d);
  x.b.each([&](auto& v, int) { v = BlockWords::Vector{} + step_low; });
  x.d.each([&](auto& v, int) { v = (v << 16) | step_high; });
  x = threefry4x32_20(x, {static_cast<uint32_t>(key.seed), static_cast<uint32_t>(key.seed >> 32), key.stream, 0u});
  __builtin_memcpy(words[0], &x.a, sizeof x.a);
  __builtin_memcpy(words[1], &x.b, sizeof x.b);
  __builtin_memcpy(words[2], &x.c, sizeof x.c);
  __builtin_memcpy(words[3], &x.d, sizeof x.d);
}

#else

SWELL_INLINE void make_words(NoiseKey key, uint64_t step, const BlockCounters& at, uint32_t (*words)[kBlocks]) {
  key.tape = nullptr;  // as the compiler has to know: a loop that might read one is not vectorised
#pragma omp simd
  for (int i = 0; i < kBlocks; ++i) {
    const Words4 four = noise_words(key, at.block[i], step, at.trajectory_low[i], at.trajectory_high[i]);
    words[0][i] = four.a;
    words[1][i] = four.b;
    words[2][i] = four.c;
    words[3][i] = four.d;
  }
}

#endif

// The random words of each block.
SWELL_INLINE void draw_words(NoiseKey key, uint64_t step, const BlockCounters& at, uint32_t (*words)[kBlocks]) {
  if (!draws_from_tape(key)) [[likely]]
    return make_words(key_of_step(key, step), step, at, words);
  for (int i = 0; i < kBlocks; ++i) {
    const uint64_t trajectory = at.trajectory_low[i] | static_cast<uint64_t>(at.trajectory_high[i]) << 32;
    const Words4 four = tape_words(*key.tape, at.block[i], step, trajectory);
    words[0][i] = four.a;
    words[1][i] = four.b;
    words[2][i] = four.c;
    words[3][i] = four.d;
  }
}

// Those of a tape for kLanes blocks of one trajectory: a function of its own, out of the way of the others' registers.
[[gnu::noinline, gnu::cold]] inline void read_row(const Tape& tape, uint64_t step, uint64_t trajectory, uint32_t block,
                                                  uint32_t (&words)[4][kLanes]) {
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    const Words4 four = tape_words(tape, block + lane, step, trajectory);
    words[0][lane] = four.a;
    words[1][lane] = four.b;
    words[2][lane] = four.c;
    words[3][lane] = four.d;
  }
}

// The random words of kLanes blocks of one trajectory, from `block` on.
SWELL_INLINE void draw_row(NoiseKey key, uint64_t step, uint64_t trajectory, uint32_t block,
                           uint32_t (&words)[4][kLanes]) {
  if (draws_from_tape(key)) [[unlikely]]
    return read_row(*key.tape, step, trajectory, block, words);
  key = key_of_step(key, step);
  const Words4 secret{static_cast<uint32_t>(key.seed), static_cast<uint32_t>(key.seed >> 32), key.stream, 0u};
  const uint32_t step_low = static_cast<uint32_t>(step), low = static_cast<uint32_t>(trajectory),
                 high = static_cast<uint32_t>(step >> 32) | static_cast<uint32_t>(trajectory >> 32) << 16;
#ifdef __AVX512F__
  using Vector = BlockWords::Vector;
  Vector blocks{};
  for (uint32_t lane = 0; lane < kLanes; ++lane) blocks[lane] = block + lane;
  const WordsOf<Vector> all =
      threefry4x32_20(WordsOf<Vector>{blocks, Vector{} + step_low, Vector{} + low, Vector{} + high}, secret);
  __builtin_memcpy(words[0], &all.a, sizeof all.a);
  __builtin_memcpy(words[1], &all.b, sizeof all.b);
  __builtin_memcpy(words[2], &all.c, sizeof all.c);
  __builtin_memcpy(words[3], &all.d, sizeof all.d);
#else
#pragma omp simd
  for (uint32_t lane = 0; lane < kLanes; ++lane) {
    const Words4 four = threefry4x32_20(Words4{block + lane, step_low, low, high}, secret);
    words[0][lane] = four.a;
    words[1][lane] = four.b;
    words[2][lane] = four.c;
    words[3][lane] = four.d;
  }
#endif
}

// The four normals of each block: out is [kGroups][kNormalsPerBlock][kLanes].
SWELL_INLINE void draw_normals(NoiseKey key, uint64_t step, const BlockCounters& at, float* out) {
  alignas(64) uint32_t words[4][kBlocks];
  draw_words(key, step, at, words);
  for (int g = 0; g < kGroups; ++g, out += kNormalsPerBlock * kLanes) {
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) {
      const int i = g * kLanes + lane;
      const Normals4 four = normals_from({words[0][i], words[1][i], words[2][i], words[3][i]});
      out[lane] = four.a;
      out[kLanes + lane] = four.b;
      out[2 * kLanes + lane] = four.c;
      out[3 * kLanes + lane] = four.d;
    }
  }
}

// As in kernels/kernel.h.
void fill_normals(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t stride, float* out);

// The normals of strip, strip + 1, ... of a trajectory: kGroups strips of kStripRows units.
SWELL_INLINE void draw_strips(NoiseKey key, uint64_t step, uint64_t trajectory, int64_t strip, float (*r)[kStripRows]) {
  static_assert(kStripRows == kNormalsPerBlock * kLanes);
  BlockCounters at;
  for (int i = 0; i < kBlocks; ++i) {
    at.block[i] = static_cast<uint32_t>(strip * kLanes) + static_cast<uint32_t>(i);
    at.trajectory_low[i] = static_cast<uint32_t>(trajectory);
    at.trajectory_high[i] = static_cast<uint32_t>(trajectory >> 32);
  }
  alignas(64) float part[kGroups][kNormalsPerBlock][kLanes];
  draw_normals(key, step, at, part[0][0]);
  for (int g = 0; g < kGroups; ++g)
    interleave(load(part[g][0]), load(part[g][1]), load(part[g][2]), load(part[g][3]), r[g]);
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
