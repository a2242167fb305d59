// Multi-spin coding: one bit each of 512 replicas side by side, so that logic on words is arithmetic on replicas
// (L. Jacobs, C. Rebbi, J. Comput. Phys. 41, 203 (1981)). Each replica has its own random bits: a uniform number is
// compared with its acceptance probability bit by bit, from the highest, until all replicas have decided.

#include "swell/engine/pbits/kernel.h"
#include "swell/kernels/words.h"
#include "swell/physics/multi_spin.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

namespace {

using namespace swell::pbits;

SWELL_INLINE Word load_word(const uint32_t* x, int64_t slot) {
  return *reinterpret_cast<const Word*>(x + slot * kWordLanes);
}

struct Logic {
  using Word = swell::cpu::SWELL_KERNEL_NAMESPACE::Word;
  SWELL_INLINE static Word all(uint32_t value) { return all_words(value); }
  SWELL_INLINE static Word majority(Word a, Word b, Word c) {
    return swell::cpu::SWELL_KERNEL_NAMESPACE::majority(a, b, c);
  }
  SWELL_INLINE static Word exclusive_or(Word a, Word b, Word c) {
    return swell::cpu::SWELL_KERNEL_NAMESPACE::exclusive_or(a, b, c);
  }
  SWELL_INLINE static Word or_and(Word sum, Word a, Word b) {
    return swell::cpu::SWELL_KERNEL_NAMESPACE::or_and(sum, a, b);
  }
  SWELL_INLINE static bool any(Word a) { return swell::cpu::SWELL_KERNEL_NAMESPACE::any(a); }
};

// Flips of each replica: three planes take seven words, then go to the wide planes.
struct FlipCount {
  Word low[3] = {};
  int pending = 0;
  Word plane[40] = {};

  SWELL_INLINE void add(Word bits) {
    const Word first = low[0] & bits;
    low[0] ^= bits;
    const Word second = low[1] & first;
    low[1] ^= first;
    low[2] ^= second;
    if (++pending == 7) flush();
  }
  void flush() {
    Word carry = {};
    for (int p = 0; p < 3; ++p) {
      const Word sum = exclusive_or(plane[p], low[p], carry);
      carry = majority(plane[p], low[p], carry);
      plane[p] = sum;
      low[p] = Word{};
    }
    for (int p = 3; p < 40 && any(carry); ++p) {
      const Word next = plane[p] & carry;
      plane[p] ^= carry;
      carry = next;
    }
    pending = 0;
  }
  void add_to(int64_t* flips) {
    flush();
    for (int p = 0; p < 40; ++p) {
      if (!any(plane[p])) continue;
      for (int lane = 0; lane < kWordLanes; ++lane) {
        for (int bit = 0; bit < kReplicasPerLane; ++bit) {
          flips[lane * kReplicasPerLane + bit] += static_cast<int64_t>(plane[p][lane] >> bit & 1) << p;
        }
      }
    }
  }
};

SWELL_INLINE Word lane_numbers(uint32_t first) {
  Word lanes = {};
  for (uint32_t lane = 0; lane < kWordLanes; ++lane) lanes[lane] = first + lane;
  return lanes;
}

template <int Planes>
void sweep_rows(BitTile& tile, const BitPlan& plan, const AcceptanceTable& table, uint64_t sweep) {
  const Word lanes = lane_numbers(tile.first_lane);
  const NoiseKey key = key_of_step(tile.key, sweep);
  FlipCount count;
  for (int64_t c = 0; c < plan.colours.count; ++c) {
    const int64_t first = plan.colours.first[c], last = first + plan.colours.units[c];
    for (int64_t slot = first; slot < last; ++slot) {
      const BondRow& row = plan.rows[slot];
      const Word x = load_word(tile.x, slot);
      Numbers<Logic, Planes> satisfied;
      for (int32_t k = 0; k < row.padded; k += 4) {
        const auto bond = [&](int32_t n) {
          return exclusive_or(x, load_word(tile.x, row.ends[n] >> 1), all_words(-(row.ends[n] & 1u)));
        };
        satisfied.add(bond(k), bond(k + 1), bond(k + 2), bond(k + 3));
      }
      const Word flips = decide(satisfied, row.bonds, table, key, lanes, static_cast<uint32_t>(slot), sweep);
      *reinterpret_cast<Word*>(tile.x + slot * kWordLanes) = x ^ flips;
      count.add(flips);
    }
  }
  count.add_to(tile.flips);
}

// The torus in two colours: a slot's row and place in it say where its neighbours are.
void sweep_lattice(BitTile& tile, const BitPlan& plan, const AcceptanceTable& table, uint64_t sweep) {
  const Word lanes = lane_numbers(tile.first_lane);
  const NoiseKey key = key_of_step(tile.key, sweep);
  const int64_t half = plan.lattice_columns / 2, rows = plan.lattice_rows;
  const Word equal_is_satisfied = all_words(plan.lattice_attracts ? ~0u : 0u);
  const int32_t field = plan.lattice_field, field_bonds = field < 0 ? -field : field;
  const Word field_sign = all_words(field < 0 ? ~0u : 0u);
  FlipCount count;
  for (int64_t c = 0; c < 2; ++c) {
    const int64_t first = plan.colours.first[c], other = plan.colours.first[1 - c];
    for (int64_t r = 0; r < rows; ++r) {
      const int64_t here = other + r * half, above = other + (r == 0 ? rows - 1 : r - 1) * half,
                    below = other + (r == rows - 1 ? 0 : r + 1) * half;
      const bool odd = ((r + c) & 1) != 0;
      for (int64_t k = 0; k < half; ++k) {
        const int64_t slot = first + r * half + k;
        const int64_t side = odd ? (k == half - 1 ? 0 : k + 1) : (k == 0 ? half - 1 : k - 1);
        const Word x = load_word(tile.x, slot), seen = x ^ equal_is_satisfied;
        Numbers<Logic, 3> satisfied;
        satisfied.add(seen ^ load_word(tile.x, above + k), seen ^ load_word(tile.x, below + k),
                      seen ^ load_word(tile.x, here + k), seen ^ load_word(tile.x, here + side));
        for (int32_t b = 0; b < field_bonds; ++b) satisfied.add(x ^ field_sign, Word{}, Word{}, Word{});
        const Word flips = decide(satisfied, 4 + field_bonds, table, key, lanes, static_cast<uint32_t>(slot), sweep);
        *reinterpret_cast<Word*>(tile.x + slot * kWordLanes) = x ^ flips;
        count.add(flips);
      }
    }
  }
  count.add_to(tile.flips);
}

}  // namespace

void sweep_bits(BitTile& tile, const BitPlan& plan, const AcceptanceTable& table, int64_t sweep) {
  const uint64_t number = static_cast<uint64_t>(sweep);
  if (plan.lattice_rows > 0) {
    sweep_lattice(tile, plan, table, number);
  } else if (plan.most_bonds < 8) {
    sweep_rows<3>(tile, plan, table, number);
  } else if (plan.most_bonds < 32) {
    sweep_rows<5>(tile, plan, table, number);
  } else {
    sweep_rows<7>(tile, plan, table, number);
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
