#include "swell/programs/ising/low_width.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "swell/engine/pbits/pbits.h"
#include "swell/programs/ising/problem.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::ising {

namespace {

double uniform(uint64_t table, uint64_t index) { return draw_uniform({33, stream::kTesting}, table, index); }

// Couplings and fields are whole numbers from -3 to 3, or such with a fraction.
IsingModel random_model(int64_t units, double degree, uint64_t table, bool whole) {
  std::vector<IsingEdge> edges;
  uint64_t next = 0;
  const auto weight = [&] {
    const double any = 7 * uniform(table, next++) - 3.5;
    return whole ? std::round(any) : any;
  };
  for (int64_t a = 0; a < units; ++a) {
    for (int64_t b = a + 1; b < units; ++b) {
      if (uniform(table, next++) < degree / static_cast<double>(units)) edges.push_back({a, b, weight()});
    }
  }
  std::vector<double> h(units);
  for (double& field : h) field = table % 3 == 0 ? 0 : weight();
  return make_ising(units, edges, h);
}

// Energies of all states of the chosen units, the others as in `spins`: bit k of the index is the k-th chosen unit.
std::vector<double> energies_of_part(const IsingModel& model, const LowWidth& part, std::vector<int8_t> spins) {
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < model.units; ++i) {
    if (!part.holds(i)) chosen.push_back(i);
  }
  std::vector<double> energies;
  for (int64_t state = 0; state < int64_t{1} << chosen.size(); ++state) {
    for (size_t k = 0; k < chosen.size(); ++k) spins[chosen[k]] = (state >> k & 1) != 0 ? 1 : -1;
    energies.push_back(ising_energy(model, spins));
  }
  return energies;
}

int64_t index_of_part(const LowWidth& part, std::span<const int8_t> spins) {
  int64_t index = 0, bit = 0;
  for (size_t i = 0; i < spins.size(); ++i) {
    if (part.holds(static_cast<int64_t>(i))) continue;
    if (spins[i] > 0) index |= int64_t{1} << bit;
    ++bit;
  }
  return index;
}

std::vector<int8_t> random_spins(int64_t units, uint64_t table) {
  std::vector<int8_t> spins(units);
  fill_random_spins(table, 0, spins);
  return spins;
}

}  // namespace

// Against all states of the chosen units, at widths where some are held and where none is. Whole numbers to the last
// bit.
TEST(low_width, minimum_is_that_of_enumeration) {
  int64_t held = 0, complete = 0;
  for (uint64_t table = 0; table < 120; ++table) {
    const bool whole = table % 2 == 0;
    const IsingModel model = random_model(12, 2 + static_cast<double>(table % 5), table, whole);
    LowWidth part(model, 1 + static_cast<int>(table % 4));
    Sequence draws({table, stream::kTesting}, 0);
    part.choose(draws);
    const std::vector<int8_t> spins = random_spins(12, table);
    LocalSearch state(model, spins);
    const double before = state.energy();
    const double change = part.relax(state, 0, draws);
    const std::vector<double> all = energies_of_part(model, part, spins);
    const double best = *std::ranges::min_element(all), found = ising_energy(model, state.spins());
    // Of fractions, sums of some 30 numbers below 4 in another order.
    EXPECT_NEAR(found, best, whole ? 0 : 1e-12) << table;
    EXPECT_NEAR(change, best - before, whole ? 0 : 1e-12) << table;
    EXPECT_LE(change, state.grain());
    for (int64_t i = 0; i < 12; ++i) {
      if (part.holds(i)) {
        EXPECT_EQ(state.spins()[i], spins[i]);
      }
    }
    held += model.units - part.units();
    complete += part.units() == model.units;
  }
  EXPECT_GT(held, 100);
  EXPECT_GT(complete, 20);
}

// Trees have width 1, a circle and a ladder 2, a grid of n rows n: then nothing is held, and the minimum is that of the
// whole. Of a large lattice most units are chosen.
TEST(low_width, parts_are_as_large_as_the_width_allows) {
  Sequence draws({1, stream::kTesting}, 0);
  std::vector<IsingEdge> tree, circle, ladder;
  for (int64_t i = 1; i < 60; ++i) tree.push_back({(i - 1) / 2, i, 1});
  for (int64_t i = 0; i < 60; ++i) circle.push_back({i, (i + 1) % 60, i == 0 ? -1.0 : 1.0});
  for (int64_t i = 0; i < 58; ++i) ladder.push_back({i, i + 2, i % 3 == 0 ? -1.0 : 1.0});
  for (int64_t i = 0; i < 60; i += 2) ladder.push_back({i, i + 1, 1});
  const auto chosen = [&](const IsingModel& model, int width) {
    LowWidth part(model, width);
    part.choose(draws);
    return part.units();
  };
  EXPECT_EQ(chosen(make_ising(60, tree), 1), 60);
  EXPECT_EQ(chosen(make_ising(60, circle), 2), 60);
  EXPECT_EQ(chosen(make_ising(60, circle), 1), 59);
  EXPECT_EQ(chosen(make_ising(60, ladder), 2), 60);
  EXPECT_LT(chosen(make_ising(60, ladder), 1), 60);
  // An induced forest of a square lattice has at most 2/3 of its units.
  const IsingModel lattice = square_lattice(30, 30, 1);
  EXPECT_LE(chosen(lattice, 1), 600);
  EXPECT_GT(chosen(lattice, 1), 500);
  EXPECT_GT(chosen(lattice, 8), 675);
}

