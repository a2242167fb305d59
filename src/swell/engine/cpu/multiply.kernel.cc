// Matrix product in double precision for learning, built once per instruction set. Each entry of the result is summed
// over k in ascending order in blocks of kDepth, so that every instruction set gives the same bits.

#include "swell/base/inline.h"
#include "swell/engine/cpu/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

namespace {

#ifdef __AVX512F__
constexpr int kColumns = 24;
#else
constexpr int kColumns = 8;
#endif
constexpr int kRows = 6;
constexpr int64_t kDepth = 256;

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
void pack_rows(int64_t m, int64_t depth, const double* a, int64_t lda, int64_t m0, double* out) {
  for (int64_t k = 0; k < depth; ++k) {
    for (int i = 0; i < kRows; ++i) out[k * kRows + i] = m0 + i < m ? a[(m0 + i) * lda + k] : 0.0;
  }
}

void product_block(int64_t depth, const double* a, const double* b, double (*sum)[kColumns]) {
  double local[kRows][kColumns] = {};
  for (int64_t k = 0; k < depth; ++k, a += kRows, b += kColumns) {
#pragma GCC unroll 6
    for (int i = 0; i < kRows; ++i) {
#pragma omp simd
      for (int j = 0; j < kColumns; ++j) local[i][j] = __builtin_fma(a[i], b[j], local[i][j]);
    }
  }
  for (int i = 0; i < kRows; ++i) {
    for (int j = 0; j < kColumns; ++j) sum[i][j] = local[i][j];
  }
}

}  // namespace

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
              int64_t ldc);

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
              int64_t ldc) {
  constexpr int64_t kRowBlock = 16 * kRows;
  alignas(64) static thread_local double packed_a[kRowBlock * kDepth];
  alignas(64) double packed_b[kDepth * kColumns];
  for (int64_t m0 = 0; m0 < m; m0 += kRowBlock) {
    const int64_t m1 = m0 + kRowBlock < m ? m0 + kRowBlock : m;
    for (int64_t k0 = 0; k0 < k; k0 += kDepth) {
      const int64_t depth = k0 + kDepth < k ? kDepth : k - k0;
      for (int64_t i = m0; i < m1; i += kRows) pack_rows(m1, depth, a + k0, lda, i, packed_a + (i - m0) * kDepth);
      for (int64_t n0 = 0; n0 < n; n0 += kColumns) {
        pack_columns(n, depth, b + k0 * ldb, ldb, n0, packed_b);
        const int64_t width = n0 + kColumns < n ? kColumns : n - n0;
        for (int64_t i = m0; i < m1; i += kRows) {
          double sum[kRows][kColumns];
          product_block(depth, packed_a + (i - m0) * kDepth, packed_b, sum);
          for (int r = 0; r < kRows && i + r < m1; ++r) {
            for (int64_t j = 0; j < width; ++j) c[(i + r) * ldc + n0 + j] += sum[r][j];
          }
        }
      }
    }
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
