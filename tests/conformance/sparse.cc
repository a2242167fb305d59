// Sparse couplings are the same couplings: the same bytes as dense blocks that hold them, in every layout and on every
// instruction set, and in agreement with the reference.

#include <gtest/gtest.h>

#include <cstring>

#include "conformance/scenes.h"
#include "swell/kernels/dispatch.h"
#include "swell/model/sparse.h"

namespace swell::test {

namespace {

// The scene's machine with couplings `edges` within its only group, as compressed rows and as a full matrix.
struct Pair {
  Scene sparse, dense;
  Pair(int64_t units, const std::vector<Edge>& edges) : sparse({units}), dense({units}) {
    CouplingSet& set = sparse.computer.sets[1];
    set.blocks = {{0, 0, sparse_from_edges(units, units, true, edges)}};
    assign_from_dense(dense.computer, dense_matrix(sparse.computer, set), dense.computer.sets[1]);
    // One set throughout, so that every segment sees the couplings in question.
    for (Scene* scene : {&sparse, &dense}) {
      for (Segment& segment : scene->protocol.segments) segment.couplings = 1;
    }
  }
};

// A torus of 20 x 23 with neighbours at six distances: stencils inside, wrapped rows at the seams.
std::vector<Edge> torus() {
  auto edges =
      lattice_edges(std::vector<int64_t>{20, 23},
                    std::vector<std::vector<int64_t>>{{0, 1}, {1, 0}, {1, 1}, {1, -1}, {0, 2}, {2, 0}}, true, 0.0);
  for (size_t k = 0; k < edges.size(); ++k) edges[k].J = 0.3 * fixed_normal(94, k);
  return edges;
}

// A torus of 5 x 300 in two bands of equal couplings: whole strips of the narrow layout are one stencil, and the
// stencil changes from band to band.
std::vector<Edge> banded_torus() {
  auto edges = lattice_edges(std::vector<int64_t>{5, 300},
                             std::vector<std::vector<int64_t>>{{0, 1}, {1, 0}, {1, 1}, {0, 2}}, true, 0.0);
  for (Edge& edge : edges) edge.J = std::min(edge.row, edge.column) < 700 ? 0.2 : -0.15;
  return edges;
}

// Each pair of 300 units with probability 4 %: degrees from 2 to 25 or so.
std::vector<Edge> random_graph() {
  std::vector<Edge> edges;
  for (int64_t i = 0; i < 300; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      if (std::abs(fixed_normal(95, i * 300 + j)) < 0.05) edges.push_back({i, j, 0.3 * fixed_normal(96, i * 300 + j)});
    }
  }
  return edges;
}

void expect_same_bytes(const Pair& pair) {
  RunOptions options = pair.dense.with(EngineKind::cpu);
  options.trajectories = 18;
  options.tile = 16;
  const auto dense = run(pair.dense.computer, pair.dense.protocol, options);
  options.patterns = &pair.sparse.patterns;
  for (const std::string_view isa : cpu::available_isas()) {
    for (const int tile : {1, 3, 16}) {
      options.isa = isa;
      options.tile = tile;
      const auto sparse = run(pair.sparse.computer, pair.sparse.protocol, options);
      ASSERT_EQ(0, std::memcmp(sparse.states.data(), dense.states.data(), dense.states.size() * sizeof(double)))
          << tile << isa;
      ASSERT_EQ(0, std::memcmp(sparse.books.data(), dense.books.data(), dense.books.size() * sizeof(SegmentBooks)))
          << tile << isa;
    }
  }
}

}  // namespace

TEST(sparse_engine, a_lattice_gives_the_bytes_of_its_full_matrix) { expect_same_bytes(Pair(460, torus())); }

TEST(sparse_engine, a_lattice_of_equal_couplings_gives_the_bytes_of_its_full_matrix) {
  expect_same_bytes(Pair(1500, banded_torus()));
}

TEST(sparse_engine, a_random_graph_gives_the_bytes_of_its_full_matrix) { expect_same_bytes(Pair(300, random_graph())); }

// Sparse and dense blocks in one set, between and within groups: only the order of sums differs from the reference,
// whose tolerance is that of tests/conformance/engines.cc.
TEST(sparse_engine, agrees_with_the_reference_beside_dense_blocks) {
  Scene scene({40, 33, 21});
  std::vector<Edge> ring, between;
  for (int64_t i = 0; i < 40; ++i) ring.push_back({i, (i + 1) % 40, 0.2 * fixed_normal(97, i)});
  for (int64_t i = 0; i < 33; ++i) between.push_back({i, (7 * i) % 21, 0.2 * fixed_normal(98, i)});
  for (CouplingBlock& block : scene.computer.sets[1].blocks) {
    if (block.row_group == 0 && block.column_group == 0) block.weights = sparse_from_edges(40, 40, true, ring);
    if (block.row_group == 1 && block.column_group == 2) block.weights = sparse_from_edges(33, 21, false, between);
  }
  for (const int tile : {2, 16}) {
    RunOptions options = scene.with(EngineKind::cpu);
    options.tile = tile;
    const auto fast = run(scene.computer, scene.protocol, options);
    options.engine = EngineKind::reference;
    const auto slow = run(scene.computer, scene.protocol, options);
    for (size_t k = 0; k < fast.states.size(); ++k) ASSERT_NEAR(fast.states[k], slow.states[k], 5e-6) << k;
    for (size_t k = 0; k < fast.books.size(); ++k) EXPECT_NEAR(fast.books[k].heat, slow.books[k].heat, 1e-3) << k;
  }
}

// A million units in a run: memory and time go with the couplings, not with the square of the units.
TEST(sparse_engine, a_million_units_run) {
  Computer computer = machine({1000000});
  computer.groups[0].shape = {1000, 1000};
  CouplingSet set{"s", {}, std::vector<double>(1000000, 0.0), {0}};
  set.blocks = {{0, 0,
                 sparse_from_edges(1000000, 1000000, true,
                                   lattice_edges(computer.groups[0].shape,
                                                 std::vector<std::vector<int64_t>>{{0, 1}, {1, 0}}, true, 0.1))}};
  computer.sets.push_back(std::move(set));
  const auto result = run(computer, {"hold", {hold(computer, 0.2, 0)}}, run_options(0.1, 1, 99));
  // Two steps from x = 0 with kT = 1: variance 2 dt (1 + (1 - dt a)^2) with a = 1 or so; the sum over units is known to
  // 0.2 %, and a missing step or a wrong noise scale is an error of 50 %.
  double squares = 0;
  for (const double x : result.states) squares += x * x;
  EXPECT_NEAR(squares / 1e6, 0.2 * (1 + 0.81 + 4 * 0.01 * 0.01), 6 * 0.362 * std::sqrt(2e-6));
}

}  // namespace swell::test
