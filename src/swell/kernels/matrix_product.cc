#include "swell/kernels/matrix_product.h"

#include <algorithm>

#include "swell/base/threads.h"
#include "swell/kernels/dispatch.h"

namespace swell {

namespace {

// Rows per piece: some pieces for each thread, yet enough rows to be worth packing the columns for.
int64_t rows_per_piece(int64_t rows, int threads) {
  constexpr int64_t kStep = 24, kMost = 192;
  const int64_t wanted = threads == 1 ? kMost : (rows + 4 * threads - 1) / (4 * threads);
  return std::clamp((wanted + kStep - 1) / kStep * kStep, kStep, kMost);
}

void add_pieces(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
                int64_t ldb, double* c, int64_t ldc, int threads, bool upper) {
  const cpu::Kernels& kernels = cpu::kernels();
  const int64_t rows = rows_per_piece(m, threads);
  parallel_for((m + rows - 1) / rows, threads, [&](int64_t piece) {
    const int64_t first = piece * rows, column = upper ? first : 0;
    kernels.multiply(std::min(rows, m - first), n - column, k, a + first * a_row, a_row, a_column, b + column, ldb,
                     c + first * ldc + column, ldc);
  });
}

}  // namespace

void add_product(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
                 int64_t ldc, int threads) {
  add_pieces(m, n, k, a, lda, 1, b, ldb, c, ldc, threads, false);
}

void add_product_of_columns(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb,
                            double* c, int64_t ldc, int threads) {
  add_pieces(m, n, k, a, 1, lda, b, ldb, c, ldc, threads, false);
}

void add_gram(int64_t n, int64_t k, const double* a, int64_t lda, double* c, int64_t ldc, int threads) {
  add_pieces(n, n, k, a, 1, lda, a, lda, c, ldc, threads, true);
}

}  // namespace swell
