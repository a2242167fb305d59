#pragma once

#include "swell/base/inline.h"
#include "swell/engine/cpu/kernel.h"

// What couplings that saturate read of a unit, X tanh(x / X). Only kernel files include this.
namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

// tanh(z) to a few units of the last place of single precision: Lambert's continued fraction, cut off at its seventh
// level, of z / 8, and three times tanh(2 u) = 2 tanh(u) / (1 + tanh(u)^2). From |z| = 9 on it is 1 to rounding. Plain
// operations, one rounding each, so that every instruction set gives the same bits.
SWELL_INLINE float tanh_of(float z) {
  z = z > 9.0f ? 9.0f : z;
  z = z < -9.0f ? -9.0f : z;
  const float u = z * 0.125f, q = u * u;
  float t =
      u * (135135.0f + q * (17325.0f + q * (378.0f + q))) / (135135.0f + q * (62370.0f + q * (3150.0f + q * 28.0f)));
  t = 2.0f * t / (1.0f + t * t);
  t = 2.0f * t / (1.0f + t * t);
  return 2.0f * t / (1.0f + t * t);
}

SWELL_INLINE float put_by(float x, float X, float inverse) { return X > 0.0f ? X * tanh_of(x * inverse) : x; }

// Fills tile.put; `columns` is the number of lane blocks or trajectories, in each of which a unit has `side` places.
template <int side>
void saturate(Tile& tile, const StepPlan& plan, int columns) {
  for (int c = 0; c < columns; ++c) {
    const float* x = tile.x + c * tile.padded_units * side;
    float* put = tile.put + c * tile.padded_units * side;
    if constexpr (side == 1) {
#pragma omp simd
      for (int64_t i = 0; i < tile.padded_units; ++i) {
        const float X = plan.saturation[i];
        put[i] = put_by(x[i], X, X > 0.0f ? 1.0f / X : 0.0f);
      }
    } else {
      for (int64_t i = 0; i < tile.padded_units; ++i, x += side, put += side) {
        const float X = plan.saturation[i], inverse = X > 0.0f ? 1.0f / X : 0.0f;
#pragma omp simd
        for (int lane = 0; lane < side; ++lane) put[lane] = put_by(x[lane], X, inverse);
      }
    }
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
