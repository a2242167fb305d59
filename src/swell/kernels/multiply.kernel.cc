// Matrix products in double and single precision for learning, built once per instruction set. Each entry of the result
// is summed over k in ascending order in blocks of kDepth, so that every instruction set gives the same bits.

#include "swell/base/inline.h"
#include "swell/kernels/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
              int64_t ldb, double* c, int64_t ldc);
void multiply_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b,
                  int64_t ldb, float* c, int64_t ldc);

namespace {

// Three registers of columns with AVX-512, two otherwise.
#ifdef __AVX512F__
constexpr int kRows = 8, kColumnBytes = 192;
#elif defined(__wasm_simd128__)
constexpr int kRows = 4, kColumnBytes = 32;
#else
constexpr int kRows = 6, kColumnBytes = 64;
#endif
template <class T>
constexpr int kColumns = kColumnBytes / static_cast<int>(sizeof(T));
constexpr int64_t kDepth = 256;
constexpr int64_t kRowBlock = 192;  // rows of a packed at once: 384 KiB, in the second cache

#ifdef __wasm__
// No instruction for it, and in software it takes a hundred times as long: rounded twice, so that what is learned here
// differs from elsewhere in the last bits.
SWELL_INLINE double fused(double a, double b, double c) { return a * b + c; }
SWELL_INLINE float fused(float a, float b, float c) { return a * b + c; }
#else
SWELL_INLINE double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }
SWELL_INLINE float fused(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
#endif

// b[depth][columns from n0] packed to [depth][kColumns<T>], zeros beyond n.
template <class T>
void pack_columns(int64_t n, int64_t depth, const T* b, int64_t ldb, int64_t n0, T* out) {
  if (n0 + kColumns<T> <= n) {
    for (int64_t k = 0; k < depth; ++k) {
#pragma omp simd
      for (int j = 0; j < kColumns<T>; ++j) out[k * kColumns<T> + j] = b[k * ldb + n0 + j];
    }
    return;
  }
  for (int64_t k = 0; k < depth; ++k) {
    for (int j = 0; j < kColumns<T>; ++j) out[k * kColumns<T> + j] = n0 + j < n ? b[k * ldb + n0 + j] : T(0);
  }
}

// a[rows from m0][depth] packed to [depth][kRows], zeros beyond m.
template <class T>
void pack_rows(int64_t m, int64_t depth, const T* a, int64_t a_row, int64_t a_column, int64_t m0, T* out) {
  if (m0 + kRows <= m) {
    for (int64_t k = 0; k < depth; ++k) {
      for (int i = 0; i < kRows; ++i) out[k * kRows + i] = a[(m0 + i) * a_row + k * a_column];
    }
    return;
  }
  for (int64_t k = 0; k < depth; ++k) {
    for (int i = 0; i < kRows; ++i) out[k * kRows + i] = m0 + i < m ? a[(m0 + i) * a_row + k * a_column] : T(0);
  }
}

// c[rows][columns] += a b for one tile of packed a and b.
template <class T>
void add_tile(int64_t depth, const T* a, const T* b, int64_t rows, int64_t columns, T* c, int64_t ldc) {
  T sum[kRows][kColumns<T>] = {};
  for (int64_t k = 0; k < depth; ++k, a += kRows, b += kColumns<T>) {
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
#pragma omp simd
      for (int j = 0; j < kColumns<T>; ++j) sum[i][j] = fused(a[i], b[j], sum[i][j]);
    }
  }
  if (rows == kRows && columns == kColumns<T>) {
#pragma GCC unroll 8
    for (int i = 0; i < kRows; ++i) {
#pragma omp simd
      for (int j = 0; j < kColumns<T>; ++j) c[i * ldc + j] += sum[i][j];
    }
    return;
  }
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) c[i * ldc + j] += sum[i][j];
  }
}

template <class T>
void multiply_any(int64_t m, int64_t n, int64_t k, const T* a, int64_t a_row, int64_t a_column, const T* b, int64_t ldb,
                  T* c, int64_t ldc) {
  alignas(64) static thread_local T packed_a[kRowBlock * kDepth];
  alignas(64) T packed_b[kDepth * kColumns<T>];
  for (int64_t m0 = 0; m0 < m; m0 += kRowBlock) {
    const int64_t m1 = m0 + kRowBlock < m ? m0 + kRowBlock : m;
    for (int64_t k0 = 0; k0 < k; k0 += kDepth) {
      const int64_t depth = k0 + kDepth < k ? kDepth : k - k0;
      for (int64_t i = m0; i < m1; i += kRows)
        pack_rows(m1, depth, a + k0 * a_column, a_row, a_column, i, packed_a + (i - m0) * depth);
      for (int64_t n0 = 0; n0 < n; n0 += kColumns<T>) {
        pack_columns(n, depth, b + k0 * ldb, ldb, n0, packed_b);
        const int64_t columns = n0 + kColumns<T> < n ? kColumns<T> : n - n0;
        for (int64_t i = m0; i < m1; i += kRows) {
          add_tile(depth, packed_a + (i - m0) * depth, packed_b, i + kRows < m1 ? kRows : m1 - i, columns,
                   c + i * ldc + n0, ldc);
        }
      }
    }
  }
}

}  // namespace

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t a_row, int64_t a_column, const double* b,
              int64_t ldb, double* c, int64_t ldc) {
  multiply_any(m, n, k, a, a_row, a_column, b, ldb, c, ldc);
}

void multiply_f32(int64_t m, int64_t n, int64_t k, const float* a, int64_t a_row, int64_t a_column, const float* b,
                  int64_t ldb, float* c, int64_t ldc) {
  multiply_any(m, n, k, a, a_row, a_column, b, ldb, c, ldc);
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
