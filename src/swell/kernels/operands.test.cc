#include "swell/kernels/operands.h"

#include <gtest/gtest.h>

#include <cmath>
#include <tuple>
#include <vector>

#include "swell/kernels/kernel.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

std::vector<float> numbers(int64_t count, uint64_t which) {
  std::vector<float> values(count);
  for (int64_t k = 0; k < count; ++k) values[k] = draw_normal({7, stream::kTesting}, which, 0, k);
  return values;
}

std::vector<float> transposed(const std::vector<float>& a, int64_t rows, int64_t columns) {
  std::vector<float> t(a.size());
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) t[j * rows + i] = a[i * columns + j];
  }
  return t;
}

double rounded(float value) { return __builtin_bit_cast(float, cpu::bf16_bits(value) << 16); }

}  // namespace

// Both sides filled both ways, sizes that are no multiples of a tile, against sums in double precision of the numbers
// as they are rounded.
TEST(operands, products_are_those_of_the_rounded_numbers) {
  for (const auto& [m, n, k] : {std::tuple<int64_t, int64_t, int64_t>{16, 16, 32}, {33, 50, 70}, {64, 31, 480}}) {
    const std::vector<float> a = numbers(m * k, 1), b = numbers(k * n, 2);
    const std::vector<float> at = transposed(a, m, k), bt = transposed(b, k, n);
    for (const bool bf16 : {false, true}) {
      for (const bool by_depth : {false, true}) {
        Operand left(Side::left, bf16, m, k), right(Side::right, bf16, n, k);
        if (by_depth) {
          const int64_t half = k / 2 / Operand::kDepthStep * Operand::kDepthStep;
          left.fill_depth(0, half, at.data(), m);
          left.fill_depth(half, k - half, at.data() + half * m, m);
          right.fill_depth(0, k, b.data(), n);
        } else {
          left.fill_width(0, m, a.data(), k);
          const int64_t half = n / 2 / Operand::kWidthStep * Operand::kWidthStep;
          right.fill_width(0, half, bt.data(), k);
          right.fill_width(half, n - half, bt.data() + half * k, k);
        }
        const int64_t ldc = padded_width(n), first = m > 16 ? 16 : 0;
        std::vector<float> c(padded_width(m) * ldc, 5.0f);
        multiply(left, first, m - first, right, c.data(), ldc);
        for (int64_t i = first; i < m; ++i) {
          for (int64_t j = 0; j < n; ++j) {
            double sum = 0, size = 0;
            for (int64_t l = 0; l < k; ++l) {
              const float x = a[i * k + l], y = b[l * n + j];
              const double term = bf16 ? rounded(x) * rounded(y) : static_cast<double>(x) * static_cast<double>(y);
              sum += term;
              size += std::abs(term);
            }
            EXPECT_NEAR(c[(i - first) * ldc + j], sum, 3e-6 * size) << m << " " << n << " " << k << " " << bf16;
          }
        }
      }
    }
  }
}

// A part of a product is that part of the product of the parts.
TEST(operands, parts_of_products) {
  const int64_t m = 48, n = 80, k = 128;
  const std::vector<float> a = numbers(m * k, 3), b = numbers(k * n, 4);
  for (const bool bf16 : {false, true}) {
    Operand left(Side::left, bf16, m, k), right(Side::right, bf16, n, k);
    left.fill_width(0, m, a.data(), k);
    // The right side in two parts of its width, by depth.
    right.fill_depth(0, k, b.data(), n, 0, 48);
    right.fill_depth(0, k, b.data() + 48, n, 48, n - 48);
    const ProductPart part{16, 20, 32, 37, 64, 32, 64};
    const int64_t ldc = padded_width(part.columns);
    std::vector<float> c(padded_width(part.rows) * ldc, 5.0f);
    multiply(left, right, part, c.data(), ldc);
    for (int64_t i = 0; i < part.rows; ++i) {
      for (int64_t j = 0; j < part.columns; ++j) {
        double sum = 0, size = 0;
        for (int64_t l = 0; l < part.depth; ++l) {
          const float x = a[(16 + i) * k + 64 + l], y = b[(32 + l) * n + 32 + j];
          const double term = bf16 ? rounded(x) * rounded(y) : static_cast<double>(x) * static_cast<double>(y);
          sum += term;
          size += std::abs(term);
        }
        EXPECT_NEAR(c[i * ldc + j], sum, 3e-6 * size) << i << " " << j << " " << bf16;
      }
    }
  }
}

}  // namespace swell
