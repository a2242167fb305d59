// All kernels of one instruction set, for engine/cpu/dispatch.cc.

#include "swell/engine/cpu/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

extern const StepKernels kWideKernels, kNarrowKernels;
extern const CeilingKernels kCeilingKernels;
void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
              int64_t ldb, double* c, int64_t ldc);
void multiply_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b,
                  int64_t ldb, float* c, int64_t ldc);
void advance_densities(const DensityStep& step);
void advance_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* field, const float* normals,
                  const float* x, float* next);
void weigh_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* slope, float* weighted);
void retreat_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* x, const float* weighted,
                  const float* coupled, float* slope);
void draw_rows(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t first_unit, int64_t units,
               int64_t stride, float* out);

void sweep_bits(pbits::BitTile& tile, const pbits::BitPlan& plan, const pbits::AcceptanceTable& table, int64_t sweep);
void sweep_wide(pbits::WideTile& tile, const pbits::RealPlan& plan, const float* beta2, int64_t sweep);
void sweep_narrow(pbits::NarrowTile& tile, const pbits::RealPlan& plan, const float* beta2, int64_t from, int64_t to);

namespace {
constexpr pbits::PbitKernels kPbitKernels = {sweep_bits, sweep_wide, sweep_narrow};
}

#if defined(__AMX_BF16__)
constexpr bool kTiles = true;
#else
constexpr bool kTiles = false;
#endif

extern const Kernels kKernels, kEmulatedTileKernels;
const Kernels kKernels = {SWELL_KERNEL_ISA, kTiles,       &kWideKernels, &kNarrowKernels,   &kCeilingKernels,
                          &kPbitKernels,    multiply,     multiply_f32,  advance_densities, advance_rows,
                          weigh_rows,       retreat_rows, draw_rows};
const Kernels kEmulatedTileKernels = {"amx-emulated", true,         &kWideKernels, &kNarrowKernels,   &kCeilingKernels,
                                      &kPbitKernels,  multiply,     multiply_f32,  advance_densities, advance_rows,
                                      weigh_rows,     retreat_rows, draw_rows};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
