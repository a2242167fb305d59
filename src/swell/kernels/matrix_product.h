#pragma once

#include <cstdint>

namespace swell {

// Products in double precision, row-major with leading dimensions. Tiles of c are shared out over threads; each entry
// is one sum over k in one order, so the bits depend neither on threads nor on the processor.

// c[m][n] += a[m][k] b[k][n].
void add_product(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
                 int64_t ldc, int threads);

// c[m][n] += a^T b with a[k][m], b[k][n].
void add_product_of_columns(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb,
                            double* c, int64_t ldc, int threads);

// c[n][n] += a^T a with a[k][n]: the entries on and above the diagonal; of those below, an unspecified part.
void add_gram(int64_t n, int64_t k, const double* a, int64_t lda, double* c, int64_t ldc, int threads);

}  // namespace swell
