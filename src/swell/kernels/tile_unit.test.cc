#define SWELL_KERNEL_NAMESPACE tile_unit_test
#include "swell/kernels/tile_unit.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

namespace swell::cpu {

namespace {

using tile_unit_test::EmulatedTiles;

using Words = std::vector<uint32_t>;  // [16][16]
constexpr size_t kWords = kTileRows * kTileWords;

uint32_t pair(float even, float odd) {
  return std::bit_cast<uint32_t>(even) >> 16 | (std::bit_cast<uint32_t>(odd) & 0xffff0000u);
}

// C[0][0] after C += A B with these pairs in A's first row and B's first column.
float first_sum(float C, const Words& row, const Words& column) {
  Words a(kWords), b(kWords), c(kWords, 0u);
  for (size_t k = 0; k < row.size(); ++k) a[k] = row[k];
  for (size_t k = 0; k < column.size(); ++k) b[k * kTileWords] = column[k];
  c[0] = std::bit_cast<uint32_t>(C);
  EmulatedTiles tiles;
  tiles.load<0>(c.data());
  tiles.load<1>(a.data());
  tiles.load<2>(b.data());
  tiles.multiply_add<0, 1, 2>();
  tiles.store<0>(c.data());
  return std::bit_cast<float>(c[0]);
}

}  // namespace

// A unit and nothing else in its place: C[m][n] takes row m of A and column n of B.
TEST(tile_unit, multiplies_rows_by_columns) {
  Words a(kWords, 0u), b(kWords, 0u), c(kWords, 0u);
  a[3 * kTileWords + 5] = pair(2, 4);
  b[5 * kTileWords + 7] = pair(8, 32);
  EmulatedTiles tiles;
  tiles.load<2>(c.data());
  tiles.load<4>(a.data());
  tiles.load<6>(b.data());
  tiles.multiply_add<2, 4, 6>();
  tiles.store<2>(c.data());
  for (size_t k = 0; k < kWords; ++k)
    EXPECT_EQ(std::bit_cast<float>(c[k]), k == 3 * kTileWords + 7 ? 2 * 8 + 4 * 32 : 0) << k;
}

// 2^24 + 1 is no float, so each of these sums tells one order from the others.
TEST(tile_unit, sums_even_and_odd_numbers_apart_from_zero) {
  const uint32_t one = pair(1, 1);
  // Even: 2^24, +1 lost, +1 lost. Odd: 0, 1, 1 = 2. In one chain the two odd ones would be lost as well.
  EXPECT_EQ(first_sum(0, {pair(0x1p24f, 0), one, one}, {one, one, one}), 0x1p24f + 2);
  // From zero and not from C: 1 + 1 is added to 2^24 at once.
  EXPECT_EQ(first_sum(0x1p24f, {one, one}, {pair(1, 0), pair(1, 0)}), 0x1p24f + 2);
  // Pairs ascend: 2^24 - 2^24 + 1, where another order loses the one.
  EXPECT_EQ(first_sum(0, {pair(0x1p24f, 0), pair(-0x1p24f, 0), one}, {one, one, pair(1, 0)}), 1);
  // Even and odd sums meet before C does: -2^24 + 2^24 first, then 1.
  EXPECT_EQ(first_sum(1, {pair(0x1p24f, -0x1p24f)}, {one}), 1);
}

TEST(tile_unit, takes_denormal_numbers_for_zero_and_flushes_small_results) {
  const float denormal = std::bit_cast<float>(0x00400000u);  // 2^-127
  EXPECT_EQ(first_sum(0, {pair(denormal, 0)}, {pair(0x1p100f, 0)}), 0);
  EXPECT_EQ(first_sum(0, {pair(0x1p-70f, 0)}, {pair(0x1p-60f, 0)}), 0);
  EXPECT_EQ(first_sum(denormal, {}, {}), 0);
  EXPECT_EQ(first_sum(0, {pair(0x1p-66f, 0)}, {pair(0x1p-60f, 0)}), 0x1p-126f);
}

}  // namespace swell::cpu
