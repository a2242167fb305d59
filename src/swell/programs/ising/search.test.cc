#include "swell/programs/ising/search.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/io/bytes.h"
#include "swell/programs/ising/langevin.h"
#include "swell/programs/ising/local_search.h"
#include "swell/programs/ising/problem.h"
#include "swell/programs/ising/recombine.h"
#include "swell/programs/ising/references.h"
#include "swell/programs/ising/statistics.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::ising {

namespace {

double uniform(uint64_t table, uint64_t index) { return draw_uniform({31, stream::kTesting}, table, index); }

IsingModel glass(int64_t units, uint64_t table, bool fields) {
  std::vector<IsingEdge> edges;
  uint64_t next = 0;
  for (int64_t a = 0; a < units; ++a) {
    for (int64_t b = a + 1; b < units; ++b) {
      if (uniform(table, next++) < 0.3) edges.push_back({a, b, std::floor(7 * uniform(table, next++)) - 3});
    }
  }
  std::vector<double> h(units, 0.0);
  for (double& field : h) field = fields ? std::floor(5 * uniform(table, next++)) - 2 : 0;
  return make_ising(units, edges, h);
}

std::vector<int8_t> random_spins(int64_t units, uint64_t table) {
  std::vector<int8_t> spins(units);
  fill_random_spins(table, 0, spins);
  return spins;
}

SearchOptions fixed(Method method, int64_t runs, int64_t sweeps) {
  SearchOptions options;
  options.method = method;
  options.seconds = 0;
  options.runs = runs;
  options.sweeps = sweeps;
  return options;
}

}  // namespace

TEST(search, every_method_finds_the_ground_states_that_enumeration_finds) {
  for (uint64_t table = 0; table < 4; ++table) {
    const IsingModel model = glass(18, table, table % 2 == 1);
    const double truth = *enumerate_ground_energy(model);
    const Pbits pbits(model);
    for (const Method method : {Method::anneal, Method::tempering}) {
      const SearchResult result = search(pbits, fixed(method, 8, 500));
      EXPECT_EQ(result.energy, truth) << table;
      EXPECT_EQ(ising_energy(model, result.spins), truth);
    }
    EXPECT_EQ(search_continuously(model, fixed(Method::anneal, 3, 4000)).energy, truth) << table;
  }
}

TEST(search, fixed_runs_have_one_answer_for_any_threads) {
  const Pbits pbits(glass(120, 7, true));
  SearchOptions options = fixed(Method::anneal, 6, 60);
  const SearchResult one = search(pbits, options);
  options.threads = 3;
  const SearchResult three = search(pbits, options);
  EXPECT_EQ(three.spins, one.spins);
  EXPECT_EQ(three.flips, one.flips);
}

// A start that is a ground state is the answer of a search that does nothing else; cooled, it is no worse.
TEST(search, starts_are_answers_that_are_not_lost) {
  for (const bool fields : {false, true}) {
    const IsingModel model = glass(200, 11, fields);
    const Pbits pbits(model);
    const SearchResult good = search(pbits, fixed(Method::anneal, 16, 4000));
    for (const Method method : {Method::anneal, Method::tempering}) {
      SearchOptions brief = fixed(method, 1, 10);
      const double without = search(pbits, brief).energy;
      brief.starts = {random_spins(200, 5), good.spins};
      EXPECT_GT(without, good.energy);
      EXPECT_LE(search(pbits, brief).energy, good.energy);
    }
    SearchOptions brief = fixed(Method::anneal, 1, 10);
    brief.starts = {good.spins};
    EXPECT_LE(search_continuously(model, brief).energy, good.energy);
  }
}

// So cold that no flip upwards is taken, a run stays where it begins: p-bits make no flip from a minimum.
TEST(search, runs_begin_in_their_starts) {
  const IsingModel model = glass(60, 9, true);
  const Pbits pbits(model);
  SearchOptions cold = fixed(Method::anneal, 2, 50);
  const SearchResult ground = search(pbits, fixed(Method::anneal, 8, 500));
  cold.hot = cold.cold = 1e-3;
  cold.starts = {ground.spins};
  EXPECT_EQ(search(pbits, cold).flips, 0);
  cold.method = Method::tempering;
  EXPECT_EQ(search(pbits, cold).energy, ground.energy);
}

