#pragma once

#include <cstdint>

#include "swell/random/normal.h"

namespace swell {

// Trajectories as rows of numbers, for learning through the dynamics: each step is one product and one of these calls,
// and everything it leaves is there to be read. The same bits on any processor; one thread.

struct RowUnits {
  int64_t units;
  const float *J2, *J3, *J4;  // [units]
  const float* mobility_dt;   // [units] mu dt
  const float* noise_scale;   // [units] sqrt(2 mu kT dt)
};

// next = x - mu dt (U'(x) + field) + noise_scale normals; all [rows][stride]. normals: null without noise.
void advance_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* field, const float* normals,
                  const float* x, float* next);

// What that step does to a derivative with respect to its result, first half: weighted = mu dt slope.
void weigh_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* slope, float* weighted);

// Second half, coupled = weighted J: slope -= U''(x) weighted + coupled, the derivative with respect to x.
void retreat_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* x, const float* weighted,
                  const float* coupled, float* slope);

// Standard normals of trajectories first_trajectory + row at one step (random/normal.h): out[row][u], u < units, is
// that of unit first_unit + u.
void draw_rows(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t first_unit, int64_t units,
               int64_t stride, float* out);

// Products in single precision, row-major: c[m][n] += a[m][k] b[k][n]; and c[m][n] += a^T b with a[k][m].
void add_product_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb,
                     float* c, int64_t ldc);
void add_product_of_columns_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b,
                                int64_t ldb, float* c, int64_t ldc);

}  // namespace swell
