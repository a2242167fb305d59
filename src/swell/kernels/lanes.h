#pragma once

#include "swell/base/inline.h"
#include "swell/kernels/kernel.h"

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__wasm_simd128__)
#include <wasm_simd128.h>
#endif

// kLanes floats in registers, for the loops that must stay there. Fused multiply-adds on every instruction set, in
// software where there is no instruction, so that all give the same bits. Only kernel files include this.
namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

// Two bf16 numbers in one word, low and high half. Products of bf16 are exact in single precision; each lane adds the
// high one, then the low one, with one rounding each, as the processors' bf16 product does.
SWELL_INLINE float low_half(uint32_t pair) { return __builtin_bit_cast(float, pair << 16); }
SWELL_INLINE float high_half(uint32_t pair) { return __builtin_bit_cast(float, pair & 0xffff0000u); }

#if defined(__AVX512F__)

struct Lanes {
  __m512 v;
};
SWELL_INLINE Lanes load(const float* p) { return {_mm512_load_ps(p)}; }
SWELL_INLINE Lanes load_unaligned(const float* p) { return {_mm512_loadu_ps(p)}; }
SWELL_INLINE Lanes gather(const float* p, const int32_t* index) {
  return {_mm512_mask_i32gather_ps(_mm512_setzero_ps(), 0xffff, _mm512_load_si512(index), p, 4)};
}
SWELL_INLINE Lanes zeros() { return {_mm512_setzero_ps()}; }
SWELL_INLINE void store(float* p, Lanes a) { _mm512_store_ps(p, a.v); }
SWELL_INLINE Lanes multiply_add(float w, Lanes x, Lanes sum) {
  return {_mm512_fmadd_ps(_mm512_set1_ps(w), x.v, sum.v)};
}
SWELL_INLINE Lanes multiply_add(Lanes w, Lanes x, Lanes sum) { return {_mm512_fmadd_ps(w.v, x.v, sum.v)}; }
// out[4 i + c] = part c [i].
SWELL_INLINE void interleave(Lanes a, Lanes b, Lanes c, Lanes d, float* out) {
  const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
  const __m512i high = _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
  const __m512i low_pairs = _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11);
  const __m512i high_pairs = _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15);
  const __m512d ab0 = _mm512_castps_pd(_mm512_permutex2var_ps(a.v, low, b.v));
  const __m512d ab1 = _mm512_castps_pd(_mm512_permutex2var_ps(a.v, high, b.v));
  const __m512d cd0 = _mm512_castps_pd(_mm512_permutex2var_ps(c.v, low, d.v));
  const __m512d cd1 = _mm512_castps_pd(_mm512_permutex2var_ps(c.v, high, d.v));
  _mm512_store_pd(out, _mm512_permutex2var_pd(ab0, low_pairs, cd0));
  _mm512_store_pd(out + 16, _mm512_permutex2var_pd(ab0, high_pairs, cd0));
  _mm512_store_pd(out + 32, _mm512_permutex2var_pd(ab1, low_pairs, cd1));
  _mm512_store_pd(out + 48, _mm512_permutex2var_pd(ab1, high_pairs, cd1));
}

SWELL_INLINE Lanes broadcast(float value) { return {_mm512_set1_ps(value)}; }
SWELL_INLINE Lanes multiply(Lanes a, Lanes b) { return {_mm512_mul_ps(a.v, b.v)}; }
// Bit i: a[i] < b[i].
SWELL_INLINE uint32_t less_bits(Lanes a, Lanes b) { return _mm512_cmp_ps_mask(a.v, b.v, _CMP_LT_OQ); }

