#pragma once

#include <cstdint>

#include "swell/kernels/matrix_product.h"
#include "swell/kernels/rows.h"

namespace swell {

// The field that clamped units make on free ones, which stays while they are held: field[r][i] += sum over a of
// x[r][a] J[a][i], a row r for each pattern. The force on unit i is its negative. Rows have leading dimensions.
inline void add_clamped_field(int64_t rows, int64_t free, int64_t clamped, const double* x, int64_t ldx,
                              const double* J, int64_t ldj, double* field, int64_t ldf, int threads) {
  add_product(rows, free, clamped, x, ldx, J, ldj, field, ldf, threads);
}
// In single precision, for learning; one thread.
inline void add_clamped_field(int64_t rows, int64_t free, int64_t clamped, const float* x, int64_t ldx, const float* J,
                              int64_t ldj, float* field, int64_t ldf) {
  add_product_f32(rows, free, clamped, x, ldx, J, ldj, field, ldf);
}

}  // namespace swell