// So hot that energies do not count, Gibbs' rule takes half of all flips, and Metropolis' nearly each. Where nothing is
// said, units that stay at one temperature flip by Gibbs' rule, and units that are cooled by Metropolis'.
TEST(search, rules_are_told_apart_by_their_flips) {
  const IsingModel model = glass(60, 9, true);
  const Pbits pbits(model);
  SearchOptions hot = fixed(Method::anneal, 4, 500);
  hot.hot = hot.cold = 1e7;
  const auto share = [&](std::optional<FlipRule> rule) {
    hot.rule = rule;
    const SearchResult result = search(pbits, hot);
    EXPECT_EQ(result.costs.draws, static_cast<double>(result.sweeps * result.reduced_units));
    return result.flips / result.costs.draws;
  };
  const double error = std::sqrt(0.25 / (4 * 500 * 60));
  EXPECT_NEAR(share(FlipRule::gibbs), 0.5, 5 * error);
  EXPECT_EQ(share({}), share(FlipRule::gibbs));
  EXPECT_GT(share(FlipRule::metropolis), 1 - 1e-4);
  for (const Method method : {Method::anneal, Method::tempering}) {
    SearchOptions cooled = fixed(method, 1, 64);
    EXPECT_EQ(search(pbits, cooled).rule, FlipRule::metropolis);
    cooled.rule = FlipRule::gibbs;
    EXPECT_EQ(search(pbits, cooled).rule, FlipRule::gibbs);
  }
}

// So cold, a magnet mends single spins that are turned, each by one flip.
TEST(search, flips_are_those_that_mend_the_start) {
  const IsingModel model = square_lattice(20, 20, 1);
  SearchOptions cold = fixed(Method::anneal, 2, 50);
  cold.hot = cold.cold = 1e-3;
  std::vector<int8_t> start(400, 1);
  for (int64_t unit = 0; unit < 400; unit += 47) start[unit] = -1;  // 9 of them, no two beside each other
  cold.starts = {start};
  const SearchResult found = search(Pbits(model), cold);
  EXPECT_EQ(found.flips, 2 * 9);
  EXPECT_EQ(found.energy, -800);
}

TEST(search, starts_that_do_not_fit_are_refused) {
  const Pbits pbits(glass(20, 1, true));
  SearchOptions options = fixed(Method::anneal, 1, 10);
  options.starts = {std::vector<int8_t>(19, 1)};
  EXPECT_THROW(search(pbits, options), InputError);
  options.starts = {std::vector<int8_t>(20, 0)};
  EXPECT_THROW(search(pbits, options), InputError);
}

TEST(search, interrupted_search_answers_with_the_best_so_far) {
  const Pbits pbits(glass(60, 9, false));
  SearchOptions options;
  options.seconds = 1000;
  int asked = 0;
  options.go_on = [&] { return ++asked < 5; };
  const SearchResult result = search(pbits, options);
  EXPECT_TRUE(result.interrupted);
  EXPECT_EQ(ising_energy(pbits.model(), result.spins), result.energy);
  // Cooled at least: far below a random state's energy of 0, whose spread is 25.
  EXPECT_LT(result.energy, -100);
}

// The energy falls by exactly what is said, and no cluster left would lower it.
TEST(search, clusters_taken_over_add_up_and_leave_nothing_to_gain) {
  for (const bool fields : {false, true}) {
    const IsingModel model = square_lattice(12, 12, -1, fields ? 0.5 : 0);
    std::vector<int8_t> state = random_spins(144, 3);
    const std::vector<int8_t> other = random_spins(144, 4);
    const double before = ising_energy(model, state);
    const double gain = take_better_clusters(model, state, other);
    EXPECT_LT(gain, -5);
    EXPECT_DOUBLE_EQ(ising_energy(model, state), before + gain);
    EXPECT_GE(take_better_clusters(model, state, other), 0);
  }
}