struct Pairs {
  __m512i v;
};
SWELL_INLINE Pairs load_pairs(const uint32_t* p) { return {_mm512_load_si512(p)}; }
SWELL_INLINE Pairs all_pairs(uint32_t pair) { return {_mm512_set1_epi32(static_cast<int32_t>(pair))}; }
// Lanes 2 k and 2 k + 1: p[k].
SWELL_INLINE Pairs twice_each(const uint32_t* p) {
  const __m512i index = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
  return {_mm512_maskz_permutexvar_epi32(0xffff, index,
                                         _mm512_maskz_broadcast_i64x4(0xff, _mm256_loadu_si256((const __m256i*)p)))};
}
// The 2 x 2 numbers of two neighbouring lanes, transposed.
SWELL_INLINE Pairs turned(Pairs a) {
  const __m512i bytes = _mm512_set4_epi32(0x0f0e0b0a, 0x0d0c0908, 0x07060302, 0x05040100);
  return {_mm512_shuffle_epi8(a.v, bytes)};
}
// Lanes 2 p and 2 p + 1: the sums of the even and of the odd lanes of a[p]; distant halves are added first.
SWELL_INLINE Lanes fold(const Lanes (&a)[8]) {
  const auto add_halves = [](__m512 x, __m512 y) {
    return _mm512_add_ps(_mm512_maskz_shuffle_f32x4(0xffff, x, y, 0x44),
                         _mm512_maskz_shuffle_f32x4(0xffff, x, y, 0xee));
  };
  const auto add_quarters = [](__m512 x, __m512 y) {
    return _mm512_add_ps(_mm512_maskz_shuffle_f32x4(0xffff, x, y, 0x88),
                         _mm512_maskz_shuffle_f32x4(0xffff, x, y, 0xdd));
  };
  const __m512 first = add_quarters(add_halves(a[0].v, a[1].v), add_halves(a[2].v, a[3].v));
  const __m512 second = add_quarters(add_halves(a[4].v, a[5].v), add_halves(a[6].v, a[7].v));
  const __m512d x = _mm512_castps_pd(first), y = _mm512_castps_pd(second);
  const __m512d low = _mm512_maskz_unpacklo_pd(0xff, x, y), high = _mm512_maskz_unpackhi_pd(0xff, x, y);
  const __m512 sums = _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
  const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
  return {_mm512_castpd_ps(_mm512_maskz_permutexvar_pd(0xff, order, _mm512_castps_pd(sums)))};
}
SWELL_INLINE Lanes add(Lanes a, Lanes b) { return {_mm512_add_ps(a.v, b.v)}; }
SWELL_INLINE Lanes multiply_add(Pairs w, Pairs x, Lanes sum) {
#if defined(__AVX512BF16__)
  return {_mm512_dpbf16_ps(sum.v, (__m512bh)w.v, (__m512bh)x.v)};
#else
  const __m512i high = _mm512_set1_epi32(static_cast<int32_t>(0xffff0000u));
  const auto upper = [&](__m512i v) { return _mm512_castsi512_ps(_mm512_and_si512(v, high)); };
  const auto lower = [](__m512i v) { return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xffff, v, 16)); };
  return {_mm512_fmadd_ps(lower(w.v), lower(x.v), _mm512_fmadd_ps(upper(w.v), upper(x.v), sum.v))};
#endif
}

#elif defined(__AVX2__) && defined(__FMA__)

