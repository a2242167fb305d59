#include "swell/programs/ising/reduce.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/engine/pbits/pbits.h"
#include "swell/programs/ising/local_search.h"
#include "swell/programs/ising/problem.h"
#include "swell/programs/ising/recombine.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::ising {

namespace {

double uniform(uint64_t table, uint64_t index) { return draw_uniform({32, stream::kTesting}, table, index); }

// Sparse, so that units with few bonds occur; weights of several scales where `wild`.
IsingModel random_model(int64_t units, double degree, uint64_t table, bool fields, bool wild) {
  std::vector<IsingEdge> edges;
  uint64_t next = 0;
  const auto weight = [&] {
    const double small = std::floor(9 * uniform(table, next++)) - 4;
    return wild ? small * std::pow(10, std::floor(4 * uniform(table, next++))) : small;
  };
  for (int64_t a = 0; a < units; ++a) {
    for (int64_t b = a + 1; b < units; ++b) {
      if (uniform(table, next++) < degree / static_cast<double>(units)) edges.push_back({a, b, weight()});
    }
  }
  std::vector<double> h(units, 0.0);
  for (double& field : h) field = fields && uniform(table, next++) < 0.5 ? weight() : 0;
  return make_ising(units, edges, h);
}

}  // namespace

// Where no unit has a strong bond or few of them, the model stays as it is; where one has, however large the rest, the
// reduction begins: at three bonds (the star becomes a triangle), or at a bond as strong as all others of a unit.
TEST(reduce, begins_wherever_a_unit_may_go) {
  const auto complete = [](int64_t units, double first) {
    std::vector<IsingEdge> edges;
    for (int64_t a = 0; a < units; ++a) {
      for (int64_t b = a + 1; b < units; ++b) edges.push_back({a, b, a == 0 && b == 1 ? first : 1});
    }
    return make_ising(units, edges, {});
  };
  const IsingModel even = complete(6, 1);
  const Reduction none(even);
  EXPECT_EQ(none.units(), 6);
  EXPECT_EQ(none.model().J, even.J);
  EXPECT_EQ(none.project(std::vector<int8_t>{1, -1, 1, 1, -1, -1}), (std::vector<int8_t>{1, -1, 1, 1, -1, -1}));
  EXPECT_EQ(Reduction(complete(6, 3.5)).units(), 6);  // less than the other four
  EXPECT_LT(Reduction(complete(6, 4)).units(), 6);
  EXPECT_EQ(Reduction(complete(4, 1)).units(), 0);
}

// The lowest energy of the reduced model, expanded, is that of the whole one: by enumeration of both.
TEST(reduce, keeps_the_ground_energy) {
  int64_t removed = 0, left = 0;
  for (uint64_t table = 0; table < 60; ++table) {
    const IsingModel model =
        random_model(14, 2 + static_cast<double>(table % 5), table, table % 2 == 1, table % 3 == 0);
    const Reduction reduction(model);
    std::vector<int8_t> best;
    double lowest = 1e300;
    for (int64_t state = 0; state < int64_t{1} << reduction.units(); ++state) {
      std::vector<int8_t> spins;
      for (int64_t i = 0; i < reduction.units(); ++i) spins.push_back((state >> i & 1) != 0 ? 1 : -1);
      lowest = std::min(lowest, ising_energy(model, reduction.expand(spins)));
    }
    EXPECT_EQ(lowest, *enumerate_ground_energy(model)) << table;
    removed += model.units - reduction.units();
    left += reduction.units();
  }
  EXPECT_GT(removed, 300);
  EXPECT_GT(left, 30);  // both kinds were tried
}

// Energies of the two models differ by one constant, in every state.
TEST(reduce, energies_differ_by_a_constant) {
  for (uint64_t table = 100; table < 110; ++table) {
    const IsingModel model = random_model(24, 5, table, table % 2 == 0, false);
    const Reduction reduction(model);
    if (reduction.units() == 0) continue;
    double constant = 0;
    for (uint64_t k = 0; k < 20; ++k) {
      std::vector<int8_t> spins(reduction.units());
      fill_random_spins(table, static_cast<int64_t>(k), spins);
      const double difference = ising_energy(model, reduction.expand(spins)) - ising_energy(reduction.model(), spins);
      if (k == 0) constant = difference;
      EXPECT_EQ(difference, constant);
    }
  }
}

TEST(reduce, trees_and_ladders_go_altogether) {
  std::vector<IsingEdge> tree;
  for (int64_t i = 1; i < 200; ++i) tree.push_back({i, i / 2, uniform(1, static_cast<uint64_t>(i)) - 0.5});
  EXPECT_EQ(Reduction(make_ising(200, tree)).units(), 0);
  std::vector<IsingEdge> ladder;
  for (int64_t i = 0; i < 100; ++i) {
    ladder.push_back({2 * i, 2 * i + 1, i % 3 == 0 ? 1.0 : -1.0});
    if (i > 0)
      ladder.push_back({2 * i - 2, 2 * i, 1}), ladder.push_back({2 * i - 1, 2 * i + 1, i % 5 == 0 ? -1.0 : 1.0});
  }
  EXPECT_EQ(Reduction(make_ising(200, ladder)).units(), 0);
}