TEST(search, continuous_units_have_the_ising_energy_at_plus_and_minus_one) {
  const IsingModel model = glass(10, 2, true);
  const Computer computer = to_computer(model, 1.5);
  const auto potential = [&](const std::vector<int8_t>& m) {
    double V = 0;
    const auto& block = computer.sets[0].blocks[0];
    const auto& J = std::get<SparseWeights>(block.weights);
    for (int64_t i = 0; i < 10; ++i) {
      V += computer.J2[i] + computer.J4[i] + computer.sets[0].bias[i] * m[i];
      for (int64_t k = J.row_start[i]; k < J.row_start[i + 1]; ++k) V += J.values[k] * m[i] * m[J.column[k]] / 2;
    }
    return V;
  };
  const std::vector<int8_t> a = random_spins(10, 5), b = random_spins(10, 6);
  EXPECT_NEAR(potential(a) - potential(b), ising_energy(model, a) - ising_energy(model, b), 1e-12);
}

// "Choose one": -1000 + cost for each, 2000 for each pair. Fields as large as the penalties cancel, so that what
// matters is a thousandth of them.
namespace {

Problem choose_one(int64_t groups, int64_t choices, uint64_t table) {
  std::string lines;
  int64_t pairs = 0;
  for (int64_t g = 0; g < groups; ++g) {
    for (int64_t i = 0; i < choices; ++i) {
      for (int64_t j = i + 1; j < choices; ++j, ++pairs)
        lines += fmt::format("{} {} 2000\n", g * choices + i, g * choices + j);
    }
  }
  std::string diagonal;
  for (int64_t i = 0; i < groups * choices; ++i)
    diagonal +=
        fmt::format("{} {} {}\n", i, i, -1000 + static_cast<int64_t>(400 * uniform(table, static_cast<uint64_t>(i))));
  const std::string text =
      fmt::format("p qubo 0 {} {} {}\n", groups * choices, groups * choices, pairs) + diagonal + lines;
  return parse_problem(as_bytes_of(text), "choose", {});
}

double cheapest(int64_t groups, int64_t choices, uint64_t table) {
  double sum = 0;
  for (int64_t g = 0; g < groups; ++g) {
    int64_t best = 1000;
    for (int64_t i = g * choices; i < (g + 1) * choices; ++i)
      best = std::min(best, -1000 + static_cast<int64_t>(400 * uniform(table, static_cast<uint64_t>(i))));
    sum += static_cast<double>(best);
  }
  return sum;
}

// No flip of one unit lowers the energy.
bool is_minimum(const IsingModel& model, std::span<const int8_t> spins) {
  for (int64_t i = 0; i < model.units; ++i) {
    if (spins[i] * local_field(model, spins, i) < 0) return false;
  }
  return true;
}

}  // namespace

TEST(search, penalties_far_above_the_costs_do_not_hide_the_optimum) {
  for (const auto& [groups, choices] : {std::pair<int64_t, int64_t>{1, 120}, {8, 25}}) {
    const Problem problem = choose_one(groups, choices, 40);
    const SearchResult result = search(Pbits(problem.model), fixed(Method::anneal, 2, 200));
    EXPECT_EQ(count_value(problem, result.spins), cheapest(groups, choices, 40)) << groups;
    EXPECT_TRUE(is_minimum(problem.model, result.spins));
  }
}

TEST(search, every_answer_is_a_minimum_under_single_flips) {
  for (uint64_t table = 60; table < 63; ++table) {
    const IsingModel model = glass(70, table, table % 2 == 0);
    const Pbits pbits(model);
    EXPECT_TRUE(is_minimum(model, search(pbits, fixed(Method::anneal, 1, 2)).spins));
    EXPECT_TRUE(is_minimum(model, search(pbits, fixed(Method::tempering, 1, 10)).spins));
    EXPECT_TRUE(is_minimum(model, search_continuously(model, fixed(Method::anneal, 1, 50)).spins));
    SearchOptions brief;
    brief.seconds = 1e-3;
    EXPECT_TRUE(is_minimum(model, search(pbits, brief).spins));
  }
}

// A chain whose couplings fall with a power of the distance: bonds that outweigh all others hold, so reduction leaves
// little, and the rest is found. Ground states by enumeration.
TEST(search, long_range_chains_are_solved) {
  for (uint64_t table = 70; table < 73; ++table) {
    std::vector<IsingEdge> edges;
    uint64_t next = 0;
    for (int64_t a = 0; a < 20; ++a) {
      for (int64_t b = a + 1; b < 20; ++b)
        edges.push_back({a, b, std::round(1e5 * (2 * uniform(table, next++) - 1) / std::pow(b - a, 2.5))});
    }
    const IsingModel model = make_ising(20, edges);
    const double truth = *enumerate_ground_energy(model);
    EXPECT_EQ(search(Pbits(model), fixed(Method::anneal, 2, 100)).energy, truth);
    Problem whole;
    whole.model = model;
    EXPECT_EQ(*exact_ground_energy(whole), truth);
  }
}

