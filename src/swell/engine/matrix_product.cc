#include "swell/engine/matrix_product.h"

#include <algorithm>

#include "swell/base/threads.h"
#include "swell/engine/cpu/dispatch.h"

namespace swell {

void add_product(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
                 int64_t ldc, int threads) {
  constexpr int64_t kRows = 96;
  const cpu::Kernels& kernels = cpu::kernels();
  parallel_for((m + kRows - 1) / kRows, threads, [&](int64_t piece) {
    const int64_t first = piece * kRows;
    kernels.multiply(std::min(kRows, m - first), n, k, a + first * lda, lda, b, ldb, c + first * ldc, ldc);
  });
}

}  // namespace swell
