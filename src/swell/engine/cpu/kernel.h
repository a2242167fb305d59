#pragma once

#include <cstdint>

#include "swell/random/normal.h"

// The door between the portable engine and the kernels that are built once per instruction set. Plain data only: a
// kernel file includes no standard template, so that no wide instruction can leak into shared code.
namespace swell::cpu {

constexpr int kLanes = 16;         // trajectories side by side in memory
constexpr int kPanelRows = 6;      // rows of J that the inner loop carries
constexpr int kSlabRows = 12;      // rows updated together: three blocks of four normals
constexpr int kMaxLaneBlocks = 4;  // lane blocks that one thread advances together
constexpr int kMaxGroups = 64;

constexpr int kPieceColumns = 64;  // columns per piece: the states of a tile's columns stay in the first cache

// A piece of J: six rows, a few columns. Pieces are stored in the order in which a step reads them, and in each row
// the columns ascend, so that sums have one order.
struct Piece {
  const float* weights;  // [last - first][kPanelRows]
  int32_t row;           // first row
  int32_t first, last;   // columns [first, last)
};

// Constants of the units, [padded units] each; padding and clamped units have mobility 0 and never move.
struct UnitTable {
  const float *J2, *J3, *J4, *bias;                       // for the force
  const double *J2_book, *J3_book, *J4_book, *bias_book;  // for the ledger
  const float* mobility_dt;                               // mu dt
  const float* noise_scale;                               // sqrt(2 mu dt)
  const int32_t* group;
};

// One tile: a few lane blocks of trajectories that one thread advances through one segment.
struct Tile {
  int64_t padded_units;     // multiple of kSlabRows
  int lane_blocks;          // 1 to kMaxLaneBlocks
  float *x, *next, *noise;  // [lane block][padded units][kLanes]; noise holds R_k for Leimkuhler-Matthews
  const float* pattern;     // same layout, or null
  NoiseKey key;
  uint64_t first_trajectory;

  // Books, [lane block][kLanes]; sums over the segment so far.
  double *work, *heat, *entropy;
  double* last_energy;  // V of the current x under the last control
};

// Steps of one segment, control constant during each.
struct StepPlan {
  const Piece* pieces;  // null without couplings
  int64_t piece_count;
  UnitTable units;
  int groups;
  const double* drive;  // [steps][groups]
  const double* kT;     // [steps]
  int64_t first_step;   // global number of the first step, for the draws
  int64_t steps;
  bool average_noise;  // Leimkuhler-Matthews
  bool driven;         // any amplitude is not zero
};

struct Kernels {
  const char* isa;
  // Takes steps [from, to) of the segment. Before each step it books the heat of the step before it and the work of
  // the change of control; before step 0 only the work, against last_energy taken under the segment before.
  void (*advance)(Tile& tile, const StepPlan& plan, int64_t from, int64_t to);
  // After the last step of the segment: books its heat; last_energy becomes V of the current x.
  void (*settle)(Tile& tile, const StepPlan& plan);
  // last_energy becomes V of the current x under the control of step 0, nothing is booked.
  void (*begin)(Tile& tile, const StepPlan& plan);
  // Leimkuhler-Matthews: fills tile.noise with the draws of one global step.
  void (*fill_noise)(Tile& tile, uint64_t step);
  // c[m][n] += a[m][k] b[k][n] in double precision, row-major with leading dimensions, one thread.
  void (*multiply)(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb,
                   double* c, int64_t ldc);
};

}  // namespace swell::cpu
