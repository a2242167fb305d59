// p-bits with any couplings in single precision. Both layouts visit the slots of a colour in any order they like: its
// units are not coupled, so the states after it are the same. With whole couplings all sums are exact, and a replica
// has the same bits in either layout.

#include "swell/engine/pbits/kernel.h"
#include "swell/kernels/lanes.h"
#include "swell/kernels/noise.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

namespace {

using namespace swell::pbits;

// The random bits of four slots, or of four times sixteen, become flip thresholds.
SWELL_INLINE void to_thresholds(FlipRule update, const uint32_t (&bits)[4][kLanes], float* out, int stride) {
  for (int w = 0; w < 4; ++w) {
    float* to = out + w * stride;
    if (update == FlipRule::metropolis) {
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) to[lane] = flip_threshold(FlipRule::metropolis, bits[w][lane]);
    } else {
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) to[lane] = flip_threshold(FlipRule::gibbs, bits[w][lane]);
    }
  }
}

// ---- Wide ----

// Updates one unit in all replicas of a tile.
template <int Blocks>
SWELL_INLINE void update_wide(WideTile& tile, const RealPlan& plan, const float* beta2, int64_t slot,
                              const float* thresholds) {
  constexpr int replicas = Blocks * kLanes;
  alignas(64) float field[replicas];
  Lanes sum[Blocks];
  alignas(64) float start[kLanes];
  for (int lane = 0; lane < kLanes; ++lane) start[lane] = plan.h[slot];
#pragma GCC unroll 4
  for (int b = 0; b < Blocks; ++b) sum[b] = load(start);
  for (int64_t k = plan.row_start[slot]; k < plan.row_start[slot + 1]; ++k) {
    const float* x = tile.x + static_cast<int64_t>(plan.bonds[k].slot) * replicas;
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) sum[b] = multiply_add(plan.bonds[k].J, load(x + b * kLanes), sum[b]);
  }
#pragma GCC unroll 4
  for (int b = 0; b < Blocks; ++b) store(field + b * kLanes, sum[b]);
  float* x = tile.x + slot * replicas;
#pragma omp simd
  for (int r = 0; r < replicas; ++r) {
    const float aligned = x[r] * field[r];
    const bool flips = beta2[r] * aligned < thresholds[r];
    x[r] = flips ? -x[r] : x[r];
    tile.heat[r] -= flips ? 2.0 * static_cast<double>(aligned) : 0.0;
    tile.flips[r] += flips ? 1 : 0;
  }
}

// Slots that share draws in fours lie 16 apart (kernel.h).
template <int Blocks>
void sweep_wide_blocks(WideTile& tile, const RealPlan& plan, const float* beta2, uint64_t sweep) {
  constexpr int replicas = Blocks * kLanes;
  static_assert(16 % kGroups == 0);
  alignas(64) float thresholds[kGroups][4][replicas];
  BlockCounters at;
  alignas(64) uint32_t words[4][kBlocks];
  for (int64_t c = 0; c < plan.colours.count; ++c) {
    const int64_t first = plan.colours.first[c], last = first + plan.colours.units[c];
    for (int64_t block = first; block < last; block += kSlotBlock) {
      for (int64_t start = block; start < block + 16 && start < last; start += kGroups) {
        for (int b = 0; b < Blocks; ++b) {
          const uint64_t replica = tile.first_replica + static_cast<uint64_t>(b * kLanes);
          for (int i = 0; i < kBlocks; ++i) {
            at.block[i] = draw_block(start + i / kLanes);
            at.trajectory_low[i] = static_cast<uint32_t>(replica) + static_cast<uint32_t>(i % kLanes);
            at.trajectory_high[i] = static_cast<uint32_t>(replica >> 32);
          }
          draw_words(tile.key, sweep, at, words);
          for (int g = 0; g < kGroups; ++g) {
            uint32_t bits[4][kLanes];
            for (int w = 0; w < 4; ++w) __builtin_memcpy(bits[w], words[w] + g * kLanes, sizeof bits[w]);
            to_thresholds(plan.update, bits, &thresholds[g][0][b * kLanes], replicas);
          }
        }
        for (int g = 0; g < kGroups; ++g) {
          for (int w = 0; w < 4 && start + g + 16 * w < last; ++w)
            update_wide<Blocks>(tile, plan, beta2, start + g + 16 * w, thresholds[g][w]);
        }
      }
    }
  }
}

// ---- Narrow ----

// Whether any of a block of units can flip at all at this temperature.
SWELL_INLINE bool may_flip(const NarrowTile& tile, int64_t slot, float beta2) {
  uint32_t possible = 0;
  const Lanes most = broadcast(kLargestThreshold);
  for (int w = 0; w < 4; ++w) {
    const Lanes aligned = multiply(load(tile.x + slot + 16 * w), load(tile.field + slot + 16 * w));
    possible |= less_bits(multiply(broadcast(beta2), aligned), most);
  }
  return possible != 0;
}

