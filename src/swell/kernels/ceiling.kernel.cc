// The ceilings of the step's figures, built once per instruction set: fused multiply-adds out of registers and reads
// of a buffer, and the draws alone.

#include "swell/kernels/kernel.h"
#include "swell/kernels/lanes.h"
#include "swell/kernels/noise.h"
#include "swell/kernels/tile_unit.h"
#include "swell/kernels/words.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

namespace {

// Independent sums: enough to hide the latency of a multiply-add, few enough for the registers.
#ifdef __AVX512F__
constexpr int kChains = 12;
constexpr int kReadChains = 4;
#else
constexpr int kChains = 6;
constexpr int kReadChains = 2;
#endif
constexpr int kDoubles = kLanes / 2;  // as many bytes as kLanes floats

float multiply_adds_f32(int64_t rounds) {
  alignas(64) float start[kChains][kLanes], w[kLanes], x[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    w[lane] = 1e-3f * static_cast<float>(lane + 1);
    x[lane] = 1e-3f;
    for (int c = 0; c < kChains; ++c) start[c][lane] = static_cast<float>(c);  // distinct, or they would be merged
  }
  const Lanes weight = load(w), state = load(x);
  Lanes sum[kChains];
  for (int c = 0; c < kChains; ++c) sum[c] = load(start[c]);
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sum[c] = multiply_add(weight, state, sum[c]);
  }
  float total = 0;
  for (int c = 0; c < kChains; ++c) {
    store(w, sum[c]);
    for (int lane = 0; lane < kLanes; ++lane) total += w[lane];
  }
  return total;
}

#if defined(__AMX_BF16__)

constexpr int64_t kBf16PerRound = int64_t{4} * kTileRows * kTileWords * 2 * kTileWords;

float multiply_adds_bf16(int64_t rounds) {
  alignas(64) uint32_t words[kTileRows * kTileWords] = {};
  TileUnit unit;
  unit.load<0>(words);
  unit.load<1>(words);
  unit.load<2>(words);
  unit.load<3>(words);
  unit.load<4>(words);
  unit.load<5>(words);
  unit.load<6>(words);
  unit.load<7>(words);
  for (int64_t round = 0; round < rounds; ++round) {
    unit.multiply_add<0, 4, 6>();
    unit.multiply_add<1, 4, 7>();
    unit.multiply_add<2, 5, 6>();
    unit.multiply_add<3, 5, 7>();
  }
  unit.store<0>(words);
  return low_half(words[0]);
}

#else

constexpr int64_t kBf16PerRound = 2 * kChains * kLanes;

float multiply_adds_bf16(int64_t rounds) {
  alignas(64) float start[kChains][kLanes];
  alignas(64) uint32_t w[kLanes], x[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) {
    w[lane] = 0x3a803a80u + static_cast<uint32_t>(lane);
    x[lane] = 0x3a803a80u;
    for (int c = 0; c < kChains; ++c) start[c][lane] = static_cast<float>(c);
  }
  const Pairs weight = load_pairs(w), state = load_pairs(x);
  Lanes sum[kChains];
  for (int c = 0; c < kChains; ++c) sum[c] = load(start[c]);
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) sum[c] = multiply_add(weight, state, sum[c]);
  }
  float total = 0;
  for (int c = 0; c < kChains; ++c) {
    store(start[c], sum[c]);
    for (int lane = 0; lane < kLanes; ++lane) total += start[c][lane];
  }
  return total;
}

#endif

double multiply_adds_f64(int64_t rounds) {
  double sum[kChains][kDoubles], w[kDoubles], x[kDoubles];
  for (int lane = 0; lane < kDoubles; ++lane) {
    w[lane] = 1e-3 * (lane + 1);
    x[lane] = 1e-3;
    for (int c = 0; c < kChains; ++c) sum[c][lane] = c;
  }
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int c = 0; c < kChains; ++c) {
#pragma omp simd
      for (int lane = 0; lane < kDoubles; ++lane) sum[c][lane] = __builtin_fma(w[lane], x[lane], sum[c][lane]);
    }
  }
  double total = 0;
  for (int c = 0; c < kChains; ++c) {
    for (int lane = 0; lane < kDoubles; ++lane) total += sum[c][lane];
  }
  return total;
}

// Integer sums: they need no order, so reading is all that takes time.
uint32_t read(const uint32_t* words, int64_t count) {
  uint32_t sum[kReadChains][kLanes] = {};
  for (int64_t k = 0; k < count; k += kReadChains * kLanes) {
#pragma GCC unroll 4
    for (int c = 0; c < kReadChains; ++c) {
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) sum[c][lane] += words[k + c * kLanes + lane];
    }
  }
  uint32_t total = 0;
  for (int c = 0; c < kReadChains; ++c) {
    for (int lane = 0; lane < kLanes; ++lane) total += sum[c][lane];
  }
  return total;
}

uint32_t read_lines(const uint32_t* words, const uint32_t* lines, int64_t count) {
  static_assert(kLineWords == kWordLanes);
  Word sum[kReadChains] = {};
  int64_t k = 0;
  for (; k + kReadChains <= count; k += kReadChains) {
#pragma GCC unroll 4
    for (int c = 0; c < kReadChains; ++c)
      sum[c] += *reinterpret_cast<const Word*>(words + int64_t{lines[k + c]} * kLineWords);
  }
  for (; k < count; ++k) sum[0] += *reinterpret_cast<const Word*>(words + int64_t{lines[k]} * kLineWords);
  uint32_t total = 0;
  for (int c = 0; c < kReadChains; ++c) {
    for (int lane = 0; lane < kWordLanes; ++lane) total += sum[c][lane];
  }
  return total;
}

void normals(NoiseKey key, uint64_t step, int64_t rounds, float* out) {
  static_assert(kNormalsPerRound % (kBlocks * kNormalsPerBlock) == 0);
  BlockCounters at{};
  for (int64_t first = 0; first < rounds * kNormalsPerRound / kNormalsPerBlock; first += kBlocks) {
    for (int i = 0; i < kBlocks; ++i) at.block[i] = static_cast<uint32_t>(first) + static_cast<uint32_t>(i);
    draw_normals(key, step, at, out + first * kNormalsPerBlock);
  }
}

}  // namespace

extern const CeilingKernels kCeilingKernels;
const CeilingKernels kCeilingKernels = {multiply_adds_f32,
                                        multiply_adds_f64,
                                        multiply_adds_bf16,
                                        kChains* kLanes,
                                        kChains* kDoubles,
                                        kBf16PerRound,
                                        read,
                                        read_lines,
                                        normals};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