// What is booked does not depend on how a search ends. The continuous units' slice of 1000 steps again, by hand.
TEST(search, continuous_search_books_the_heat_of_its_units) {
  const IsingModel model = glass(40, 5, true);
  SearchOptions options = fixed(Method::anneal, 1, 1000);
  options.hot = 3;
  options.cold = 0.5;
  const SearchResult result = search_continuously(model, options);
  const double barrier = temperature_range(model).hot;
  double stiffest = 8 * barrier;
  for (int64_t i = 0; i < model.units; ++i) stiffest = std::max(stiffest, 8 * barrier + largest_field(model, i));
  RunOptions how;
  how.dt = 0.02 * 8 / stiffest;
  how.trajectories = 16;
  how.noise = {1, stream::kPbits};
  Segment segment;
  segment.duration = 1000 * how.dt;
  segment.couplings = 0;
  segment.drive.resize(1);
  segment.kT.knots = {{0, 3}, {1, 0.05}};  // to a tenth of cold
  segment.clamped = {0};
  const swell::Run run = swell::run(to_computer(model, barrier), {"by hand", {segment}}, how);
  double heat = 0, entropy = 0;
  for (int64_t t = 0; t < 16; ++t) {
    heat += run.book(t, 0).heat;
    entropy += run.book(t, 0).entropy;
  }
  EXPECT_EQ(result.sweeps, 16 * 1000);
  EXPECT_EQ(result.heat, heat);
  EXPECT_EQ(result.entropy, entropy);
  // Cut short in its first slices, of 16 steps at least.
  options.seconds = 1000;
  int asked = 0;
  options.go_on = [&] { return ++asked < 4; };
  const SearchResult cut = search_continuously(model, options);
  EXPECT_TRUE(cut.interrupted);
  EXPECT_GE(cut.sweeps, 3 * 16 * 16);
  // From V = 0 all units fall into wells of depth `barrier`, warm or not: with kT of 3 at the most, heat and entropy
  // agree.
  EXPECT_GE(cut.entropy, cut.heat / 3);
}

// A search stopped in its first cooling: that cooling up to there and the quench after it, again by hand.
TEST(search, a_search_cut_short_books_every_sweep_and_flip) {
  const Pbits pbits(glass(40, 5, true));
  SearchOptions options = fixed(Method::anneal, 1, 100000);
  int asked = 0;
  options.go_on = [&] { return ++asked < 4; };
  const SearchResult result = search(pbits, options);
  ASSERT_TRUE(result.interrupted);
  ASSERT_EQ(result.reduced_units, 40);  // it is the model itself that was cooled
  const Range range = temperature_range(pbits.model());
  const System system(pbits.model(), &pbits);
  RunOptions how;
  how.rule = FlipRule::metropolis;
  how.noise = {1, stream::kPbits};
  how.kept = Kept::part;
  int again = 0;
  how.progress = [&](const Progress&) { return ++again < 4; };
  const swell::Run first = swell::run(system, cooling(range, 100000), how);
  ASSERT_LT(first.steps, 100000);
  how.first_step = 100000;
  how.progress = nullptr;
  how.start_spins = first.spins;
  const swell::Run quench = swell::run(system, cooling({range.cold, 0.1 * range.cold, false}, 20), how);
  EXPECT_EQ(result.sweeps, first.steps + 20);
  EXPECT_EQ(result.flips, static_cast<double>(first.flips[0] + quench.flips[0]));
  EXPECT_EQ(result.heat, first.book(0, 0).heat + quench.book(0, 0).heat);
}

