#pragma once

#include "swell/random/normal.h"

namespace swell {

// Draws one after another, where what a draw is for depends on the ones before: number n of a table of a stream.
class Sequence {
 public:
  Sequence(NoiseKey key, uint64_t table) : key_(key), table_(table) {}

  uint32_t bits() {
    if (next_ % 4 == 0) {
      const uint64_t block = next_ / 4;
      const Words4 words = noise_words(key_, static_cast<uint32_t>(block), block >> 32, static_cast<uint32_t>(table_),
                                       static_cast<uint32_t>(table_ >> 32));
      words_[0] = words.a;
      words_[1] = words.b;
      words_[2] = words.c;
      words_[3] = words.d;
    }
    return words_[next_++ % 4];
  }
  // In [0, 1).
  double uniform() { return bits() * 0x1p-32; }
  // A whole number below `bound`, each within 2^-32 of equally likely.
  int64_t below(int64_t bound) { return static_cast<int64_t>(uint64_t{bits()} * static_cast<uint64_t>(bound) >> 32); }

 private:
  NoiseKey key_;
  uint64_t table_;
  uint64_t next_ = 0;
  uint32_t words_[4] = {};
};

}  // namespace swell
