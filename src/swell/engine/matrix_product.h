#pragma once

#include <cstdint>

namespace swell {

// c[m][n] += a[m][k] b[k][n], double precision, row-major with leading dimensions. Rows of c are shared out over
// threads in fixed pieces; the sums have one order, so the bits depend neither on threads nor on the processor.
void add_product(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
                 int64_t ldc, int threads);

}  // namespace swell
