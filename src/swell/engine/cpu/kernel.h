#pragma once

#include <cstdint>

#include "swell/kernels/kernel.h"
#include "swell/random/normal.h"

// The door between the engine and its kernels, which are built once per instruction set. Plain data only, as in
// kernels/kernel.h.
namespace swell::cpu {

// A tile is one thread's work: a few trajectories, advanced together from start to end. Its states lie in memory in one
// of two ways; the bits of a trajectory do not depend on it.
enum class Layout {
  wide,    // trajectories side by side, [lane block][unit][kLanes]: many trajectories share each coupling that is read
  narrow,  // units side by side, [trajectory][unit]: few trajectories, down to one, without idle lanes
};

constexpr int kPanelRows = 6;      // rows of J that the inner loop of the wide layout carries
constexpr int kSlabRows = 16;      // rows that the wide layout updates together: four blocks of four normals
constexpr int kMaxLaneBlocks = 4;  // lane blocks in a wide tile
constexpr int kMaxNarrow = 12;     // trajectories in a narrow tile
constexpr int kMaxTriangle = 2;    // trajectories of a run that reads only half of its symmetric bf16 couplings
constexpr int kMaxScattered = 4;   // trajectories of a thread that go into narrow tiles where couplings are no lattice
constexpr int kMaxFarScattered = 8;  // the same where the states of a lane block are far
constexpr int kMaxSlots = kMaxLaneBlocks * kLanes;
constexpr int kMaxGroups = 64;
constexpr int kPieceColumns = 64;  // columns per piece: the states of a tile's columns stay in the first cache
constexpr int kTilePanelRows = 2 * kTileRows;
constexpr int kTilePieceColumns = 512;

// How the dense couplings are multiplied. A pair is two bf16 numbers in a word, that of the even unit low; split is J
// and x in a high and a low part, three products. In a triangle, in the narrow layout, only pairs on and below the
// diagonal are stored and each block is multiplied in both directions. In tiles, a tile unit multiplies blocks of
// sixteen pairs.
enum class Products { single, pairs, triangle, split, tile_pairs, tile_split };

// A piece of dense J: a few rows (kPanelRows wide, kStripRows narrow, kTilePanelRows in tiles) and columns. Pieces are
// stored in the order in which a step reads them, and in each row the columns ascend, so that sums have one order.
struct Piece {
  const float* weights;  // [last - first][rows of a piece]
  // Instead of them, with parts = 1 (pairs, triangle: blocks of kStripRows columns) or 2 (split: high, low):
  //   [(last - first) / 2][parts][rows of a piece], or in tiles, filled up with zeros,
  //   [blocks of 16 pairs][blocks of 16 rows][parts][16 rows][16 pairs].
  const uint32_t* pairs;
  int32_t row;          // first row
  int32_t first, last;  // columns [first, last); even numbers with pairs
};

// Sparse J of the wide layout: compressed rows, columns ascending.
struct SparseRows {
  const int64_t* row_start;  // [units + 1]; null where a set has no sparse couplings
  const int32_t* column;     // [entries]
  const float* weight;       // [entries]
};

// Sparse J of the narrow layout: kLanes rows at a time, each entry a slot of kLanes weights; short rows end with zeros.
// Where the rows of a slice have their neighbours at few distances (a lattice), a slot is a distance, and only these
// are stored.
struct Slice {
  const float* weights;    // [width][kLanes]
  const int32_t* columns;  // [width][kLanes] units, or [width] distances in a stencil
  int32_t width;
  int32_t stencil;  // 1: the columns are distances from the row
};

// Constants of kStripRows units; padding and clamped units have mobility 0 and never move.
struct UnitStrip {
  alignas(64) float J2[kStripRows], J3[kStripRows], J4[kStripRows],
      bias[kStripRows];                       // of the force, and of the ledger
  alignas(64) float mobility_dt[kStripRows];  // mu dt
  alignas(64) float noise_scale[kStripRows];  // sqrt(2 mu dt)
  alignas(64) int32_t group[kStripRows];
};

// One tile. A slot is the place of a trajectory; a wide tile may have idle ones at its end.
struct Tile {
  int64_t padded_units;     // as of padded_units()
  int slots;                // wide: a multiple of kLanes
  float *x, *next, *noise;  // states in the tile's layout; noise holds R_k for Leimkuhler-Matthews
  float* put;               // what couplings that saturate read of x, in its layout; null where none do
  const float* pattern;     // same layout, or null
  // Pairs: x of two units in one word in the tile's layout with half the units, and with split what rounding left over.
  uint32_t *pairs, *rests;
  int64_t pair_stride;  // words from one lane block (wide) or trajectory (narrow) to the next
  NoiseKey key;
  uint64_t first_trajectory;

  // Books, [slots]; sums over the segment so far.
  double *work, *heat, *entropy;
  double* last_energy;  // V of the current x under the last control
  // Of the last pass over x: energy without the drive [slots], and the overlap of pattern and state [groups][slots].
  double *inner, *overlap;
};

// Steps of one segment, control constant during each.
struct StepPlan {
  const Piece* pieces;  // null without dense couplings
  int64_t piece_count;
  Products products;
  SparseRows sparse;              // wide
  bool scattered;                 // they are no lattice
  const float* saturation;        // [padded units] X of what couplings read of a unit, 0 for x; null where none do
  const Slice* slices;            // narrow, [padded units / kLanes]; null without sparse couplings
  const UnitStrip* const* units;  // [units / kStripRows, rounded up]; strips that are alike are one
  int64_t unit_count;
  int groups;
  const double* drive;  // [steps][groups]
  const double* kT;     // [steps]
  int64_t first_step;   // of the run
  int64_t first_draw;   // number of the first step for the draws
  int64_t steps;
  bool average_noise;  // Leimkuhler-Matthews
  bool driven;         // any amplitude is not zero
};

// What an engine asks of one layout.
struct StepKernels {
  // Takes steps [from, to) of the segment. Before each step it books the heat of the step before it and the work of
  // the change of control; before step 0 only the work, against last_energy taken under the segment before.
  void (*advance)(Tile& tile, const StepPlan& plan, int64_t from, int64_t to);
  // After the last step of the segment: books its heat; last_energy becomes V of the current x.
  void (*settle)(Tile& tile, const StepPlan& plan);
  // last_energy becomes V of the current x under the control of step 0, nothing is booked.
  void (*begin)(Tile& tile, const StepPlan& plan);
  // Leimkuhler-Matthews: fills tile.noise with the draws of one global step.
  void (*fill_noise)(Tile& tile, uint64_t step);
};

struct LayoutKernels {
  const StepKernels *wide, *narrow;
  const StepKernels& of(Layout layout) const { return layout == Layout::wide ? *wide : *narrow; }
};

}  // namespace swell::cpu