struct Lanes {
  __m256 low, high;
};
SWELL_INLINE Lanes load(const float* p) { return {_mm256_load_ps(p), _mm256_load_ps(p + 8)}; }
SWELL_INLINE Lanes load_unaligned(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
SWELL_INLINE Lanes gather(const float* p, const int32_t* index) {
  const auto* indices = reinterpret_cast<const __m256i*>(index);
  return {_mm256_i32gather_ps(p, _mm256_load_si256(indices), 4),
          _mm256_i32gather_ps(p, _mm256_load_si256(indices + 1), 4)};
}
SWELL_INLINE Lanes zeros() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
SWELL_INLINE void store(float* p, Lanes a) {
  _mm256_store_ps(p, a.low);
  _mm256_store_ps(p + 8, a.high);
}
SWELL_INLINE Lanes multiply_add(float w, Lanes x, Lanes sum) {
  const __m256 all = _mm256_set1_ps(w);
  return {_mm256_fmadd_ps(all, x.low, sum.low), _mm256_fmadd_ps(all, x.high, sum.high)};
}
SWELL_INLINE Lanes multiply_add(Lanes w, Lanes x, Lanes sum) {
  return {_mm256_fmadd_ps(w.low, x.low, sum.low), _mm256_fmadd_ps(w.high, x.high, sum.high)};
}
SWELL_INLINE void interleave_half(__m256 a, __m256 b, __m256 c, __m256 d, float* out) {
  const __m256d ab0 = _mm256_castps_pd(_mm256_unpacklo_ps(a, b)), ab1 = _mm256_castps_pd(_mm256_unpackhi_ps(a, b));
  const __m256d cd0 = _mm256_castps_pd(_mm256_unpacklo_ps(c, d)), cd1 = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
  const __m256 q04 = _mm256_castpd_ps(_mm256_unpacklo_pd(ab0, cd0));
  const __m256 q15 = _mm256_castpd_ps(_mm256_unpackhi_pd(ab0, cd0));
  const __m256 q26 = _mm256_castpd_ps(_mm256_unpacklo_pd(ab1, cd1));
  const __m256 q37 = _mm256_castpd_ps(_mm256_unpackhi_pd(ab1, cd1));
  _mm256_store_ps(out, _mm256_permute2f128_ps(q04, q15, 0x20));
  _mm256_store_ps(out + 8, _mm256_permute2f128_ps(q26, q37, 0x20));
  _mm256_store_ps(out + 16, _mm256_permute2f128_ps(q04, q15, 0x31));
  _mm256_store_ps(out + 24, _mm256_permute2f128_ps(q26, q37, 0x31));
}
// out[4 i + c] = part c [i].
SWELL_INLINE void interleave(Lanes a, Lanes b, Lanes c, Lanes d, float* out) {
  interleave_half(a.low, b.low, c.low, d.low, out);
  interleave_half(a.high, b.high, c.high, d.high, out + 32);
}

SWELL_INLINE Lanes broadcast(float value) { return {_mm256_set1_ps(value), _mm256_set1_ps(value)}; }
SWELL_INLINE Lanes multiply(Lanes a, Lanes b) { return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)}; }
// Bit i: a[i] < b[i].
SWELL_INLINE uint32_t less_bits(Lanes a, Lanes b) {
  const int low = _mm256_movemask_ps(_mm256_cmp_ps(a.low, b.low, _CMP_LT_OQ));
  const int high = _mm256_movemask_ps(_mm256_cmp_ps(a.high, b.high, _CMP_LT_OQ));
  return static_cast<uint32_t>(low | (high << 8));
}

