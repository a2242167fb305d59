#pragma once

#include <cstdint>

#include "swell/base/inline.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

// 512 bits in registers, as 16 words: one bit of 512 replicas. Only kernel files include this.
namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

constexpr int kWordLanes = 16;
typedef uint32_t Word __attribute__((vector_size(4 * kWordLanes)));

SWELL_INLINE Word all_words(uint32_t value) { return Word{} + value; }

#if defined(__AVX512F__)

SWELL_INLINE Word majority(Word a, Word b, Word c) {
  return (Word)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b, (__m512i)c, 0xe8);
}
SWELL_INLINE Word exclusive_or(Word a, Word b, Word c) {
  return (Word)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
}
// sum | (a & b)
SWELL_INLINE Word or_and(Word sum, Word a, Word b) {
  return (Word)_mm512_ternarylogic_epi32((__m512i)sum, (__m512i)a, (__m512i)b, 0xf8);
}
SWELL_INLINE bool any(Word a) { return _mm512_test_epi32_mask((__m512i)a, (__m512i)a) != 0; }

#else

SWELL_INLINE Word majority(Word a, Word b, Word c) { return (a & b) | (c & (a | b)); }
SWELL_INLINE Word exclusive_or(Word a, Word b, Word c) { return a ^ b ^ c; }
SWELL_INLINE Word or_and(Word sum, Word a, Word b) { return sum | (a & b); }
SWELL_INLINE bool any(Word a) {
  uint32_t bits = 0;
  for (int lane = 0; lane < kWordLanes; ++lane) bits |= a[lane];
  return bits != 0;
}

#endif

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
