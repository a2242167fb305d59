#pragma once

#include <cstdint>

#include "swell/base/inline.h"
#include "swell/random/entropy.h"
#include "swell/random/tape.h"
#include "swell/random/threefry.h"

namespace swell {

// Addressable randomness: every draw is a function of (seed, stream, trajectory, step, unit) and of nothing else, so
// results do not depend on threads, batches, vector width or restarts. With bits from outside it is a place of them.

// What a run draws from: a user's seed and the purpose of the run (random/streams.h). run() lays out the bits of a
// source from outside as a tape.
struct NoiseKey {
  constexpr NoiseKey() = default;
  constexpr NoiseKey(Seed from, uint32_t purpose) : seed(from.number), stream(purpose), entropy(from.entropy) {}

  uint64_t seed = 0;
  uint32_t stream = 0;
  Entropy* entropy = nullptr;
  const Tape* tape = nullptr;
};

// The key of one step, where keys change from time to time.
SWELL_INLINE NoiseKey key_of_step(NoiseKey key, uint64_t step) {
  if (key.tape && key.tape->keys) key.seed = tape_key(*key.tape, step);
  return key;
}
SWELL_INLINE bool draws_from_tape(NoiseKey key) { return key.tape && key.tape->words; }

// Four normals belong together: those of units 4q to 4q + 3 at one step of one trajectory.
constexpr int kNormalsPerBlock = 4;

// Steps and trajectories are numbered below this bound.
constexpr uint64_t kMaxDrawIndex = uint64_t{1} << 48;

SWELL_INLINE Words4 noise_words(NoiseKey key, uint32_t block, uint64_t step, uint32_t trajectory_low,
                                uint32_t trajectory_high) {
  if (draws_from_tape(key)) [[unlikely]]
    return tape_words(*key.tape, block, step, trajectory_low | static_cast<uint64_t>(trajectory_high) << 32);
  key = key_of_step(key, step);
  const Words4 counter{block, static_cast<uint32_t>(step), trajectory_low,
                       static_cast<uint32_t>(step >> 32) | (trajectory_high << 16)};
  return threefry4x32_20(counter,
                         {static_cast<uint32_t>(key.seed), static_cast<uint32_t>(key.seed >> 32), key.stream, 0u});
}

// A uniform number in (0, 1] from 32 random bits; the smallest is 2^-32.
SWELL_INLINE float uniform_open_closed(uint32_t bits) {
  return SWELL_EXACT_MULTIPLY_ADD(static_cast<float>(static_cast<int32_t>(bits >> 1)), 0x1p-31f, 0x1p-32f);
}

// ln(u) for u in (0, 1]; coefficients of the Cephes library (S. Moshier), error below 1e-7 relative to max(1, |ln u|).
SWELL_INLINE float log_unit(float u) {
  const int32_t bits = __builtin_bit_cast(int32_t, u);
  const int32_t exponent = (bits - 0x3f3504f3) >> 23;  // so that the mantissa lies in [sqrt(1/2), sqrt(2))
  const float f = __builtin_bit_cast(float, bits - (exponent << 23)) - 1.0f;
  const float z = f * f;
  float p = 7.0376836292e-2f;
  p = p * f - 1.1514610310e-1f;
  p = p * f + 1.1676998740e-1f;
  p = p * f - 1.2420140846e-1f;
  p = p * f + 1.4249322787e-1f;
  p = p * f - 1.6668057665e-1f;
  p = p * f + 2.0000714765e-1f;
  p = p * f - 2.4999993993e-1f;
  p = p * f + 3.3333331174e-1f;
  const float e = static_cast<float>(exponent);
  const float tail = SWELL_EXACT_MULTIPLY_ADD(-0.5f, z, f * z * p - 2.12194440e-4f * e);
  return SWELL_EXACT_MULTIPLY_ADD(0.693359375f, e, f + tail);
}

struct SinCos {
  float sine, cosine;
};

// Sine and cosine of 2 pi bits / 2^32: quadrant from the top bits, polynomials (Cephes) on [-pi/4, pi/4].
SWELL_INLINE SinCos sine_cosine(uint32_t bits) {
  const uint32_t quadrant = (bits + 0x20000000u) >> 30;
  const float x =
      static_cast<float>(static_cast<int32_t>(bits - (quadrant << 30))) * 1.46291807926715968e-9f;  // pi / 2^31
  const float z = x * x;
  const float s = x + x * z * ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f);
  const float c = SWELL_EXACT_MULTIPLY_ADD(-0.5f, z, 1.0f) +
                  z * z * ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f);
  const bool odd = (quadrant & 1u) != 0;
  const uint32_t sine = __builtin_bit_cast(uint32_t, odd ? c : s) ^ ((quadrant & 2u) << 30);
  const uint32_t cosine = __builtin_bit_cast(uint32_t, odd ? s : c) ^ (((quadrant + 1u) & 2u) << 30);
  return {__builtin_bit_cast(float, sine), __builtin_bit_cast(float, cosine)};
}

struct Normals4 {
  float a, b, c, d;
};

// Box-Muller on two pairs of words. Only IEEE basic operations and the square root, built without contraction: the same
// bits on every machine. |normal| <= sqrt(64 ln 2) = 6.66.
SWELL_INLINE Normals4 normals_from(Words4 words) {
  const float r = SWELL_SQUARE_ROOT(-2.0f * log_unit(uniform_open_closed(words.a)));
  const float s = SWELL_SQUARE_ROOT(-2.0f * log_unit(uniform_open_closed(words.c)));
  const SinCos first = sine_cosine(words.b), second = sine_cosine(words.d);
  return {r * first.cosine, r * first.sine, s * second.cosine, s * second.sine};
}

// The standard normal of (key, trajectory, step, unit).
SWELL_INLINE float draw_normal(NoiseKey key, uint64_t trajectory, uint64_t step, uint64_t unit) {
  const Normals4 four =
      normals_from(noise_words(key, static_cast<uint32_t>(unit / kNormalsPerBlock), step,
                               static_cast<uint32_t>(trajectory), static_cast<uint32_t>(trajectory >> 32)));
  switch (unit % kNormalsPerBlock) {
    case 0:
      return four.a;
    case 1:
      return four.b;
    case 2:
      return four.c;
    default:
      return four.d;
  }
}

}  // namespace swell