// An edge of 1e12 among small ones: eighteen vertices of weights -3 to 3, and the exact optimum to the last digit.
TEST(search, claims_of_an_optimum_are_exact_where_weights_differ_by_twelve_orders) {
  std::string text = "20 154\n19 20 1000000000000\n";
  for (int i = 1; i <= 18; ++i) {
    for (int j = i + 1; j <= 18; ++j) text += fmt::format("{} {} {}\n", i, j, i * j % 7 - 3);
  }
  const Problem problem = parse_problem(as_bytes_of(text), "heavy", {});
  const auto all = references(problem);
  const auto exact = std::ranges::find_if(all, [](const Reference& one) { return one.what.starts_with("exact"); });
  ASSERT_NE(exact, all.end());
  EXPECT_EQ(exact->value, 1000000000063);
  EXPECT_TRUE(reaches(problem, 1000000000063, exact->value));
  EXPECT_FALSE(reaches(problem, 1000000000062, exact->value));
  EXPECT_FALSE(reaches(problem, 1000000000063, all.back().value));  // the bound
  const SearchResult result = search(Pbits(problem.model), fixed(Method::anneal, 1, 100));
  EXPECT_EQ(count_value(problem, result.spins), 1000000000063);
}

TEST(search, time_to_solution_follows_its_definition) {
  EXPECT_EQ(time_to_solution(2, 1), 2);
  EXPECT_EQ(time_to_solution(2, 0.5), 14);  // 1 - 0.5^7 = 0.992
  EXPECT_TRUE(std::isinf(time_to_solution(2, 0)));
  const Proportion half = proportion(5, 10);  // Wilson's interval, by hand: 0.2366 to 0.7634
  EXPECT_NEAR(half.low, 0.2366, 5e-5);
  EXPECT_NEAR(half.high, 0.7634, 5e-5);
}

TEST(search, a_restart_is_as_early_as_it_pays) {
  const double never = std::numeric_limits<double>::infinity();
  // All four by 3 s: one search of 3 s is enough; two of four by 0.1 s: seven of them take 0.7 s.
  EXPECT_EQ(best_restart({0.1, 3, 2, 0.1}, 10).after_s, 0.1);
  EXPECT_EQ(best_restart({1, 1.2, 0.9, 1.1}, 10).after_s, 1.2);
  EXPECT_EQ(best_restart({1, 1.2, 0.9, 1.1}, 10).successes, 4);
  EXPECT_EQ(best_restart({never, never}, 10).successes, 0);
  EXPECT_EQ(best_restart({never, never}, 10).after_s, 10);
}

// For every state of small problems, the value counted from the file is that of the energy; in MaxSAT, at the best
// setting of the auxiliary p-bits.
TEST(problem, values_counted_from_the_file_are_those_of_the_energies) {
  const std::pair<const char*, bool> texts[] = {
      {"4 4\n1 2 3\n2 3 -1\n3 4 2.5\n1 4 1\n", false},
      {"p qubo 0 4 2 3\n0 0 -3\n2 2 1\n0 1 2\n1 3 -4\n2 3 1.5\n", false},
      {"%%MatrixMarket matrix coordinate real symmetric\n4 4 4\n1 1 0.5\n2 1 -1\n3 2 2\n4 4 -3\n", false},
      {"%%MatrixMarket matrix coordinate real symmetric\n4 4 3\n2 1 -1\n3 2 2\n4 1 1\n", true},
      {"p cnf 4 6\n1 2 -3 4 0\n-1 -2 0\n3 0\n-3 -4 1 0\n2 -2 1 0\n-1 -2 -3 -4 0\n", false}};
  for (const auto& [text, as_graph] : texts) {
    const Problem problem = parse_problem(as_bytes_of(text), "p", as_graph);
    const int64_t extra = problem.model.units - problem.variables;
    for (int64_t state = 0; state < int64_t{1} << problem.variables; ++state) {
      double lowest = 1e300, value = 0;
      for (int64_t aux = 0; aux < int64_t{1} << extra; ++aux) {
        std::vector<int8_t> spins;
        for (int64_t i = 0; i < problem.model.units; ++i)
          spins.push_back(((state | aux << problem.variables) >> i & 1) != 0 ? 1 : -1);
        lowest = std::min(lowest, ising_energy(problem.model, spins));
        value = count_value(problem, spins);
      }
      EXPECT_NEAR(problem.value_of_energy(lowest), value, 1e-12) << text << state;
    }
  }
}

}  // namespace swell::ising
