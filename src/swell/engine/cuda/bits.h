#pragma once

#include "swell/physics/multi_spin.h"

// The arithmetic of one sweep of p-bits in bits, one source for the device and for the processor: what a thread does to
// 32 replicas of some units. It draws what the kernels of engine/pbits draw.
namespace swell::cuda {

// Words of a tile of pbits::kBitReplicas replicas, side by side.
constexpr int kTileWords = pbits::kBitReplicas / pbits::kReplicasPerLane;
constexpr int kCountPlanes = 7;  // of a thread's flips: fewer than 2^7 units

// One colour of one sweep. Pointers are to the memory of the device that takes it.
struct BitSweep {
  uint32_t* x;  // [tiles][slots + 1][kTileWords], the last slot all ones
  int64_t slots, tiles;
  int64_t first, count;   // slots of the colour
  const uint32_t* ends;   // bonds of all slots, as pbits::BondRow has them
  const int64_t* start;   // [slots] where those of a slot begin
  const int32_t* padded;  // [slots]
  const int32_t* bonds;   // [slots]
  int32_t most_bonds;
  const pbits::AcceptanceTable* table;
  NoiseKey key;
  uint32_t first_lane;
  uint64_t sweep;
  int64_t* flips;  // [tiles][pbits::kBitReplicas]
};

struct BitLogic {
  using Word = uint32_t;
  SWELL_INLINE static Word all(uint32_t value) { return value; }
  SWELL_INLINE static Word majority(Word a, Word b, Word c) { return (a & b) | (c & (a | b)); }
  SWELL_INLINE static Word exclusive_or(Word a, Word b, Word c) { return a ^ b ^ c; }
  SWELL_INLINE static Word or_and(Word sum, Word a, Word b) { return sum | (a & b); }
  SWELL_INLINE static bool any(Word a) { return a != 0; }
};

// Flips of 32 replicas, of fewer than 2^kCountPlanes units.
struct BitCount {
  uint32_t plane[kCountPlanes] = {};
  SWELL_INLINE void add(uint32_t bits) {
    for (int p = 0; p < kCountPlanes; ++p) {
      const uint32_t carry = plane[p] & bits;
      plane[p] ^= bits;
      bits = carry;
    }
  }
  SWELL_INLINE int32_t of(int replica) const {
    int32_t sum = 0;
    for (int p = 0; p < kCountPlanes; ++p) sum |= static_cast<int32_t>(plane[p] >> replica & 1u) << p;
    return sum;
  }
};

// Updates a unit in one lane of a tile; returns which of its replicas flipped.
template <int Planes>
SWELL_INLINE uint32_t sweep_unit(const BitSweep& sweep, int64_t tile, int lane, int64_t slot) {
  uint32_t* const x = sweep.x + tile * (sweep.slots + 1) * kTileWords + lane;
  const uint32_t here = x[slot * kTileWords];
  const uint32_t* const ends = sweep.ends + sweep.start[slot];
  pbits::Numbers<BitLogic, Planes> satisfied;
  const auto bond = [&](uint32_t end) { return here ^ x[int64_t{end >> 1} * kTileWords] ^ (0u - (end & 1u)); };
  for (int32_t k = 0; k < sweep.padded[slot]; k += 4)
    satisfied.add(bond(ends[k]), bond(ends[k + 1]), bond(ends[k + 2]), bond(ends[k + 3]));
  const uint32_t flips = pbits::decide(satisfied, sweep.bonds[slot], *sweep.table, sweep.key,
                                       sweep.first_lane + static_cast<uint32_t>(tile * kTileWords + lane),
                                       static_cast<uint32_t>(slot), sweep.sweep);
  x[slot * kTileWords] = here ^ flips;
  return flips;
}

}  // namespace swell::cuda
