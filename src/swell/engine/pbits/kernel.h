#pragma once

#include <cstdint>

#include "swell/physics/glauber.h"
#include "swell/physics/multi_spin.h"
#include "swell/random/normal.h"

// The door between the portable p-bit engine and the kernels that are built once per instruction set. Plain data only,
// as in kernels/kernel.h.
namespace swell::pbits {

// Each colour is a block of slots (engine/pbits/colouring.h), a multiple of kSlotBlock; units of one colour are not
// coupled.
constexpr int64_t kSlotBlock = 64;

struct Colours {
  const int64_t* first;  // [count + 1]
  const int64_t* units;  // [count]
  int64_t count;
};

// ---- Bits: 512 replicas in the bits of a word; couplings and fields are small whole multiples of one number. ----

struct BitTile {
  uint32_t* x;  // [slots + 1][16] spins, the last slot all ones
  NoiseKey key;
  uint32_t first_lane;  // number of the first lane of 32 replicas
  int64_t* flips;       // [kBitReplicas]
};

struct BitPlan {
  Colours colours;
  const BondRow* rows;  // [slots]
  int32_t most_bonds;
  int64_t lattice_rows, lattice_columns;  // even extents, or 0: neighbours by arithmetic, no rows read
  int32_t lattice_field;                  // bonds to the slot of ones: +, or - where negative
  bool lattice_attracts;                  // J > 0
  int64_t slots;
};

// ---- Reals: any couplings, single precision. Wide: replicas side by side. Narrow: units of one replica. ----

constexpr int kMostWide = 64;  // replicas of a wide tile, a multiple of 16

struct Bond {
  int32_t slot;
  float J;
};

struct RealPlan {
  Colours colours;
  int64_t slots;
  const int64_t* row_start;  // [slots + 1]
  const Bond* bonds;         // [entries], by which a unit is acted on
  const Bond* told;          // [entries], by which it acts on others: `bonds` unless couplings are directed
  const float* h;            // [slots]
  FlipRule update;
  int64_t lattice_rows, lattice_columns;  // even extents with one J, or 0: the narrow layout reads no rows
  float lattice_J;
};

struct WideTile {
  int replicas;  // multiple of 16
  float* x;      // [slots][replicas], +1 or -1
  NoiseKey key;
  uint64_t first_replica;
  double* heat;    // [replicas]
  int64_t* flips;  // [replicas]
};

struct NarrowTile {
  float* x;      // [slots]; +1 in the padding
  float* field;  // [slots] local fields I; so large in the padding that it never flips
  NoiseKey key;
  uint64_t replica;
  double energy;
  int64_t flips;
  double entropy;      // sum over sweeps of (energy before - after) beta
  double best_energy;  // lowest at the end of a sweep, with its state
  float* best;         // [slots]
};

struct PbitKernels {
  // One sweep under a table.
  void (*sweep_bits)(BitTile& tile, const BitPlan& plan, const AcceptanceTable& table, int64_t sweep);
  // Sweeps [from, to) of the run; beta2[r] = 2 beta of replica r.
  void (*sweep_wide)(WideTile& tile, const RealPlan& plan, const float* beta2, int64_t sweep);
  // beta2[k] = 2 beta of sweep from + k.
  void (*sweep_narrow)(NarrowTile& tile, const RealPlan& plan, const float* beta2, int64_t from, int64_t to);
};

// The draw of a slot in the real layouts: block and word of it. Slots of a block of 64 share draws in fours, so that
// sixteen blocks fill the lanes of a register with the words of 64 neighbouring slots.
SWELL_INLINE uint32_t draw_block(int64_t slot) { return static_cast<uint32_t>(slot / kSlotBlock * 16 + slot % 16); }
SWELL_INLINE int draw_word(int64_t slot) { return static_cast<int>(slot % kSlotBlock / 16); }

}  // namespace swell::pbits
