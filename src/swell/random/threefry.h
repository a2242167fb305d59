#pragma once

#include <cstdint>

#include "swell/base/inline.h"

namespace swell {

// Threefry4x32-20: a counter-based generator. Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as
// 1, 2, 3", SC'11, doi 10.1145/2063384.2063405. Additions, rotations and exclusive-ors only.

// Four words, or four vectors of words: many blocks side by side.
template <class Word>
struct WordsOf {
  Word a, b, c, d;
};
using Words4 = WordsOf<uint32_t>;

namespace threefry {

template <class Word>
SWELL_INLINE Word rotate(Word value, int bits) {
  return (value << bits) | (value >> (32 - bits));
}

// One round of two mixes, then the fixed permutation (words b and d change places).
template <class Word>
SWELL_INLINE void mix(WordsOf<Word>& x, int first, int second) {
  x.a += x.b;
  x.b = rotate(x.b, first) ^ x.a;
  x.c += x.d;
  x.d = rotate(x.d, second) ^ x.c;
  const Word swapped = x.b;
  x.b = x.d;
  x.d = swapped;
}

template <class Word>
SWELL_INLINE void four_rounds_even(WordsOf<Word>& x) {
  mix(x, 10, 26);
  mix(x, 11, 21);
  mix(x, 13, 27);
  mix(x, 23, 5);
}

template <class Word>
SWELL_INLINE void four_rounds_odd(WordsOf<Word>& x) {
  mix(x, 6, 20);
  mix(x, 17, 11);
  mix(x, 25, 10);
  mix(x, 18, 20);
}

template <class Word>
SWELL_INLINE void add_key(WordsOf<Word>& x, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t round) {
  x.a += a;
  x.b += b;
  x.c += c;
  x.d += d + round;
}

}  // namespace threefry

// 128 random bits for this counter under this key; for vectors, lane by lane.
template <class Word = uint32_t>
SWELL_INLINE WordsOf<Word> threefry4x32_20(WordsOf<Word> counter, Words4 key) {
  const uint32_t parity = 0x1BD11BDAu ^ key.a ^ key.b ^ key.c ^ key.d;
  WordsOf<Word> x = counter;
  threefry::add_key(x, key.a, key.b, key.c, key.d, 0);
  threefry::four_rounds_even(x);
  threefry::add_key(x, key.b, key.c, key.d, parity, 1);
  threefry::four_rounds_odd(x);
  threefry::add_key(x, key.c, key.d, parity, key.a, 2);
  threefry::four_rounds_even(x);
  threefry::add_key(x, key.d, parity, key.a, key.b, 3);
  threefry::four_rounds_odd(x);
  threefry::add_key(x, parity, key.a, key.b, key.c, 4);
  threefry::four_rounds_even(x);
  threefry::add_key(x, key.a, key.b, key.c, key.d, 5);
  return x;
}

}  // namespace swell
