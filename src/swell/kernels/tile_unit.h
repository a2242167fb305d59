#pragma once

#include "swell/kernels/kernel.h"

// A tile unit: eight registers of kTileRows rows of kTileWords words each. AMX where the build has it; elsewhere the
// same in plain code, so that packing, order of the loops and remainders are tested on any machine. Only kernel files
// and their tests include this.
namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

// C[m][n] += sum over sixteen pairs k of A[m][k] B[k][n] as the Intel manual gives TDPBF16PS: even and odd numbers of
// the pairs are summed apart from zero, k ascending, one fused multiply-add each (products of two bf16 numbers are
// exact in a float, so a product and a sum do the same here); the two sums are added, then added to C. Rounding to
// nearest; denormal numbers are taken for zero and results below the normal ones flushed.
class EmulatedTiles {
 public:
  template <int Register>
  void load(const void* from) {
    __builtin_memcpy(tiles_[Register], from, sizeof(tiles_[Register]));
  }
  template <int Register>
  void store(void* to) const {
    __builtin_memcpy(to, tiles_[Register], sizeof(tiles_[Register]));
  }
  template <int C, int A, int B>
  void multiply_add() {
    for (int m = 0; m < kTileRows; ++m) {
      float even[kTileWords] = {}, odd[kTileWords] = {};
      for (int k = 0; k < kTileWords; ++k) {
        const uint32_t a = tiles_[A][m][k];
        for (int n = 0; n < kTileWords; ++n) {
          const uint32_t b = tiles_[B][k][n];
          even[n] = flushed(number(a << 16) * number(b << 16) + even[n]);
          odd[n] = flushed(number(a & 0xffff0000u) * number(b & 0xffff0000u) + odd[n]);
        }
      }
      for (int n = 0; n < kTileWords; ++n) {
        const float sum = flushed(number(tiles_[C][m][n]) + flushed(even[n] + odd[n]));
        tiles_[C][m][n] = __builtin_bit_cast(uint32_t, sum);
      }
    }
  }

 private:
  static float flushed(float value) {
    constexpr float kLeastNormal = 0x1p-126f;
    return __builtin_fabsf(value) < kLeastNormal ? __builtin_copysignf(0.0f, value) : value;
  }
  static float number(uint32_t bits) { return flushed(__builtin_bit_cast(float, bits)); }

  uint32_t tiles_[8][kTileRows][kTileWords];
};

#if defined(__AMX_BF16__)

// Registers are named in the instructions, so this is text; the compiler is told that memory is read and written.
class AmxTiles {
 public:
  AmxTiles() {
    struct alignas(64) Configuration {
      uint8_t palette = 1, start_row = 0, reserved[14] = {};
      uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } const all_full;
    static_assert(sizeof(all_full) == 64);
    asm volatile("ldtilecfg %0" ::"m"(all_full) : "memory");
  }
  AmxTiles(const AmxTiles&) = delete;
  ~AmxTiles() { asm volatile("tilerelease" ::: "memory"); }
  template <int Register>
  void load(const void* from) {
    asm volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(kRowBytes), "i"(Register) : "memory");
  }
  template <int Register>
  void store(void* to) const {
    asm volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(kRowBytes), "i"(Register) : "memory");
  }
  template <int C, int A, int B>
  void multiply_add() {
    asm volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(C), "i"(A), "i"(B));
  }

 private:
  static constexpr int64_t kRowBytes = kTileWords * sizeof(uint32_t);
};
using TileUnit = AmxTiles;

#else

using TileUnit = EmulatedTiles;

#endif

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