// A frustrated circle of 60 units: any of its bonds may be the broken one, E = -58, and draws choose among them.
TEST(low_width, draws_among_equal_minima) {
  std::vector<IsingEdge> circle;
  for (int64_t i = 0; i < 60; ++i) circle.push_back({i, (i + 1) % 60, i == 0 ? -1.0 : 1.0});
  const IsingModel model = make_ising(60, circle);
  LowWidth part(model, 2);
  Sequence draws({2, stream::kTesting}, 0);
  std::map<std::vector<int8_t>, int> seen;
  for (int k = 0; k < 100; ++k) {
    LocalSearch state(model, random_spins(60, 5));
    part.choose(draws);
    part.relax(state, 0, draws);
    EXPECT_EQ(state.energy(), -58);
    ++seen[{state.spins().begin(), state.spins().end()}];
  }
  EXPECT_GT(seen.size(), 30U);
}

// Chi-square against exp(-E / kT) / Z of the chosen units, 200,000 draws each. At z = 5.2 (Wilson and Hilferty's
// quantile; 1e-7 each) all eight cases together raise a false alarm with less than 1e-6. Probabilities that are wrong
// by 2 % each, root mean square, are caught: chi-square grows by 200,000 * 0.02^2 = 80, five times its spread at d =
// 127.
TEST(low_width, samples_have_boltzmann_weights) {
  constexpr int kDraws = 200000;
  for (uint64_t table = 0; table < 8; ++table) {
    const IsingModel model = random_model(8, 3.5, 200 + table, table % 2 == 0);
    const double kT = 3 + static_cast<double>(table % 3);
    LowWidth part(model, 1 + static_cast<int>(table % 3));
    Sequence draws({table, stream::kTesting}, 1);
    part.choose(draws);
    LocalSearch state(model, random_spins(8, table));
    const std::vector<double> energies = energies_of_part(model, part, {state.spins().begin(), state.spins().end()});
    double Z = 0;
    for (const double energy : energies) Z += std::exp(-energy / kT);
    std::vector<int64_t> counts(energies.size(), 0);
    for (int k = 0; k < kDraws; ++k) {
      part.relax(state, kT, draws);
      ++counts[index_of_part(part, state.spins())];
    }
    // States that are expected fewer than ten times are counted together.
    double chi_square = 0, rare_expected = 0, rare_count = 0;
    int freedom = -1;
    const auto add = [&](double expected, double count) {
      chi_square += (count - expected) * (count - expected) / expected;
      ++freedom;
    };
    for (size_t k = 0; k < energies.size(); ++k) {
      const double expected = kDraws * std::exp(-energies[k] / kT) / Z;
      if (expected >= 10) {
        add(expected, static_cast<double>(counts[k]));
      } else {
        rare_expected += expected;
        rare_count += static_cast<double>(counts[k]);
      }
    }
    if (rare_expected >= 10) add(rare_expected, rare_count);
    const double spread = 2.0 / (9.0 * freedom);
    EXPECT_GE(freedom, 7);
    EXPECT_LT(chi_square, freedom * std::pow(1 - spread + 5.2 * std::sqrt(spread), 3)) << table;
  }
}

// The same draws give the same part and the same state.
TEST(low_width, is_a_function_of_its_draws) {
  const IsingModel model = random_model(200, 4, 7, true);
  std::vector<std::vector<int8_t>> answers;
  for (int k = 0; k < 2; ++k) {
    LowWidth part(model, 5);
    Sequence draws({3, stream::kTesting}, 0);
    LocalSearch state(model, random_spins(200, 9));
    for (int round = 0; round < 3; ++round) {
      part.choose(draws);
      part.relax(state, round == 0 ? 1.0 : 0.0, draws);
    }
    answers.emplace_back(state.spins().begin(), state.spins().end());
  }
  EXPECT_EQ(answers[0], answers[1]);
}

}  // namespace swell::ising
