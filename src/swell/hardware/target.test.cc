#include "swell/hardware/target.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numeric>
#include <set>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/hardware/target_files.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::hardware {
namespace {

Target shipped(const char* name) {
  return read_target(std::filesystem::path(SWELL_SOURCE_DIR) / "targets" / (std::string(name) + ".toml"));
}

// A random order of 0 .. n - 1.
std::vector<int64_t> shuffled(int64_t n) {
  std::vector<int64_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  for (int64_t k = n - 1; k > 0; --k)
    std::swap(order[k], order[static_cast<int64_t>(draw_uniform({5, stream::kTesting}, 1, static_cast<uint64_t>(k)) *
                                                   static_cast<double>(k + 1))]);
  return order;
}

// The couplings of a piece of a chip's own graph.
std::vector<IsingEdge> piece(const Target& chip, int64_t rows, int64_t columns) {
  std::vector<IsingEdge> edges;
  for (int64_t a = 0; a < rows * columns; ++a) {
    for (int64_t b = a + 1; b < rows * columns; ++b) {
      const int64_t p = a / columns * chip.columns + a % columns, q = b / columns * chip.columns + b % columns;
      if (chip.coupled(p, q)) edges.push_back({a, b, 1});
    }
  }
  return edges;
}

TEST(target, neighbours_and_pairs_are_the_same_graph) {
  for (const char* name : {"spu8", "grid70", "king384"}) {
    const Target chip = shipped(name);
    for (const int64_t place : {int64_t{0}, chip.units / 2, chip.units - 1}) {
      const std::vector<int64_t> near = chip.neighbours(place);
      EXPECT_EQ(std::set<int64_t>(near.begin(), near.end()).size(), near.size());
      EXPECT_LE(static_cast<int64_t>(near.size()), chip.most_neighbours());
      int64_t count = 0;
      for (int64_t other = 0; other < chip.units; ++other) {
        EXPECT_EQ(chip.coupled(place, other), chip.coupled(other, place));
        count += chip.coupled(place, other);
      }
      EXPECT_EQ(count, static_cast<int64_t>(near.size())) << name << " " << place;
    }
  }
}

// Degrees as published: 12 and 8 inside, and the grid of degree 12 has two colours.
TEST(target, shipped_chips_have_their_published_graphs) {
  const Target grid = shipped("grid70"), king = shipped("king384");
  EXPECT_EQ(grid.units, 4900);
  EXPECT_EQ(static_cast<int64_t>(grid.neighbours(35 * 70 + 35).size()), 12);
  for (const int64_t other : grid.neighbours(35 * 70 + 35)) EXPECT_EQ((other / 70 + other % 70) % 2, 1);
  EXPECT_EQ(king.units, 147456);
  EXPECT_EQ(static_cast<int64_t>(king.neighbours(200 * 384 + 200).size()), 8);
  EXPECT_EQ(king.bits, 4);
  for (const Target& chip : {grid, king, shipped("spu8")}) {
    EXPECT_FALSE(chip.source.empty());
    EXPECT_FALSE(chip.unpublished.empty());
  }
}

TEST(target, a_lattice_lies_on_kings_graph_as_it_is_and_shuffled) {
  const Target king = shipped("king384");
  std::vector<IsingEdge> lattice;  // 5 x 5, with ends
  for (int64_t u = 0; u < 25; ++u) {
    if (u % 5 < 4) lattice.push_back({u, u + 1, 1});
    if (u < 20) lattice.push_back({u, u + 5, 1});
  }
  Wanted cells = wanted_of(make_ising(25, lattice, {}));
  EXPECT_FALSE(place(cells, king, 1, 0).fits());
  cells.shape = {5, 5};
  EXPECT_TRUE(place(cells, king, 1, 0).fits());
  const std::vector<int64_t> order = shuffled(25);
  std::vector<IsingEdge> edges;
  for (const IsingEdge& edge : lattice) edges.push_back({order[edge.a], order[edge.b], edge.J});
  Target small = king;
  small.rows = small.columns = 6;
  small.units = 36;
  const Wanted machine = wanted_of(make_ising(25, edges, {}));
  EXPECT_FALSE(place(machine, small, 1, 0).fits());
  const Placement found = place(machine, small);
  EXPECT_GT(found.tried, 0);
  EXPECT_TRUE(found.fits()) << complaint(machine, small, found);
  EXPECT_EQ(std::set<int64_t>(found.place.begin(), found.place.end()).size(), 25u);
  for (const IsingEdge& edge : machine.couplings) EXPECT_TRUE(small.coupled(found.place[edge.a], found.place[edge.b]));
}

TEST(target, a_cell_of_the_degree_twelve_grid_fits_the_grid) {
  const Target grid = shipped("grid70");
  const std::vector<IsingEdge> edges = piece(grid, 70, 70);
  EXPECT_TRUE(place(wanted_of(make_ising(4900, edges, {})), grid).fits());
}

TEST(target, what_does_not_fit_is_named_with_the_tools_that_embed_it) {
  const Target king = shipped("king384");
  std::vector<IsingEdge> all;
  for (int64_t a = 0; a < 12; ++a) {
    for (int64_t b = a + 1; b < 12; ++b) all.push_back({a, b, 1});
  }
  const Wanted machine = wanted_of(make_ising(12, all, {}));
  const Placement found = place(machine, king);
  EXPECT_FALSE(found.fits());
  // Of twelve units that are all coupled, King's graph holds no more pairs than its densest piece of twelve has: 4 x 4
  // cells without the corners, 30 of 66.
  EXPECT_GE(found.unheld.size(), 66u - 30u);
  const std::string text = complaint(machine, king, found);
  for (const char* word : {"king384", "66", "minorminer", "(0, "})
    EXPECT_NE(text.find(word), std::string::npos) << text;
}

TEST(target, two_sides_of_a_machine_go_to_the_sides_of_the_chip) {
  const Target chip = parse_target("[graph]\nkind = \"bipartite\"\nunits = 10\nleft = 4\n", "chip.toml");
  // Even units with odd ones, numbered in turn: 4 on one side, 5 on the other.
  std::vector<IsingEdge> edges;
  for (int64_t a = 0; a < 9; ++a) {
    for (int64_t b = a + 1; b < 9; b += 2) edges.push_back({a, b, 1});
  }
  const Wanted machine = wanted_of(test::machine({9}), [&] {
    Computer computer = test::machine({9});
    std::vector<double> J(81, 0.0);
    for (const IsingEdge& edge : edges) J[edge.a * 9 + edge.b] = J[edge.b * 9 + edge.a] = 0.1;
    test::add_set(computer, J);
    return computer.sets[0];
  }());
  EXPECT_EQ(machine.couplings.size(), 20u);
  EXPECT_TRUE(place(machine, chip).fits());
  const std::vector<IsingEdge> ring = {{0, 1, 1}, {1, 2, 1}, {0, 2, 1}};
  Target bits = chip;
  bits.law = Target::Law::p_bit;
  EXPECT_EQ(place(wanted_of(make_ising(3, ring, {})), bits).unheld.size(), 1u);
}

TEST(target, the_capacitive_unit_holds_dominant_matrices_of_negative_couplings_alone) {
  const Target spu = shipped("spu8");
  const auto system = [](double diagonal, double coupling) {
    LinearSystem machine{Matrix(3, 3), std::vector<double>(3), Matrix(3, 3)};
    for (int64_t i = 0; i < 3; ++i) {
      for (int64_t j = 0; j < 3; ++j) machine.drift(i, j) = i == j ? diagonal : coupling;
      machine.noise(i, i) = 2;
    }
    return machine;
  };
  EXPECT_TRUE(place(wanted_of(system(1, -0.4)), spu).fits());
  EXPECT_EQ(place(wanted_of(system(1, 0.4)), spu).wrong_sign.size(), 3u);
  const Placement soft = place(wanted_of(system(1, -0.6)), spu);
  ASSERT_EQ(soft.refusals.size(), 1u);
  EXPECT_NE(soft.refusals[0].find("-0.2"), std::string::npos);
  // The last unit alone is too soft, by what its couplings leave of it.
  LinearSystem last = system(1, -0.4);
  last.drift(2, 2) = 0.5;
  const Placement one = place(wanted_of(last), spu);
  ASSERT_EQ(one.refusals.size(), 1u);
  EXPECT_NE(one.refusals[0].find("unit 2"), std::string::npos);
  LinearSystem biased = system(1, -0.4);
  biased.c[1] = 0.1;
  ASSERT_EQ(place(wanted_of(biased), spu).refusals.size(), 1u);
  LinearSystem driven = system(1, -0.4);
  driven.drift(0, 1) = 0;
  EXPECT_THROW(wanted_of(driven), InputError);
  EXPECT_FALSE(place(wanted_of(test::quartic_machine({3}, 0.1), test::quartic_machine({3}, 0.1).sets[0]), spu).fits());
}

// J / kT is what a machine is; a chip whose couplings end at 1 and whose kT begins at 0.1 has 10 at the most.
TEST(target, range_and_temperature_bound_the_ratio) {
  Target chip = parse_target("[graph]\nunits = 2\n[couplings]\nlargest = 1\n[noise]\nleast_kT = 0.1\n", "chip.toml");
  Computer machine = test::machine({2});
  test::add_set(machine, {0, 0.4, 0.4, 0});
  machine.kT = 0.05;
  const Placement found = place(wanted_of(machine, machine.sets[0]), chip);
  EXPECT_FALSE(found.fits());
  machine.sets[0] = {};
  Computer cold = test::machine({2});
  test::add_set(cold, {0, 4, 4, 0});
  cold.J2.assign(2, 5);
  cold.kT = 0.5;
  const Placement scaled = place(wanted_of(cold, cold.sets[0]), chip);
  EXPECT_TRUE(scaled.fits()) << complaint(wanted_of(cold, cold.sets[0]), chip, scaled);
  EXPECT_DOUBLE_EQ(scaled.scale, 0.25);
  // Warm enough as it is, and too cold once its couplings are within reach.
  cold.kT = 0.3;
  EXPECT_EQ(place(wanted_of(cold, cold.sets[0]), chip).refusals.size(), 1u);
  // A chip that does not get as warm runs the machine with smaller couplings.
  chip.most_kT = 0.2;
  cold.kT = 2;
  const Placement warm = place(wanted_of(cold, cold.sets[0]), chip);
  EXPECT_TRUE(warm.fits());
  EXPECT_DOUBLE_EQ(warm.scale, 0.1);
}

// Couplings of one sign are those of V; p-bits have E = -J m m, so that theirs are the other.
TEST(target, signs_are_those_of_the_potential) {
  Target chip = parse_target("[graph]\nunits = 2\n[couplings]\nsign = \"negative\"\n", "chip.toml");
  for (const double J : {-0.4, 0.4}) {
    Computer machine = test::machine({2});
    test::add_set(machine, {0, J, J, 0});
    chip.law = Target::Law::any_unit;
    EXPECT_EQ(place(wanted_of(machine, machine.sets[0]), chip).wrong_sign.size(), J > 0 ? 1u : 0u) << J;
    chip.law = Target::Law::p_bit;
    const IsingModel model = make_ising(2, std::vector<IsingEdge>{{0, 1, J}}, {});
    EXPECT_EQ(place(wanted_of(model), chip).wrong_sign.size(), J < 0 ? 1u : 0u) << J;
  }
}

// A 6 x 6 lattice on a 6 x 6 grid of four neighbours: eight placements of all fit. Exchanges that never go to a worse
// place stop before (a mutant shows it).
TEST(target, a_shuffled_lattice_finds_its_own_grid) {
  const Target grid = parse_target(
      "[graph]\nkind = \"grid\"\nrows = 6\ncolumns = 6\noffsets = [[0, 1]]\n[units]\nlaw = \"p-bit\"\n", "g");
  const std::vector<int64_t> order = shuffled(36);
  std::vector<IsingEdge> edges;
  for (const IsingEdge& edge : piece(grid, 6, 6)) edges.push_back({order[edge.a], order[edge.b], edge.J});
  const Wanted machine = wanted_of(make_ising(36, edges, {}));
  const Placement found = place(machine, grid);
  EXPECT_TRUE(found.fits()) << complaint(machine, grid, found);
}

TEST(target, numbers_are_those_that_the_chip_holds) {
  Target chip = parse_target("[graph]\nunits = 3\n[couplings]\nbits = 3\n[units]\nlaw = \"p-bit\"\n", "chip.toml");
  // Levels of three bits: -3 to 3 thirds of the largest.
  const IsingModel held =
      compiled(make_ising(3, std::vector<IsingEdge>{{0, 1, 3}, {0, 2, -1.2}, {1, 2, 0.4}}, {}), chip);
  const Wanted wanted = wanted_of(held);
  ASSERT_EQ(wanted.couplings.size(), 2u);
  EXPECT_DOUBLE_EQ(wanted.couplings[0].J, 3);
  EXPECT_DOUBLE_EQ(wanted.couplings[1].J, -1);
}

TEST(target, descriptions_are_read_and_hostile_ones_refused) {
  EXPECT_EQ(parse_target("[graph]\nunits = 5\n", "x").units, 5);
  for (const char* text : {"",
                           "[graph]\n",
                           "[graph]\nunits = 0\n",
                           "[graph]\nunits = 1e30\n",
                           "[graph]\nkind = \"star\"\nunits = 3\n",
                           "[graph]\nkind = \"king\"\nrows = 3\n",
                           "[graph]\nkind = \"king\"\nrows = 1e9\ncolumns = 1e9\n",
                           "[graph]\nkind = \"grid\"\nrows = 3\ncolumns = 3\n",
                           "[graph]\nkind = \"grid\"\nrows = 3\ncolumns = 3\noffsets = [[0, 1], [1, 0]]\n",
                           "[graph]\nkind = \"grid\"\nrows = 3\ncolumns = 3\noffsets = [[0, 0]]\n",
                           "[graph]\nkind = \"grid\"\nrows = 3\ncolumns = 3\noffsets = [[0, 1.5]]\n",
                           "[graph]\nkind = \"bipartite\"\nunits = 3\nleft = 3\n",
                           "[graph]\nunits = 3\n[couplings]\nbits = 1\n",
                           "[graph]\nunits = 3\n[couplings]\nlargest = -1\n",
                           "[graph]\nunits = 3\n[couplings]\nsign = \"up\"\n",
                           "[graph]\nunits = 3\n[noise]\nleast_kT = 2\nmost_kT = 1\n",
                           "[graph]\nunits = 3\nother = 1\n",
                           "[graph\n",
                           "[graph]\nunits = nan\n",
                           "[graph]\nunits = 3\n[what]\n"})
    EXPECT_THROW(parse_target(text, "x"), InputError) << text;
}

}  // namespace
}  // namespace swell::hardware
