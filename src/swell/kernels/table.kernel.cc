// The kernels of this folder for one instruction set, for kernels/dispatch.cc.

#include "swell/kernels/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

extern const CeilingKernels kCeilingKernels;
void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
              int64_t ldb, double* c, int64_t ldc);
void multiply_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b,
                  int64_t ldb, float* c, int64_t ldc);
void pack_rows_bf16(int64_t rows, int64_t depth, const float* from, int64_t stride, uint32_t* tiles);
void pack_columns_bf16(int64_t columns, int64_t depth, const float* from, int64_t stride, uint32_t* tiles);
void turn_tiles(int64_t tiles, const uint32_t* from, uint32_t* to);
void multiply_bf16(int64_t row_blocks, int64_t column_blocks, int64_t depth_blocks, const uint32_t* a,
                   int64_t a_depth_blocks, const uint32_t* b, int64_t b_depth_blocks, float* c, int64_t ldc);
void advance_densities(const DensityStep& step);
void advance_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* field, const float* normals,
                  const float* x, float* next);
void weigh_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* slope, float* weighted);
void retreat_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* x, const float* weighted,
                  const float* coupled, float* slope);
void draw_rows(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t first_unit, int64_t units,
               int64_t stride, float* out);
void fill_normals(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t stride, float* out);

extern const Kernels kKernels;
const Kernels kKernels = {&kCeilingKernels, multiply,      multiply_f32,      pack_rows_bf16, pack_columns_bf16,
                          turn_tiles,       multiply_bf16, advance_densities, advance_rows,   weigh_rows,
                          retreat_rows,     draw_rows,     fill_normals};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