struct Pairs {
  __m256i low, high;
};
SWELL_INLINE Pairs load_pairs(const uint32_t* p) {
  const auto* words = reinterpret_cast<const __m256i*>(p);
  return {_mm256_load_si256(words), _mm256_load_si256(words + 1)};
}
SWELL_INLINE Pairs all_pairs(uint32_t pair) {
  const __m256i all = _mm256_set1_epi32(static_cast<int32_t>(pair));
  return {all, all};
}
SWELL_INLINE Pairs twice_each(const uint32_t* p) {
  const __m256i eight = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
  return {_mm256_permutevar8x32_epi32(eight, _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3)),
          _mm256_permutevar8x32_epi32(eight, _mm256_setr_epi32(4, 4, 5, 5, 6, 6, 7, 7))};
}
SWELL_INLINE Pairs turned(Pairs a) {
  const __m256i bytes =
      _mm256_setr_epi32(0x05040100, 0x07060302, 0x0d0c0908, 0x0f0e0b0a, 0x05040100, 0x07060302, 0x0d0c0908, 0x0f0e0b0a);
  return {_mm256_shuffle_epi8(a.low, bytes), _mm256_shuffle_epi8(a.high, bytes)};
}
SWELL_INLINE Lanes fold(const Lanes (&a)[8]) {
  alignas(32) float out[kLanes];
  for (int p = 0; p < 8; ++p) {
    const __m256 half = _mm256_add_ps(a[p].low, a[p].high);
    const __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    _mm_storel_pi(reinterpret_cast<__m64*>(out + 2 * p), _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter)));
  }
  return load(out);
}
SWELL_INLINE Lanes add(Lanes a, Lanes b) { return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)}; }
SWELL_INLINE __m256 multiply_add_half(__m256i w, __m256i x, __m256 sum) {
  const __m256i high = _mm256_set1_epi32(static_cast<int32_t>(0xffff0000u));
  const auto upper = [&](__m256i v) { return _mm256_castsi256_ps(_mm256_and_si256(v, high)); };
  const auto lower = [](__m256i v) { return _mm256_castsi256_ps(_mm256_slli_epi32(v, 16)); };
  return _mm256_fmadd_ps(lower(w), lower(x), _mm256_fmadd_ps(upper(w), upper(x), sum));
}
SWELL_INLINE Lanes multiply_add(Pairs w, Pairs x, Lanes sum) {
  return {multiply_add_half(w.low, x.low, sum.low), multiply_add_half(w.high, x.high, sum.high)};
}

#elif defined(__wasm_simd128__)

// No fused multiply-add here: those of single precision are done in software. Products of bf16 numbers do without.
struct Lanes {
  v128_t v[4];
};
SWELL_INLINE Lanes load(const float* p) {
  return {{wasm_v128_load(p), wasm_v128_load(p + 4), wasm_v128_load(p + 8), wasm_v128_load(p + 12)}};
}
SWELL_INLINE Lanes load_unaligned(const float* p) { return load(p); }
SWELL_INLINE v128_t gather_four(const float* p, const int32_t* index) {
  return wasm_f32x4_make(p[index[0]], p[index[1]], p[index[2]], p[index[3]]);
}
SWELL_INLINE Lanes gather(const float* p, const int32_t* index) {
  return {{gather_four(p, index), gather_four(p, index + 4), gather_four(p, index + 8), gather_four(p, index + 12)}};
}
SWELL_INLINE Lanes broadcast(float value) {
  const v128_t all = wasm_f32x4_splat(value);
  return {{all, all, all, all}};
}
SWELL_INLINE Lanes zeros() { return broadcast(0); }
SWELL_INLINE void store(float* p, Lanes a) {
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) wasm_v128_store(p + 4 * k, a.v[k]);
}
SWELL_INLINE Lanes multiply_add(Lanes w, Lanes x, Lanes sum) {
  float a[kLanes], b[kLanes], c[kLanes];
  store(a, w);
  store(b, x);
  store(c, sum);
  for (int lane = 0; lane < kLanes; ++lane) c[lane] = __builtin_fmaf(a[lane], b[lane], c[lane]);
  return load(c);
}
SWELL_INLINE Lanes multiply_add(float w, Lanes x, Lanes sum) { return multiply_add(broadcast(w), x, sum); }
// out[4 i + c] = part c [i].
SWELL_INLINE void interleave(Lanes a, Lanes b, Lanes c, Lanes d, float* out) {
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k, out += 16) {
    const v128_t ab0 = wasm_i32x4_shuffle(a.v[k], b.v[k], 0, 4, 1, 5),
                 ab1 = wasm_i32x4_shuffle(a.v[k], b.v[k], 2, 6, 3, 7);
    const v128_t cd0 = wasm_i32x4_shuffle(c.v[k], d.v[k], 0, 4, 1, 5),
                 cd1 = wasm_i32x4_shuffle(c.v[k], d.v[k], 2, 6, 3, 7);
    wasm_v128_store(out, wasm_i64x2_shuffle(ab0, cd0, 0, 2));
    wasm_v128_store(out + 4, wasm_i64x2_shuffle(ab0, cd0, 1, 3));
    wasm_v128_store(out + 8, wasm_i64x2_shuffle(ab1, cd1, 0, 2));
    wasm_v128_store(out + 12, wasm_i64x2_shuffle(ab1, cd1, 1, 3));
  }
}
SWELL_INLINE Lanes multiply(Lanes a, Lanes b) {
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) a.v[k] = wasm_f32x4_mul(a.v[k], b.v[k]);
  return a;
}
SWELL_INLINE Lanes add(Lanes a, Lanes b) {
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) a.v[k] = wasm_f32x4_add(a.v[k], b.v[k]);
  return a;
}
// Bit i: a[i] < b[i].
SWELL_INLINE uint32_t less_bits(Lanes a, Lanes b) {
  uint32_t bits = 0;
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k)
    bits |= static_cast<uint32_t>(wasm_i32x4_bitmask(wasm_f32x4_lt(a.v[k], b.v[k]))) << (4 * k);
  return bits;
}

