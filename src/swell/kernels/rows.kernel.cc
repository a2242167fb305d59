// Steps of trajectories that lie in rows, and the way back through them, built once per instruction set
// (kernels/rows.h).

#include "swell/kernels/rows.h"
#include "swell/kernels/kernel.h"
#include "swell/kernels/noise.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void advance_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* field, const float* normals,
                  const float* x, float* next);
void weigh_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* slope, float* weighted);
void retreat_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* x, const float* weighted,
                  const float* coupled, float* slope);
void draw_rows(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t first_unit, int64_t units,
               int64_t stride, float* out);

void advance_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* field, const float* normals,
                  const float* x, float* next) {
  for (int64_t row = 0; row < rows; ++row, field += stride, x += stride, next += stride) {
    const float* draws = normals ? normals + row * stride : nullptr;
    if (draws) {
#pragma omp simd
      for (int64_t i = 0; i < units.units; ++i) {
        const float gradient = onsite_gradient(x[i], units.J2[i], units.J3[i], units.J4[i]) + field[i];
        next[i] = langevin_step(x[i], gradient, units.mobility_dt[i], units.noise_scale[i], draws[i]);
      }
    } else {
#pragma omp simd
      for (int64_t i = 0; i < units.units; ++i) {
        const float gradient = onsite_gradient(x[i], units.J2[i], units.J3[i], units.J4[i]) + field[i];
        next[i] = drift_step(x[i], gradient, units.mobility_dt[i]);
      }
    }
  }
}

void weigh_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* slope, float* weighted) {
  for (int64_t row = 0; row < rows; ++row, slope += stride, weighted += stride) {
#pragma omp simd
    for (int64_t i = 0; i < units.units; ++i) weighted[i] = units.mobility_dt[i] * slope[i];
  }
}

void retreat_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* x, const float* weighted,
                  const float* coupled, float* slope) {
  for (int64_t row = 0; row < rows; ++row, x += stride, weighted += stride, coupled += stride, slope += stride) {
#pragma omp simd
    for (int64_t i = 0; i < units.units; ++i) {
      slope[i] -= onsite_curvature(x[i], units.J2[i], units.J3[i], units.J4[i]) * weighted[i] + coupled[i];
    }
  }
}

// Many blocks of four normals at once, counted through the rows.
void draw_rows(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t first_unit, int64_t units,
               int64_t stride, float* out) {
  const int64_t first_block = first_unit / kNormalsPerBlock;
  const int64_t blocks = (first_unit + units - 1) / kNormalsPerBlock - first_block + 1;
  const int64_t shift = first_unit - first_block * kNormalsPerBlock;
  alignas(64) float draws[kGroups][kNormalsPerBlock][kLanes];
  BlockCounters counters;
  for (int64_t from = 0; from < rows * blocks; from += kBlocks) {
    for (int i = 0; i < kBlocks; ++i) {
      const int64_t number = from + i, row = number / blocks;
      const uint64_t trajectory = first_trajectory + static_cast<uint64_t>(row);
      counters.block[i] = static_cast<uint32_t>(first_block + number - row * blocks);
      counters.trajectory_low[i] = static_cast<uint32_t>(trajectory);
      counters.trajectory_high[i] = static_cast<uint32_t>(trajectory >> 32);
    }
    draw_normals(key, step, counters, draws[0][0]);
    for (int i = 0; i < kBlocks && from + i < rows * blocks; ++i) {
      const int64_t number = from + i, row = number / blocks;
      const int64_t at = (number - row * blocks) * kNormalsPerBlock - shift;
      for (int k = 0; k < kNormalsPerBlock; ++k) {
        if (at + k >= 0 && at + k < units) out[row * stride + at + k] = draws[i / kLanes][k][i % kLanes];
      }
    }
  }
}

// Whole strips of each row.
void fill_normals(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t stride, float* out) {
  alignas(64) float r[kGroups][kStripRows];
  const int64_t strips = stride / kStripRows;
  for (int64_t row = 0; row < rows; ++row, out += stride) {
    for (int64_t strip = 0; strip < strips; strip += kGroups) {
      draw_strips(key, step, first_trajectory + static_cast<uint64_t>(row), strip, r);
      const int64_t wanted = strips - strip < kGroups ? strips - strip : kGroups;
      __builtin_memcpy(out + strip * kStripRows, r[0], static_cast<uint64_t>(wanted) * sizeof r[0]);
    }
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
