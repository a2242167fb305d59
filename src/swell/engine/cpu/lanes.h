#pragma once

#include "swell/base/inline.h"
#include "swell/engine/cpu/kernel.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

// kLanes floats in registers, for the one loop that must stay there. Fused multiply-adds on every instruction set, in
// software where there is no instruction, so that all give the same bits. Only kernel files include this.
namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

#if defined(__AVX512F__)

struct Lanes {
  __m512 v;
};
SWELL_INLINE Lanes load(const float* p) { return {_mm512_load_ps(p)}; }
SWELL_INLINE void store(float* p, Lanes a) { _mm512_store_ps(p, a.v); }
SWELL_INLINE Lanes multiply_add(float w, Lanes x, Lanes sum) {
  return {_mm512_fmadd_ps(_mm512_set1_ps(w), x.v, sum.v)};
}

#elif defined(__AVX2__) && defined(__FMA__)

struct Lanes {
  __m256 low, high;
};
SWELL_INLINE Lanes load(const float* p) { return {_mm256_load_ps(p), _mm256_load_ps(p + 8)}; }
SWELL_INLINE void store(float* p, Lanes a) {
  _mm256_store_ps(p, a.low);
  _mm256_store_ps(p + 8, a.high);
}
SWELL_INLINE Lanes multiply_add(float w, Lanes x, Lanes sum) {
  const __m256 all = _mm256_set1_ps(w);
  return {_mm256_fmadd_ps(all, x.low, sum.low), _mm256_fmadd_ps(all, x.high, sum.high)};
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
SWELL_INLINE void store(float* p, Lanes a) {
  for (int lane = 0; lane < kLanes; ++lane) p[lane] = a.v[lane];
}
SWELL_INLINE Lanes multiply_add(float w, Lanes x, Lanes sum) {
  for (int lane = 0; lane < kLanes; ++lane) sum.v[lane] = __builtin_fmaf(w, x.v[lane], sum.v[lane]);
  return sum;
}

#endif

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
