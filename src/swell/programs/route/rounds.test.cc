#include "swell/programs/route/rounds.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/programs/route/matching.h"
#include "swell/programs/route/ways.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::route {

namespace {

double uniform(uint64_t table, uint64_t index) { return draw_uniform({41, stream::kTesting}, table, index); }

SearchOptions fixed(int64_t runs) {
  SearchOptions options;
  options.seconds = 0;
  options.runs = runs;
  options.threads = 2;
  return options;
}

enum class Ways2 { same, own, one_way };

// A ring of junctions with chords. Two-way streets with the same or their own lengths, or one-way streets among them.
StreetNetwork random_town(int64_t junctions, uint64_t table, Ways2 kind = Ways2::same) {
  StreetNetwork network;
  for (int64_t j = 0; j < junctions; ++j)
    network.junctions.push_back(
        {fmt::format("j{}", j), {std::cos(static_cast<double>(j)), std::sin(static_cast<double>(j))}});
  uint64_t next = 0;
  const auto add = [&](int64_t a, int64_t b) {
    StreetNetwork::Street street;
    street.a = a;
    street.b = b;
    street.length = street.back = 1 + std::floor(9 * uniform(table, next));
    street.duty = uniform(table, next + 1) < 0.4;
    street.reward = std::floor(5 * uniform(table, next + 2));
    if (kind == Ways2::own) street.back = 1 + std::floor(9 * uniform(table + 1000, next));
    if (kind == Ways2::one_way && (b == (a + 1) % junctions || uniform(table + 1000, next) < 0.5))
      street.back = INFINITY;
    network.streets.push_back(street);
    next += 3;
  };
  for (int64_t j = 0; j < junctions; ++j) add(j, (j + 1) % junctions);
  for (int64_t j = 0; j + 3 < junctions; j += 2) add(j, j + 3);
  network.depot = 0;
  return network;
}

RoundTask task_for(const StreetNetwork& network, bool all) {
  RoundTask task = {network, std::vector<char>(network.streets.size(), 1), 0, 0, false, INFINITY};
  for (size_t s = 0; s < network.streets.size() && !all; ++s) task.must[s] = network.streets[s].duty;
  return task;
}

// The least length over all walks with the task: from (streets done, junction), by sets.
double least_round(const RoundTask& task) {
  const auto& network = task.network;
  std::vector<int64_t> duties, all(network.junctions.size());
  for (size_t s = 0; s < task.must.size(); ++s) {
    if (task.must[s]) duties.push_back(static_cast<int64_t>(s));
  }
  std::iota(all.begin(), all.end(), 0);
  const Ways ways(network, all, [] { return true; });
  const auto junctions = static_cast<int64_t>(all.size());
  const int64_t subsets = int64_t{1} << duties.size();
  std::vector<double> best(subsets * junctions, 1e300);
  best[task.start] = 0;
  for (int64_t set = 0; set < subsets; ++set) {
    for (int64_t at = 0; at < junctions; ++at) {
      const double so_far = best[set * junctions + at];
      if (so_far >= 1e300) continue;
      for (size_t k = 0; k < duties.size(); ++k) {
        if (set >> k & 1) continue;
        const auto& street = network.streets[duties[k]];
        for (const bool back : {false, true}) {
          if (back && street.one_way()) continue;
          double& there = best[(set | int64_t{1} << k) * junctions + end_of(street, back)];
          there = std::min(there, so_far + ways.length(at, begin_of(street, back)) + street.walked(back));
        }
      }
    }
  }
  double length = 1e300;
  for (int64_t at = 0; at < junctions; ++at)
    length = std::min(length, best[(subsets - 1) * junctions + at] + (task.end ? ways.length(at, *task.end) : 0));
  return length;
}

}  // namespace

TEST(matching, least_join_is_the_least_of_all_sets_of_edges) {
  for (uint64_t table = 0; table < 30; ++table) {
    LengthGraph graph{6, {}};
    std::vector<char> odd(6, 0);
    for (int64_t e = 0; e < 12; ++e) {
      // The first edges make a ring, so that there is a join; loops and parallel edges among the others. Even tables
      // have a node of many edges.
      const int64_t a = e < 6 ? e : table % 2 == 0 ? 0 : static_cast<int64_t>(6 * uniform(50 + table, 3 * e));
      const int64_t b = e < 6 ? (e + 1) % 6 : static_cast<int64_t>(6 * uniform(50 + table, 3 * e + 1));
      graph.edges.push_back({a, b, static_cast<int64_t>(20 * uniform(50 + table, 3 * e + 2))});
    }
    for (int64_t v = 0; v < 5; ++v) odd[5] ^= odd[v] = uniform(90 + table, v) < 0.5;
    const auto joins = [&](const std::vector<int64_t>& edges) {
      std::vector<char> meets(6, 0);
      for (const int64_t e : edges) {
        meets[graph.edges[e].a] ^= 1;
        meets[graph.edges[e].b] ^= 1;
      }
      return meets == odd;
    };
    int64_t least = INT64_MAX;
    for (int64_t set = 0; set < 1 << 12; ++set) {
      std::vector<int64_t> edges;
      int64_t length = 0;
      for (int64_t e = 0; e < 12; ++e) {
        if (!(set >> e & 1)) continue;
        edges.push_back(e);
        length += graph.edges[e].length;
      }
      if (length < least && joins(edges)) least = length;
    }
    const std::vector<int64_t> found = least_join(graph, odd);
    int64_t length = 0;
    for (const int64_t e : found) length += graph.edges[e].length;
    EXPECT_TRUE(joins(found));
    EXPECT_EQ(length, least);
  }
}

