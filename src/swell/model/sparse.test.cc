#include "swell/model/sparse.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"

namespace swell {

TEST(sparse, rows_are_sorted_and_mirrored_within_a_group) {
  const SparseWeights within = sparse_from_edges(3, 3, true, {{2, 0, 5}, {1, 2, -1}});
  EXPECT_EQ(within.row_start, (std::vector<int64_t>{0, 1, 2, 4}));
  EXPECT_EQ(within.column, (std::vector<int32_t>{2, 2, 0, 1}));
  EXPECT_EQ(within.values, (std::vector<double>{5, -1, 5, -1}));
  const SparseWeights between = sparse_from_edges(2, 4, false, {{1, 3, 2}, {1, 1, 7}});
  EXPECT_EQ(between.row_start, (std::vector<int64_t>{0, 0, 2}));
  EXPECT_EQ(between.column, (std::vector<int32_t>{1, 3}));
  EXPECT_EQ(between.values, (std::vector<double>{7, 2}));
}

TEST(sparse, wrong_edges_are_refused) {
  EXPECT_THROW(sparse_from_edges(3, 3, true, {{1, 1, 1}}), InputError);
  EXPECT_THROW(sparse_from_edges(3, 3, true, {{0, 3, 1}}), InputError);
  EXPECT_THROW(sparse_from_edges(3, 3, true, {{-1, 2, 1}}), InputError);
  EXPECT_THROW(sparse_from_edges(3, 3, true, {{0, 1, 1}, {1, 0, 1}}), InputError);  // the same pair
  EXPECT_NO_THROW(sparse_from_edges(3, 3, false, {{0, 1, 1}, {1, 0, 1}}));          // two pairs
}

// A torus has as many couplings as units times distances; an open 3 x 4 lattice loses those across its borders.
TEST(sparse, lattices_have_the_couplings_of_their_geometry) {
  const std::vector<int64_t> shape{3, 4};
  const std::vector<std::vector<int64_t>> nearest{{0, 1}, {1, 0}};
  EXPECT_EQ(lattice_edges(shape, nearest, true, 1).size(), 24u);
  const auto open = lattice_edges(shape, nearest, false, -0.5);
  ASSERT_EQ(open.size(), 3u * 3 + 2 * 4);
  for (const Edge& edge : open) {
    const int64_t dy = edge.column / 4 - edge.row / 4, dx = edge.column % 4 - edge.row % 4;
    EXPECT_TRUE((dy == 0 && dx == 1) || (dy == 1 && dx == 0)) << edge.row << " " << edge.column;
    EXPECT_EQ(edge.J, -0.5);
  }
  const auto torus = lattice_edges(shape, std::vector<std::vector<int64_t>>{{1, -2}}, true, 1);
  EXPECT_EQ(torus[0].column, 1 * 4 + 2);   // (0, 0) -> (1, -2)
  EXPECT_EQ(torus[11].column, 0 * 4 + 1);  // (2, 3) -> (3, 1)
  EXPECT_THROW(lattice_edges(shape, std::vector<std::vector<int64_t>>{{3, 0}}, true, 1), InputError);
  EXPECT_THROW(lattice_edges(shape, std::vector<std::vector<int64_t>>{{1}}, true, 1), InputError);
}

}  // namespace swell
