// Matrix product in double precision for learning, built once per instruction set. Each entry of the result is summed
// over k in ascending order in blocks of kDepth, so that every instruction set gives the same bits.

#include "swell/base/inline.h"
#include "swell/engine/cpu/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
              int64_t ldb, double* c, int64_t ldc);

namespace {

#ifdef __AVX512F__
constexpr int kRows = 8, kColumns = 24;
#else
constexpr int kRows = 6, kColumns = 8;
#endif
constexpr int64_t kDepth = 256;
constexpr int64_t kRowBlock = 192;  // rows of a packed at once: 384 KiB, in the second cache

// b[depth][columns from n0] packed to [depth][kColumns], zeros beyond n.
void pack_columns(int64_t n, int64_t depth, const double* b, int64_t ldb, int64_t n0, double* out) {
  if (n0 + kColumns <= n) {
    for (int64_t k = 0; k < depth; ++k) {
#pragma omp simd
      for (int j = 0; j < kColumns; ++j) out[k * kColumns + j] = b[k * ldb + n0 + j];
    }
    return;
  }
  for (int64_t k = 0; k < depth; ++k) {
    for (int j = 0; j < kColumns; ++j) out[k * kColumns + j] = n0 + j < n ? b[k * ldb + n0 + j] : 0.0;
  }
}

// a[rows from m0][depth] packed to [depth][kRows], zeros beyond m.
void pack_rows(int64_t m, int64_t depth, const double* a, int64_t a_row, int64_t a_column, int64_t m0, double* out) {
  if (m0 + kRows <= m) {
    for (int64_t k = 0; k < depth; ++k) {
      for (int i = 0; i < kRows; ++i) out[k * kRows + i] = a[(m0 + i) * a_row + k * a_column];
    }
    return;
  }
  for (int64_t k = 0; k < depth; ++k) {
    for (int i = 0; i < kRows; ++i) out[k * kRows + i] = m0 + i < m ? a[(m0 + i) * a_row + k * a_column] : 0.0;
  }
}

// c[rows][columns] += a b for one tile of packed a and b.
void add_tile(int64_t depth, const double* a, const double* b, int64_t rows, int64_t columns, double* c, int64_t ldc) {
  double sum[kRows][kColumns] = {};
  for (int64_t k = 0; k < depth; ++k, a += kRows, b += kColumns) {
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
#pragma omp simd
      for (int j = 0; j < kColumns; ++j) sum[i][j] = __builtin_fma(a[i], b[j], sum[i][j]);
    }
  }
  if (rows == kRows && columns == kColumns) {
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
#pragma omp simd
      for (int j = 0; j < kColumns; ++j) c[i * ldc + j] += sum[i][j];
    }
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) c[i * ldc + j] += sum[i][j];
  }
}

}  // namespace

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
              int64_t ldb, double* c, int64_t ldc) {
  alignas(64) static thread_local double packed_a[kRowBlock * kDepth];
  alignas(64) double packed_b[kDepth * kColumns];
  for (int64_t m0 = 0; m0 < m; m0 += kRowBlock) {
    const int64_t m1 = m0 + kRowBlock < m ? m0 + kRowBlock : m;
    for (int64_t k0 = 0; k0 < k; k0 += kDepth) {
      const int64_t depth = k0 + kDepth < k ? kDepth : k - k0;
      for (int64_t i = m0; i < m1; i += kRows)
        pack_rows(m1, depth, a + k0 * a_column, a_row, a_column, i, packed_a + (i - m0) * depth);
      for (int64_t n0 = 0; n0 < n; n0 += kColumns) {
        pack_columns(n, depth, b + k0 * ldb, ldb, n0, packed_b);
        const int64_t columns = n0 + kColumns < n ? kColumns : n - n0;
        for (int64_t i = m0; i < m1; i += kRows) {
          add_tile(depth, packed_a + (i - m0) * depth, packed_b, i + kRows < m1 ? kRows : m1 - i, columns,
                   c + i * ldc + n0, ldc);
        }
      }
    }
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