// A path of capacities 3 and 2: cutting its ends apart costs 2.
TEST(matching, cut_tree_holds_the_least_cuts) {
  const CutTree tree = cut_tree({3, {{0, 1, 3}, {1, 2, 2}}});
  std::vector<int64_t> capacities;
  for (int64_t v = 0; v < 3; ++v) {
    if (tree.parent[v] >= 0) capacities.push_back(tree.capacity[v]);
  }
  std::sort(capacities.begin(), capacities.end());
  EXPECT_EQ(capacities, (std::vector<int64_t>{2, 3}));
}

// Exact by matching, and said so: against all walks of small towns, with the end at the depot, elsewhere and anywhere.
TEST(rounds, plain_postman_is_the_least_of_all_walks_at_once) {
  for (uint64_t table = 10; table < 14; ++table) {
    const StreetNetwork network = random_town(8, table);
    for (const std::optional<int64_t> end :
         {std::optional<int64_t>(0), std::optional<int64_t>(3), std::optional<int64_t>()}) {
      RoundTask task = task_for(network, true);
      task.end = end;
      SearchFigures figures;
      SearchOptions options;
      options.seconds = 600;
      const RoundAnswer answer = solve_round(task, options, figures);
      EXPECT_DOUBLE_EQ(answer.round.length, least_round(task));
      EXPECT_TRUE(answer.proved);
      EXPECT_EQ(figures.runs, 0);
      EXPECT_DOUBLE_EQ(check_round(task, answer.round).length, answer.round.length);
    }
  }
}

// A loop, a street of no length, and two streets between the same junctions.
TEST(rounds, loops_and_streets_of_no_length_are_walked) {
  StreetNetwork network = random_town(6, 3);
  StreetNetwork::Street loop;
  loop.a = loop.b = 2;
  loop.length = loop.back = 7;
  StreetNetwork::Street none;
  none.a = 1;
  none.b = 4;
  network.streets.push_back(loop);
  network.streets.push_back(none);
  network.streets.push_back(none);
  const RoundTask task = task_for(network, true);
  SearchFigures figures;
  const RoundAnswer answer = solve_round(task, fixed(1), figures);
  EXPECT_DOUBLE_EQ(answer.round.length, least_round(task));
  EXPECT_EQ(check_round(task, answer.round).walked, static_cast<int64_t>(network.streets.size()));
}

TEST(rounds, one_way_streets_and_own_lengths_are_walked_on_the_least_of_all_walks) {
  for (uint64_t table = 20; table < 26; ++table) {
    for (const Ways2 kind : {Ways2::own, Ways2::one_way}) {
      const StreetNetwork network = random_town(8, table, kind);
      for (const bool all : {true, false}) {
        const RoundTask task = task_for(network, all);
        SearchFigures figures;
        const RoundAnswer answer = solve_round(task, fixed(4), figures);
        EXPECT_DOUBLE_EQ(check_round(task, answer.round).length, least_round(task)) << table;
        EXPECT_LE(*answer.bound, answer.round.length);
      }
    }
  }
}

TEST(rounds, required_streets_are_walked_on_the_least_of_all_walks) {
  for (uint64_t table = 20; table < 26; ++table) {
    const StreetNetwork network = random_town(12, table);
    for (const std::optional<int64_t> end :
         {std::optional<int64_t>(0), std::optional<int64_t>(5), std::optional<int64_t>()}) {
      RoundTask task = task_for(network, false);
      task.end = end;
      SearchFigures figures;
      const RoundAnswer answer = solve_round(task, fixed(3), figures);
      EXPECT_DOUBLE_EQ(check_round(task, answer.round).length, least_round(task));
      EXPECT_LE(*answer.bound, answer.round.length * (1 + 1e-12));
    }
  }
}

// Every set of streets that fits into the limit, served on its least round; duties are in every set.
TEST(rounds, rewards_within_a_length_are_the_most_of_all_sets_of_streets) {
  for (uint64_t table = 30; table < 32; ++table) {
    for (const bool duties : {false, true}) {
      StreetNetwork network = random_town(7, table);
      for (size_t s = 0; s < network.streets.size(); ++s) network.streets[s].duty = s == 0;
      RoundTask task = task_for(network, false);
      if (!duties) task.must.assign(task.must.size(), 0);
      task.rewards = true;
      task.most_length = 25;
      double best = 0;
      for (int64_t set = 0; set < int64_t{1} << network.streets.size(); ++set) {
        RoundTask chosen = task;
        double reward = 0;
        bool holds = true;
        for (size_t s = 0; s < network.streets.size(); ++s) {
          chosen.must[s] = set >> s & 1;
          holds = holds && chosen.must[s] >= task.must[s];
          if (chosen.must[s]) reward += network.streets[s].reward;
        }
        if (holds && reward > best && least_round(chosen) <= task.most_length) best = reward;
      }
      SearchFigures figures;
      const RoundAnswer answer = solve_round(task, fixed(4), figures);
      EXPECT_EQ(check_round(task, answer.round).reward, best);
      if (answer.bound) {
        EXPECT_GE(*answer.bound, best);
      }
    }
  }
}

