#include "swell/engine/cpu/packed.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "physics/machines.h"
#include "swell/model/sparse.h"

namespace swell::cpu {

namespace {

CouplingSet set_of(int64_t units, const std::vector<Edge>& edges) {
  return {"s", {{0, 0, sparse_from_edges(units, units, true, edges)}}, std::vector<double>(units, 0.0), {0}};
}

}  // namespace

TEST(packed, lattices_are_told_from_scattered_graphs) {
  const auto torus =
      lattice_edges(std::vector<int64_t>{12, 10}, std::vector<std::vector<int64_t>>{{0, 1}, {1, 0}, {1, 1}}, true, 1);
  EXPECT_FALSE(mostly_scattered(set_of(120, torus)));
  std::vector<Edge> scattered;
  for (int64_t i = 0; i < 120; ++i)
    scattered.push_back({i, (i * i + 7) % 120 == i ? (i + 1) % 120 : (i * i + 7) % 120});
  for (Edge& edge : scattered) {
    if (edge.row > edge.column) std::swap(edge.row, edge.column);
  }
  std::sort(scattered.begin(), scattered.end(),
            [](const Edge& a, const Edge& b) { return std::tie(a.row, a.column) < std::tie(b.row, b.column); });
  scattered.erase(std::unique(scattered.begin(), scattered.end(),
                              [](const Edge& a, const Edge& b) { return a.row == b.row && a.column == b.column; }),
                  scattered.end());
  EXPECT_TRUE(mostly_scattered(set_of(120, scattered)));
  const Computer dense = test::quartic_machine({9}, 1.0);
  EXPECT_FALSE(mostly_scattered(dense.sets[0]));
}

// The slices of a torus of 20 x 23, by hand on their first rows: inside, the distances of the lattice and no index per
// unit; at a seam those of the wrapped rows as well, and zeros where a row has no such neighbour.
TEST(packed, slices_of_a_lattice_hold_distances) {
  Computer computer = test::machine({460});
  computer.sets = {set_of(
      460, lattice_edges(std::vector<int64_t>{20, 23}, std::vector<std::vector<int64_t>>{{0, 1}, {1, 0}}, true, 2.5))};
  const PackedCouplings packed(computer, computer.sets[0], Layout::narrow, Products::single);
  StepPlan plan{};
  packed.fill(plan);
  const Slice& inside = plan.slices[3];  // units 48 to 63: columns 2 to 17 of the third lattice row
  ASSERT_EQ(inside.stencil, 1);
  ASSERT_EQ(inside.width, 4);
  EXPECT_EQ((std::vector<int32_t>{inside.columns, inside.columns + 4}), (std::vector<int32_t>{-23, -1, 1, 23}));
  for (int k = 0; k < 4 * kLanes; ++k) EXPECT_EQ(inside.weights[k], 2.5f);
  const Slice& seam = plan.slices[2];  // units 32 to 47: 45 is the last and 46 the first of a lattice row
  ASSERT_EQ(seam.stencil, 1);
  EXPECT_EQ((std::vector<int32_t>{seam.columns, seam.columns + seam.width}),
            (std::vector<int32_t>{-23, -22, -1, 1, 22, 23}));
  for (int lane = 0; lane < kLanes; ++lane) {
    EXPECT_EQ(seam.weights[1 * kLanes + lane], 32 + lane == 45 ? 2.5f : 0.0f) << lane;  // back to the row's first unit
    EXPECT_EQ(seam.weights[4 * kLanes + lane], 32 + lane == 46 ? 2.5f : 0.0f) << lane;  // on to the row's last unit
  }
}

}  // namespace swell::cpu
