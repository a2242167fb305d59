#pragma once

#include <cstdint>

#include "swell/kernels/densities.h"
#include "swell/kernels/rows.h"
#include "swell/random/normal.h"

// What all kernel files share: they are built once per instruction set (kernels.cmake). Plain data only: a kernel file
// includes no standard template, so that no wide instruction can leak into shared code.
namespace swell::cpu {

constexpr int kLanes = 16;      // floats side by side in a register or two
constexpr int kStripRows = 64;  // numbers of a row that are drawn and updated together: kLanes blocks of four normals
// The register of a tile unit (AMX): so many rows of so many words.
constexpr int kTileRows = 16, kTileWords = 16;

// A number rounded to bf16 (the upper half of a float), to nearest, ties to even. Sizes below 2^-48 become zero: then
// no product and no sum of products can be so small that an instruction set would flush it to zero.
SWELL_INLINE uint32_t bf16_bits(float value) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, value);
  const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  return (bits & 0x7fffffffu) < 0x27800000u ? 0u : rounded;
}
// What rounding left over, rounded in turn.
SWELL_INLINE uint32_t bf16_rest(float value) {
  return bf16_bits(value - __builtin_bit_cast(float, bf16_bits(value) << 16));
}

// Loops that do one thing as fast as this instruction set can: the ceilings of the step's figures. Each returns a value
// that depends on all of the work, so that none is left out.
struct CeilingKernels {
  float (*multiply_adds_f32)(int64_t rounds);  // rounds * f32_per_round fused multiply-adds
  double (*multiply_adds_f64)(int64_t rounds);
  float (*multiply_adds_bf16)(int64_t rounds);
  int64_t f32_per_round, f64_per_round, bf16_per_round;
  // Reads `count` words, a multiple of kReadWords, from an aligned buffer.
  uint32_t (*read)(const uint32_t* words, int64_t count);
  // Reads cache lines of kLineWords words each, in the order of `lines`.
  uint32_t (*read_lines)(const uint32_t* words, const uint32_t* lines, int64_t count);
  // The normals of this step of a trajectory's first units, kNormalsPerRound of them for each round, and nothing else.
  void (*normals)(NoiseKey key, uint64_t step, int64_t rounds, float* out);
};
constexpr int64_t kReadWords = 64;
constexpr int64_t kLineWords = 16;
constexpr int64_t kNormalsPerRound = 256;

// The loops that are not about running a machine; those that are have tables of their own, beside their engine.
struct Kernels {
  const CeilingKernels* ceilings;
  // c[m][n] += a[m][k] b[k][n] in double precision, one thread; a's entry [i][l] is a[i a_row + l a_column].
  void (*multiply)(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
                   int64_t ldb, double* c, int64_t ldc);
  void (*multiply_f32)(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b,
                       int64_t ldb, float* c, int64_t ldc);
  // Products of bf16 matrices (kernels/operands.h). Tiles: blocks of kTileRows rows and kTileWords pairs of numbers.
  // rows: from[rows][depth] to [blocks of rows][blocks of pairs][row][pair]; columns: from[depth][columns] to
  // [blocks of columns][blocks of pairs][pair][column]; turned, one becomes the other of the transposed matrix.
  void (*pack_rows_bf16)(int64_t rows, int64_t depth, const float* from, int64_t stride, uint32_t* tiles);
  void (*pack_columns_bf16)(int64_t columns, int64_t depth, const float* from, int64_t stride, uint32_t* tiles);
  void (*turn_tiles)(int64_t tiles, const uint32_t* from, uint32_t* to);
  // c += a b over depth_blocks tiles, in whole blocks; c[16 row_blocks][ldc].
  void (*multiply_bf16)(int64_t row_blocks, int64_t column_blocks, int64_t depth_blocks, const uint32_t* a,
                        int64_t a_depth_blocks, const uint32_t* b, int64_t b_depth_blocks, float* c, int64_t ldc);
  void (*advance_densities)(const DensityStep& step);
  // Trajectories as rows (kernels/rows.h).
  void (*advance_rows)(const RowUnits& units, int64_t rows, int64_t stride, const float* field, const float* normals,
                       const float* x, float* next);
  void (*weigh_rows)(const RowUnits& units, int64_t rows, int64_t stride, const float* slope, float* weighted);
  void (*retreat_rows)(const RowUnits& units, int64_t rows, int64_t stride, const float* x, const float* weighted,
                       const float* coupled, float* slope);
  void (*draw_rows)(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t first_unit,
                    int64_t units, int64_t stride, float* out);
  // Normals of trajectories first_trajectory + row at one step: out[row][u] is that of unit u < stride, a multiple of
  // kStripRows.
  void (*fill_normals)(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t stride,
                       float* out);
};

}  // namespace swell::cpu
