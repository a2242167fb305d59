#include "swell/engine/matrix_product.h"

#include <gtest/gtest.h>

#include <array>

#include "physics/machines.h"
#include "swell/engine/cpu/dispatch.h"

namespace swell {

namespace {

std::vector<double> table(int64_t size, uint64_t which) {
  std::vector<double> values(size);
  for (int64_t k = 0; k < size; ++k) values[k] = test::fixed_normal(which, k);
  return values;
}

}  // namespace

// Sums of up to 200 terms of order one: rounding 200 x 1e-16 x a few.
TEST(matrix_product, adds_the_product_with_leading_dimensions) {
  for (const auto& [m, n, k] :
       std::vector<std::array<int64_t, 3>>{{1, 1, 1}, {5, 7, 3}, {97, 33, 200}, {200, 64, 17}, {3, 130, 129}}) {
    const int64_t lda = k + 2, ldb = n + 3, ldc = n + 1;
    const auto a = table(m * lda, 120), b = table(k * ldb, 121), before = table(m * ldc, 122);
    auto c = before;
    add_product(m, n, k, a.data(), lda, b.data(), ldb, c.data(), ldc, 2);
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < ldc; ++j) {
        double sum = before[i * ldc + j];
        for (int64_t l = 0; j < n && l < k; ++l) sum += a[i * lda + l] * b[l * ldb + j];
        ASSERT_NEAR(c[i * ldc + j], sum, 1e-12) << m << " " << n << " " << k;  // beyond column n: untouched
      }
    }
  }
}

TEST(matrix_product, bits_do_not_depend_on_threads_or_instruction_set) {
  const int64_t m = 250, n = 70, k = 131;
  const auto a = table(m * k, 123), b = table(k * n, 124);
  std::vector<double> plain(m * n, 0.5);
  add_product(m, n, k, a.data(), k, b.data(), n, plain.data(), n, 1);
  for (const int threads : {2, 7}) {
    std::vector<double> c(m * n, 0.5);
    add_product(m, n, k, a.data(), k, b.data(), n, c.data(), n, threads);
    EXPECT_EQ(c, plain);
  }
  for (const std::string_view isa : cpu::available_isas()) {
    std::vector<double> c(m * n, 0.5);
    cpu::kernels(isa).multiply(m, n, k, a.data(), k, b.data(), n, c.data(), n);
    EXPECT_EQ(c, plain) << isa;
  }
}

}  // namespace swell