// Tells the neighbours of a unit that its spin has changed.
struct Rows {
  const RealPlan& plan;
  void enter(int64_t, int64_t) {}
  void tell(float* field, int64_t slot, float change) {
    const Bond* last = plan.told + plan.row_start[slot + 1];
#pragma GCC unroll 4
    for (const Bond* bond = plan.told + plan.row_start[slot]; bond < last; ++bond)
      field[bond->slot] += change * bond->J;
  }
};
// On a square lattice, a checkerboard in reading order: neighbours by arithmetic. Slots of a colour come in ascending
// order.
struct Lattice {
  const RealPlan& plan;
  int64_t half = plan.lattice_columns / 2, row = 0, start = 0, other = 0;
  bool second = false;
  void enter(int64_t colour, int64_t slot) {
    start = slot;
    row = 0;
    other = plan.colours.first[1 - colour];
    second = colour == 1;
  }
  void tell(float* field, int64_t slot, float change) {
    for (; slot >= start + half; start += half) ++row;
    const float push = change * plan.lattice_J;
    const int64_t k = slot - start, rows = plan.lattice_rows;
    float* here = field + other + row * half;
    const bool odd = (row & 1) != static_cast<int64_t>(second);
    const int64_t side = odd ? (k == half - 1 ? 0 : k + 1) : (k == 0 ? half - 1 : k - 1);
    here[k] += push;
    here[side] += push;
    field[other + (row == 0 ? rows - 1 : row - 1) * half + k] += push;
    field[other + (row == rows - 1 ? 0 : row + 1) * half + k] += push;
  }
};

template <class Neighbours>
SWELL_INLINE void flip(NarrowTile& tile, Neighbours& neighbours, int64_t slot) {
  const float old = tile.x[slot];
  tile.energy += 2.0 * static_cast<double>(old * tile.field[slot]);
  tile.x[slot] = -old;
  neighbours.tell(tile.field, slot, -2.0f * old);
  ++tile.flips;
}

template <class Neighbours>
SWELL_INLINE void sweep_block(NarrowTile& tile, const RealPlan& plan, Neighbours& neighbours, int64_t block,
                              int64_t units, float beta2, uint64_t sweep) {
  if (!may_flip(tile, block, beta2)) return;
  uint32_t bits[4][kLanes];
  draw_row(tile.key, sweep, tile.replica, draw_block(block), bits);
  alignas(64) float thresholds[kSlotBlock];
  to_thresholds(plan.update, bits, thresholds, kLanes);
  // No flip of the block changes a field of the block.
  uint64_t flips = 0;
  for (int w = 0; w < 4; ++w) {
    const int64_t slot = block + 16 * w;
    const Lanes aligned = multiply(load(tile.x + slot), load(tile.field + slot));
    flips |= static_cast<uint64_t>(less_bits(multiply(broadcast(beta2), aligned), load(thresholds + 16 * w)))
             << (16 * w);
  }
  // At beta = 0 even the padding would flip.
  if (units < kSlotBlock) flips &= (uint64_t{1} << units) - 1;
  for (; flips != 0; flips &= flips - 1) flip(tile, neighbours, block + __builtin_ctzll(flips));
}

template <class Neighbours>
SWELL_INLINE void sweep_all(NarrowTile& tile, const RealPlan& plan, Neighbours neighbours, float beta2,
                            uint64_t sweep) {
  for (int64_t c = 0; c < plan.colours.count; ++c) {
    const int64_t first = plan.colours.first[c], last = first + plan.colours.units[c];
    neighbours.enter(c, first);
    for (int64_t block = first; block < last; block += kSlotBlock)
      sweep_block(tile, plan, neighbours, block, last - block, beta2, sweep);
  }
}

}  // namespace

void sweep_wide(WideTile& tile, const RealPlan& plan, const float* beta2, int64_t sweep) {
  const uint64_t number = static_cast<uint64_t>(sweep);
  switch (tile.replicas / kLanes) {
    case 1:
      return sweep_wide_blocks<1>(tile, plan, beta2, number);
    case 2:
      return sweep_wide_blocks<2>(tile, plan, beta2, number);
    case 3:
      return sweep_wide_blocks<3>(tile, plan, beta2, number);
    default:
      return sweep_wide_blocks<4>(tile, plan, beta2, number);
  }
}

void sweep_narrow(NarrowTile& tile, const RealPlan& plan, const float* beta2, int64_t from, int64_t to) {
  for (int64_t sweep = from; sweep < to; ++sweep) {
    const float b2 = beta2[sweep - from];
    const double before = tile.energy;
    if (plan.lattice_rows > 0)
      sweep_all(tile, plan, Lattice{plan}, b2, static_cast<uint64_t>(sweep));
    else
      sweep_all(tile, plan, Rows{plan}, b2, static_cast<uint64_t>(sweep));
    tile.entropy += 0.5 * static_cast<double>(b2) * (before - tile.energy);
    if (tile.energy < tile.best_energy) {
      tile.best_energy = tile.energy;
      for (int64_t slot = 0; slot < plan.slots; ++slot) tile.best[slot] = tile.x[slot];
    }
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
