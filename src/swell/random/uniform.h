#pragma once

#include "swell/random/normal.h"

namespace swell {

// A uniform number in [0, 1), a multiple of 2^-32, for number `index` of a table of a stream.
inline double draw_uniform(NoiseKey key, uint64_t table, uint64_t index) {
  const Words4 words = noise_words(key, static_cast<uint32_t>(index >> 2), index >> 34, static_cast<uint32_t>(table),
                                   static_cast<uint32_t>(table >> 32));
  const uint32_t bits[4] = {words.a, words.b, words.c, words.d};
  return bits[index & 3] * 0x1p-32;
}

}  // namespace swell