// Costs kept up to date over many flips are those from scratch.
TEST(local_search, knows_costs_and_energy) {
  const IsingModel model = random_model(60, 8, 7, true, true);
  std::vector<int8_t> spins(60);
  fill_random_spins(3, 0, spins);
  LocalSearch search(model, spins);
  for (uint64_t k = 0; k < 500; ++k) search.flip(static_cast<int64_t>(60 * uniform(8, k)));
  EXPECT_EQ(search.energy(), ising_energy(model, search.spins()));
  for (int64_t i = 0; i < 60; ++i)
    EXPECT_EQ(search.cost(i), 2 * search.spins()[i] * local_field(model, search.spins(), i));
}

TEST(local_search, descents_end_at_minima_of_one_and_two_flips) {
  for (uint64_t table = 20; table < 25; ++table) {
    const IsingModel model = random_model(80, 10, table, true, false);
    std::vector<int8_t> spins(80);
    fill_random_spins(table, 1, spins);
    LocalSearch search(model, spins);
    const double before = search.energy(), change = search.descend_pairs();
    EXPECT_EQ(search.energy(), before + change);
    for (int64_t i = 0; i < 80; ++i) {
      EXPECT_GE(search.cost(i), 0);
      for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
        const int32_t j = model.neighbour[k];
        EXPECT_GE(search.cost(i) + search.cost(j) - 4 * model.J[k] * search.spins()[i] * search.spins()[j], 0);
      }
    }
  }
}

TEST(local_search, a_hop_leads_to_a_minimum_and_can_be_taken_back) {
  const IsingModel model = random_model(50, 6, 30, false, false);
  LocalSearch search(model, std::vector<int8_t>(50, 1));
  search.descend();
  int64_t moved = 0;
  for (int64_t unit = 0; unit < 50; ++unit) {
    const std::vector<int8_t> before(search.spins().begin(), search.spins().end());
    const double energy = search.energy(), change = search.hop(unit);
    EXPECT_EQ(search.energy(), energy + change);
    for (int64_t i = 0; i < 50; ++i) EXPECT_GE(search.cost(i), 0);
    moved += change != 0;
    search.undo();
    EXPECT_TRUE(std::ranges::equal(search.spins(), before));
    EXPECT_EQ(search.energy(), energy);
  }
  EXPECT_GT(moved, 5);
}

// Against all combinations of the blocks of two states.
TEST(recombine, finds_the_best_that_two_states_hold) {
  for (uint64_t table = 40; table < 50; ++table) {
    const IsingModel model = square_lattice(6, 6, 1, table % 2 == 0 ? 0.25 : 0);
    std::vector<int8_t> one(36), two(36);
    fill_random_spins(table, 0, one);
    fill_random_spins(table, 1, two);
    const Blocks blocks = contract(model, one, {{two}});
    ASSERT_LE(blocks.model.units, 22);
    const double best = *enumerate_ground_energy(blocks.model);
    const double all_plus = ising_energy(blocks.model, std::vector<int8_t>(blocks.model.units, 1));
    const double before = ising_energy(model, one);
    Sequence draws({table, stream::kTesting}, 0);
    const double gain = recombine(model, one, {{two}}, draws, [] { return true; });
    EXPECT_DOUBLE_EQ(ising_energy(model, one), before + gain);
    EXPECT_NEAR(gain, best - all_plus, 1e-9) << table;
  }
}

// Many states at once, against all combinations of their blocks; the answer is not above any of them.
TEST(recombine, finds_the_best_that_several_states_hold) {
  for (uint64_t table = 60; table < 70; ++table) {
    const IsingModel model = square_lattice(8, 8, 1, table % 2 == 0 ? 0.25 : 0);
    std::vector<std::vector<int8_t>> states(4, std::vector<int8_t>(64));
    LocalSearch search(model, std::vector<int8_t>(64, 1));
    for (size_t k = 0; k < states.size(); ++k) {
      fill_random_spins(table, static_cast<int64_t>(k), states[k]);
      search.reset(states[k]);
      search.descend();
      states[k].assign(search.spins().begin(), search.spins().end());
    }
    std::vector<int8_t> one = states[0];
    const std::span others(states.data() + 1, 3);
    const Blocks blocks = contract(model, one, others);
    const std::optional<double> best = enumerate_ground_energy(blocks.model);
    ASSERT_TRUE(best.has_value()) << blocks.model.units;
    const double all_plus = ising_energy(blocks.model, std::vector<int8_t>(blocks.model.units, 1));
    Sequence draws({table, stream::kTesting}, 0);
    const double gain = recombine(model, one, others, draws, [] { return true; });
    EXPECT_NEAR(gain, *best - all_plus, 1e-9) << table;
    for (const auto& state : states) EXPECT_LE(ising_energy(model, one), ising_energy(model, state)) << table;
  }
}

}  // namespace swell::ising
