#pragma once

#include <cstdint>

#include "swell/random/normal.h"

// p-bits in bits (multi-spin coding): 512 replicas side by side, whose couplings and fields are small whole multiples
// of one number. The arithmetic of one flip stands here once, on words that hold one bit of many replicas, for any
// width of word. `Logic` says what a word is and what can be done with it: the kernels' 512 bits, the device's 32.
namespace swell::pbits {

constexpr int kBitReplicas = 512;
constexpr int kReplicasPerLane = 32;
constexpr int kMostBonds = 127;  // sum of |J| + |h| of a unit, in multiples
constexpr int kLevels = 32;      // bits of a uniform number
constexpr int kLevelsPerDraw = 4;
constexpr int kDrawsPerUpdate = kLevels / kLevelsPerDraw;

// A unit's bonds: a coupling of several multiples stands several times, a field is a bond to a slot of ones.
// The satisfied bonds S out of D make m I = 2 S - D.
struct BondRow {
  const uint32_t* ends;  // [padded], slot * 2 + 1 where J > 0; a multiple of four, filled with bonds never satisfied
  int32_t padded;
  int32_t bonds;  // D
};

// Acceptance by table: for each m I that occurs, 32 bits of the flip's probability. Parities apart, since m I has that
// of D: number k stands for m I = 2 k, or 2 k + 1.
constexpr int kTableOffset = 64;
constexpr int kTableSize = 2 * kTableOffset + 1;
struct AcceptanceTable {
  uint32_t masks[2][kLevels][kTableSize];  // all ones where that bit of the threshold is 1, highest bit first
  int32_t always[2];                       // below this k a unit always flips
  int32_t never[2];                        // from this k on it never does
};

// Binary numbers, one per replica: plane p holds bit p of all.
template <class Logic, int Planes>
struct Numbers {
  using Word = typename Logic::Word;
  Word plane[Planes] = {};

  // Adds four bits.
  SWELL_INLINE void add(Word a, Word b, Word c, Word d) {
    const Word first = Logic::majority(plane[0], a, b);
    plane[0] = Logic::exclusive_or(plane[0], a, b);
    const Word second = Logic::majority(plane[0], c, d);
    plane[0] = Logic::exclusive_or(plane[0], c, d);
    Word carry = Logic::majority(plane[1], first, second);
    plane[1] = Logic::exclusive_or(plane[1], first, second);
#pragma GCC unroll 8
    for (int p = 2; p < Planes; ++p) {
      const Word next = plane[p] & carry;
      plane[p] ^= carry;
      carry = next;
    }
  }

  // Where the number is below a constant.
  SWELL_INLINE Word below(int32_t bound) const {
    if (bound <= 0) return Word{};
    if (bound >= 1 << Planes) return Logic::all(~0u);
    Word less = {}, equal = Logic::all(~0u);
#pragma GCC unroll 8
    for (int p = Planes - 1; p >= 0; --p) {
      if (bound >> p & 1) {
        less |= equal & ~plane[p];
        equal &= plane[p];
      } else {
        equal &= ~plane[p];
      }
    }
    return less;
  }

  SWELL_INLINE Word is(int32_t value) const {
    Word equal = Logic::all(~0u);
#pragma GCC unroll 8
    for (int p = 0; p < Planes; ++p) equal &= plane[p] ^ Logic::all(value >> p & 1 ? 0u : ~0u);
    return equal;
  }
};

// Where a unit with these satisfied bonds flips. `lanes`: numbers of the lanes of 32 replicas.
template <class Logic, int Planes>
SWELL_INLINE typename Logic::Word decide(const Numbers<Logic, Planes>& satisfied, int32_t bonds,
                                         const AcceptanceTable& table, NoiseKey key, typename Logic::Word lanes,
                                         uint32_t slot, uint64_t sweep) {
  using Word = typename Logic::Word;
  const int parity = bonds & 1;
  const int32_t shift = (bonds + parity) / 2;  // S = k + shift
  const int32_t from = table.always[parity] + shift < 0 ? 0 : table.always[parity] + shift;
  const int32_t to = table.never[parity] + shift > bonds + 1 ? bonds + 1 : table.never[parity] + shift;
  Word flips = satisfied.below(from);
  if (from >= to) return flips;
  Word open = satisfied.below(to) & ~flips;
  Word is[1 << Planes];
  const int32_t count = to - from;
  for (int32_t k = 0; k < count; ++k) is[k] = satisfied.is(from + k);
  const int32_t column = from - shift + kTableOffset;
  for (uint64_t draw = 0; draw < kDrawsPerUpdate && Logic::any(open); ++draw) {
    const uint64_t step = sweep * kDrawsPerUpdate + draw;
    const WordsOf<Word> counter{Logic::all(slot), Logic::all(static_cast<uint32_t>(step)), lanes,
                                Logic::all(static_cast<uint32_t>(step >> 32))};
    const WordsOf<Word> random = threefry4x32_20(
        counter, {static_cast<uint32_t>(key.seed), static_cast<uint32_t>(key.seed >> 32), key.stream, 0u});
    const Word bits[kLevelsPerDraw] = {random.a, random.b, random.c, random.d};
#pragma GCC unroll 4
    for (int level = 0; level < kLevelsPerDraw; ++level) {
      const uint32_t* masks = table.masks[parity][draw * kLevelsPerDraw + level] + column;
      Word threshold = {};
      for (int32_t k = 0; k < count; ++k) threshold = Logic::or_and(threshold, is[k], Logic::all(masks[k]));
      flips = Logic::or_and(flips, open & threshold, ~bits[level]);
      open &= ~(bits[level] ^ threshold);
    }
  }
  return flips;
}

}  // namespace swell::pbits