struct Pairs {
  v128_t v[4];
};
SWELL_INLINE Pairs load_pairs(const uint32_t* p) {
  return {{wasm_v128_load(p), wasm_v128_load(p + 4), wasm_v128_load(p + 8), wasm_v128_load(p + 12)}};
}
SWELL_INLINE Pairs all_pairs(uint32_t pair) {
  const v128_t all = wasm_i32x4_splat(static_cast<int32_t>(pair));
  return {{all, all, all, all}};
}
SWELL_INLINE Pairs twice_each(const uint32_t* p) {
  const v128_t low = wasm_v128_load(p), high = wasm_v128_load(p + 4);
  return {{wasm_i32x4_shuffle(low, low, 0, 0, 1, 1), wasm_i32x4_shuffle(low, low, 2, 2, 3, 3),
           wasm_i32x4_shuffle(high, high, 0, 0, 1, 1), wasm_i32x4_shuffle(high, high, 2, 2, 3, 3)}};
}
SWELL_INLINE Pairs turned(Pairs a) {
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k)
    a.v[k] = wasm_i8x16_shuffle(a.v[k], a.v[k], 0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
  return a;
}
SWELL_INLINE Lanes fold(const Lanes (&a)[8]) {
  Lanes result;
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    v128_t quarter[2];
#pragma GCC unroll 2
    for (int odd = 0; odd < 2; ++odd) {
      const Lanes& x = a[2 * k + odd];
      quarter[odd] = wasm_f32x4_add(wasm_f32x4_add(x.v[0], x.v[2]), wasm_f32x4_add(x.v[1], x.v[3]));
    }
    result.v[k] = wasm_f32x4_add(wasm_i64x2_shuffle(quarter[0], quarter[1], 0, 2),
                                 wasm_i64x2_shuffle(quarter[0], quarter[1], 1, 3));
  }
  return result;
}
// Products of two bf16 numbers are exact in a float: product and sum give what a fused multiply-add gives.
SWELL_INLINE Lanes multiply_add(Pairs w, Pairs x, Lanes sum) {
  const v128_t high = wasm_i32x4_splat(static_cast<int32_t>(0xffff0000u));
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    const v128_t upper = wasm_f32x4_mul(wasm_v128_and(w.v[k], high), wasm_v128_and(x.v[k], high));
    const v128_t lower = wasm_f32x4_mul(wasm_i32x4_shl(w.v[k], 16), wasm_i32x4_shl(x.v[k], 16));
    sum.v[k] = wasm_f32x4_add(lower, wasm_f32x4_add(upper, sum.v[k]));
  }
  return sum;
}

#else

