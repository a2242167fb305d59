#include "swell/engine/pbits/colouring.h"

#include <gtest/gtest.h>

#include <set>

#include "swell/random/uniform.h"

namespace swell {

TEST(colouring, coupled_units_never_share_a_colour_and_every_unit_has_one_slot) {
  std::vector<IsingEdge> edges;
  for (uint64_t k = 0; k < 900; ++k) {
    const auto a = static_cast<int64_t>(300 * draw_uniform({1, 0}, 0, k)),
               b = static_cast<int64_t>(300 * draw_uniform({1, 0}, 1, k));
    if (a != b) edges.push_back({a, b, 1});
  }
  const Colouring colouring = colour(make_ising(300, edges));
  std::vector<int64_t> colour_of(300, -1);
  for (int64_t c = 0; c < colouring.colours(); ++c) {
    EXPECT_EQ(colouring.first[c] % pbits::kSlotBlock, 0);
    for (int64_t k = 0; k < colouring.count[c]; ++k) {
      const int32_t unit = colouring.unit[colouring.first[c] + k];
      ASSERT_GE(unit, 0);
      EXPECT_EQ(colour_of[unit], -1);
      EXPECT_EQ(colouring.slot_of[unit], colouring.first[c] + k);
      colour_of[unit] = c;
    }
  }
  for (const int64_t c : colour_of) EXPECT_GE(c, 0);
  for (const IsingEdge& edge : edges) EXPECT_NE(colour_of[edge.a], colour_of[edge.b]);
}

// The lattice kernel finds neighbours by arithmetic on these slots.
TEST(colouring, even_lattice_is_a_checkerboard_in_reading_order) {
  constexpr int64_t rows = 6, columns = 8;
  const Colouring colouring = colour(square_lattice(rows, columns, 1));
  ASSERT_EQ(colouring.colours(), 2);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c) {
      const int64_t slot = colouring.first[(r + c) % 2] + (r * columns + c) / 2;
      EXPECT_EQ(colouring.slot_of[r * columns + c], slot);
    }
  }
}

}  // namespace swell
