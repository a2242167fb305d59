#include "swell/kernels/matrix_product.h"

#include <gtest/gtest.h>

#include <array>

#include "physics/machines.h"
#include "swell/kernels/dispatch.h"

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

TEST(matrix_product, of_columns_is_the_product_with_the_transpose) {
  const int64_t m = 200, n = 75, k = 300, lda = m + 3;
  const auto a = table(k * lda, 125), b = table(k * n, 126);
  std::vector<double> turned(m * k), product(m * n, 0.25), columns = product;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t l = 0; l < k; ++l) turned[i * k + l] = a[l * lda + i];
  }
  add_product(m, n, k, turned.data(), k, b.data(), n, product.data(), n, 2);
  add_product_of_columns(m, n, k, a.data(), lda, b.data(), n, columns.data(), n, 2);
  EXPECT_EQ(columns, product);
  std::vector<double> gram(m * m, 0.25), square = gram;
  add_gram(m, k, a.data(), lda, gram.data(), m, 2);
  add_product_of_columns(m, m, k, a.data(), lda, a.data(), lda, square.data(), m, 1);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = i; j < m; ++j) ASSERT_EQ(gram[i * m + j], square[i * m + j]);
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
    cpu::kernels(isa).multiply(m, n, k, a.data(), k, 1, b.data(), n, c.data(), n);
    EXPECT_EQ(c, plain) << isa;
  }
}

}  // namespace swell