struct Lanes {
  float v[kLanes];
};
SWELL_INLINE Lanes load(const float* p) {
  Lanes a;
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] = p[lane];
  return a;
}
SWELL_INLINE Lanes load_unaligned(const float* p) { return load(p); }
SWELL_INLINE Lanes gather(const float* p, const int32_t* index) {
  Lanes a;
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] = p[index[lane]];
  return a;
}
SWELL_INLINE Lanes zeros() { return {}; }
SWELL_INLINE void store(float* p, Lanes a) {
  for (int lane = 0; lane < kLanes; ++lane) p[lane] = a.v[lane];
}
SWELL_INLINE Lanes multiply_add(float w, Lanes x, Lanes sum) {
  for (int lane = 0; lane < kLanes; ++lane) sum.v[lane] = __builtin_fmaf(w, x.v[lane], sum.v[lane]);
  return sum;
}
SWELL_INLINE Lanes multiply_add(Lanes w, Lanes x, Lanes sum) {
  for (int lane = 0; lane < kLanes; ++lane) sum.v[lane] = __builtin_fmaf(w.v[lane], x.v[lane], sum.v[lane]);
  return sum;
}
// out[4 i + c] = part c [i].
SWELL_INLINE void interleave(Lanes a, Lanes b, Lanes c, Lanes d, float* out) {
  for (int lane = 0; lane < kLanes; ++lane) {
    out[4 * lane] = a.v[lane];
    out[4 * lane + 1] = b.v[lane];
    out[4 * lane + 2] = c.v[lane];
    out[4 * lane + 3] = d.v[lane];
  }
}

SWELL_INLINE Lanes broadcast(float value) {
  Lanes a;
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] = value;
  return a;
}
SWELL_INLINE Lanes multiply(Lanes a, Lanes b) {
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] *= b.v[lane];
  return a;
}
// Bit i: a[i] < b[i].
SWELL_INLINE uint32_t less_bits(Lanes a, Lanes b) {
  uint32_t bits = 0;
  for (int lane = 0; lane < kLanes; ++lane) bits |= (a.v[lane] < b.v[lane] ? 1u : 0u) << lane;
  return bits;
}

struct Pairs {
  uint32_t v[kLanes];
};
SWELL_INLINE Pairs load_pairs(const uint32_t* p) {
  Pairs a;
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] = p[lane];
  return a;
}
SWELL_INLINE Pairs all_pairs(uint32_t pair) {
  Pairs a;
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] = pair;
  return a;
}
SWELL_INLINE Pairs twice_each(const uint32_t* p) {
  Pairs a;
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] = p[lane / 2];
  return a;
}
SWELL_INLINE Pairs turned(Pairs a) {
  Pairs result;
  for (int lane = 0; lane < kLanes; lane += 2) {
    result.v[lane] = (a.v[lane] & 0xffffu) | a.v[lane + 1] << 16;
    result.v[lane + 1] = a.v[lane] >> 16 | (a.v[lane + 1] & 0xffff0000u);
  }
  return result;
}
SWELL_INLINE Lanes fold(const Lanes (&a)[8]) {
  Lanes result;
  for (int p = 0; p < 8; ++p) {
    const float* v = a[p].v;
    for (int odd = 0; odd < 2; ++odd) {
      const float* even = v + odd;
      const float first = (even[0] + even[8]) + (even[4] + even[12]);
      result.v[2 * p + odd] = first + ((even[2] + even[10]) + (even[6] + even[14]));
    }
  }
  return result;
}
SWELL_INLINE Lanes add(Lanes a, Lanes b) {
  for (int lane = 0; lane < kLanes; ++lane) a.v[lane] += b.v[lane];
  return a;
}
// Products of two bf16 numbers are exact in a float, so that product and sum give what a fused multiply-add gives,
// without a call of the library for each.
SWELL_INLINE Lanes multiply_add(Pairs w, Pairs x, Lanes sum) {
  for (int lane = 0; lane < kLanes; ++lane) {
    const float upper = high_half(w.v[lane]) * high_half(x.v[lane]) + sum.v[lane];
    sum.v[lane] = low_half(w.v[lane]) * low_half(x.v[lane]) + upper;
  }
  return sum;
}

#endif

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
