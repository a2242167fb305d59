#include "swell/kernels/rows.h"

#include "swell/kernels/dispatch.h"

namespace swell {

void advance_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* field, const float* normals,
                  const float* x, float* next) {
  cpu::kernels().advance_rows(units, rows, stride, field, normals, x, next);
}

void weigh_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* slope, float* weighted) {
  cpu::kernels().weigh_rows(units, rows, stride, slope, weighted);
}

void retreat_rows(const RowUnits& units, int64_t rows, int64_t stride, const float* x, const float* weighted,
                  const float* coupled, float* slope) {
  cpu::kernels().retreat_rows(units, rows, stride, x, weighted, coupled, slope);
}

void draw_rows(NoiseKey key, uint64_t first_trajectory, int64_t rows, uint64_t step, int64_t first_unit, int64_t units,
               int64_t stride, float* out) {
  cpu::kernels().draw_rows(key, first_trajectory, rows, step, first_unit, units, stride, out);
}

void add_product_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b, int64_t ldb,
                     float* c, int64_t ldc) {
  cpu::kernels().multiply_f32(m, n, k, a, lda, 1, b, ldb, c, ldc);
}

void add_product_of_columns_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t lda, const float* b,
                                int64_t ldb, float* c, int64_t ldc) {
  cpu::kernels().multiply_f32(m, n, k, a, 1, lda, b, ldb, c, ldc);
}

}  // namespace swell