TEST(rounds, answer_of_fixed_runs_does_not_depend_on_threads) {
  const StreetNetwork network = random_town(40, 9);
  for (const bool rewards : {false, true}) {
    RoundTask task = task_for(network, false);
    task.rewards = rewards;
    if (rewards) task.must.assign(task.must.size(), 0);
    if (rewards) task.most_length = 90;
    SearchFigures figures;
    SearchOptions options = fixed(3);
    const RoundAnswer two = solve_round(task, options, figures);
    options.threads = 1;
    EXPECT_EQ(solve_round(task, options, figures).round.steps, two.round.steps);
  }
}

TEST(rounds, duties_longer_than_the_limit_are_refused) {
  const StreetNetwork network = random_town(8, 1);
  RoundTask task = task_for(network, true);
  task.rewards = true;
  task.most_length = 10;
  SearchFigures figures;
  EXPECT_THROW(solve_round(task, fixed(1), figures), InputError);
}

TEST(rounds, walks_that_are_no_rounds_are_refused) {
  StreetNetwork network = random_town(8, 1);
  RoundTask task = task_for(network, true);
  task.must.assign(task.must.size(), 0);
  const auto check = [&](const std::vector<Step>& steps) { return check_round(task, {steps, 0}).walked; };
  EXPECT_THROW(check({{3, false}}), InputError);               // does not begin at the depot
  EXPECT_THROW(check({{0, false}}), InputError);               // ends elsewhere
  EXPECT_THROW(check({{0, false}, {99, false}}), InputError);  // no such street
  EXPECT_EQ(check({{0, false}, {0, true}}), 1);
  task.must[5] = 1;
  EXPECT_THROW(check({{0, false}, {0, true}}), InputError);  // leaves a duty out
  task.must[5] = 0;
  network.streets[0].back = INFINITY;
  EXPECT_THROW(check({{0, false}, {0, true}}), InputError);  // against a one-way street
}

// Decimals are exact; what is no decimal is rounded to a part in 10^12.
TEST(rounds, lengths_become_whole_numbers) {
  StreetNetwork network = random_town(4, 1);
  network.streets[0].length = network.streets[0].back = 0.37;
  const WholeLengths whole = whole_lengths(network);
  EXPECT_TRUE(whole.exact);
  EXPECT_EQ(whole.forward[0], 37);
  network.streets[0].length = M_PI;
  EXPECT_FALSE(whole_lengths(network).exact);
}

// Lengths are told apart by their last digit: of 3 10^12 and one more, one is longer; 0.1 + 0.1 + 0.1 is 0.3.
TEST(rounds, whole_lengths_are_compared_exactly) {
  const Measure whole{1}, tenths{10};
  EXPECT_TRUE(whole.less(3e12, 3e12 + 1));
  EXPECT_FALSE(whole.reaches(3e12 + 1, 3e12));
  EXPECT_TRUE(tenths.reaches(0.1 + 0.1 + 0.1, 0.3));
  EXPECT_FALSE(tenths.less(0.3, 0.1 + 0.1 + 0.1));
  EXPECT_TRUE(Measure{}.reaches(std::sqrt(2) * (1 + 1e-15), std::sqrt(2)));

  SearchOptions options;
  options.target = 3e12;
  SearchFigures figures;
  Restarts<int, Measure> runs(options, whole, figures);
  runs.each([&](int64_t number) {
    if (number < 2)
      runs.offer(3e12 + 1 - static_cast<double>(number), number, [&] { return static_cast<int>(number); });
  });
  EXPECT_EQ(runs.take_best(), 1);
  EXPECT_TRUE(figures.hit_target);
}

TEST(rounds, a_round_as_long_as_the_limit_is_allowed) {
  StreetNetwork network;
  for (int64_t j = 0; j < 3; ++j) network.junctions.push_back({fmt::format("j{}", j), {0, 0}});
  for (int64_t j = 0; j < 3; ++j) {
    StreetNetwork::Street street;
    street.a = j;
    street.b = (j + 1) % 3;
    street.length = street.back = 0.1;
    street.reward = 1;
    network.streets.push_back(street);
  }
  network.depot = 0;
  RoundTask task = {network, std::vector<char>(3, 0), 0, 0, true, 0.3};
  SearchFigures figures;
  const RoundAnswer answer = solve_round(task, fixed(2), figures);
  EXPECT_EQ(check_round(task, answer.round).reward, 3);
}

}  // namespace swell::route
