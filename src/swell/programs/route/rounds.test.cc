#include "swell/programs/route/rounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/programs/route/matching.h"
#include "swell/programs/route/tour_penalty.h"
#include "swell/programs/route/tours.h"
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

Tsplib random_cities(int64_t cities, uint64_t table) {
  Tsplib problem;
  problem.cities = cities;
  for (int64_t c = 0; c < cities; ++c) {
    problem.x.push_back(std::floor(1000 * uniform(table, 2 * c)));
    problem.y.push_back(std::floor(1000 * uniform(table, 2 * c + 1)));
  }
  return problem;
}

// A ring of junctions with chords.
Streets random_town(int64_t junctions, uint64_t table) {
  Streets streets;
  for (int64_t j = 0; j < junctions; ++j)
    streets.junctions.push_back(
        {"j" + std::to_string(j), std::cos(static_cast<double>(j)), std::sin(static_cast<double>(j))});
  uint64_t next = 0;
  const auto add = [&](int64_t a, int64_t b) {
    streets.streets.push_back({a, b, 1 + std::floor(9 * uniform(table, next)), uniform(table, next + 1) < 0.4,
                               std::floor(5 * uniform(table, next + 2)), ""});
    next += 3;
  };
  for (int64_t j = 0; j < junctions; ++j) add(j, (j + 1) % junctions);
  for (int64_t j = 0; j + 3 < junctions; j += 2) add(j, j + 3);
  return streets;
}

// The shortest tour by going through all subsets (M. Held, R. Karp, 1962).
int64_t held_karp(const Tsplib& problem) {
  const int64_t n = problem.cities - 1, subsets = int64_t{1} << n;
  std::vector<int64_t> best(subsets * n, INT64_MAX / 2);
  for (int64_t c = 0; c < n; ++c) best[(int64_t{1} << c) * n + c] = distance(problem, 0, c + 1);
  for (int64_t set = 1; set < subsets; ++set) {
    for (int64_t last = 0; last < n; ++last) {
      if (!(set >> last & 1)) continue;
      for (int64_t to = 0; to < n; ++to) {
        if (set >> to & 1) continue;
        int64_t& there = best[(set | int64_t{1} << to) * n + to];
        there = std::min(there, best[set * n + last] + distance(problem, last + 1, to + 1));
      }
    }
  }
  int64_t length = INT64_MAX;
  for (int64_t c = 0; c < n; ++c) length = std::min(length, best[(subsets - 1) * n + c] + distance(problem, c + 1, 0));
  return length;
}

// The least extra length, or the best reward, over all walks: from (junction, streets still to do), shortest first.
double least_round(const Streets& streets, const Ways& ways, const std::vector<int64_t>& duties) {
  const auto count = static_cast<int64_t>(duties.size()), subsets = int64_t{1} << count;
  const auto junctions = static_cast<int64_t>(streets.junctions.size());
  std::vector<double> best(subsets * junctions, 1e300);
  best[streets.depot] = 0;
  for (int64_t set = 0; set < subsets; ++set) {
    for (int64_t at = 0; at < junctions; ++at) {
      const double so_far = best[set * junctions + at];
      if (so_far >= 1e300) continue;
      for (int64_t k = 0; k < count; ++k) {
        if (set >> k & 1) continue;
        const auto& street = streets.streets[duties[k]];
        for (const auto& [from, to] : {std::pair(street.a, street.b), std::pair(street.b, street.a)}) {
          double& there = best[(set | int64_t{1} << k) * junctions + to];
          there = std::min(there, so_far + ways.length(at, from) + street.length);
        }
      }
    }
  }
  double length = 1e300;
  for (int64_t at = 0; at < junctions; ++at)
    length = std::min(length, best[(subsets - 1) * junctions + at] + ways.length(at, streets.depot));
  return length;
}

}  // namespace

TEST(tours, cooling_finds_the_shortest_tours_of_held_and_karp) {
  for (uint64_t table = 0; table < 5; ++table) {
    const Tsplib problem = random_cities(14, table);
    SearchFigures figures;
    const Tour tour = search_tour(problem, fixed(3), figures);
    EXPECT_EQ(tour.length, held_karp(problem));
    EXPECT_EQ(check_tour(problem, tour.order), tour.length);
    EXPECT_GT(figures.accepted, 0);
  }
}

// Cities on a circle: the tour around it is the shortest.
TEST(tours, cities_on_a_circle_are_visited_in_order) {
  Tsplib problem;
  problem.cities = 90;
  for (int64_t c = 0; c < 90; ++c) {
    const double angle = 2 * M_PI * static_cast<double>(c * 37 % 90) / 90;
    problem.x.push_back(10000 * std::cos(angle));
    problem.y.push_back(10000 * std::sin(angle));
  }
  SearchFigures figures;
  const Tour tour = search_tour(problem, fixed(2), figures);
  EXPECT_NEAR(static_cast<double>(tour.length), 90 * 20000 * std::sin(M_PI / 90), 90);
}

TEST(tours, answer_of_fixed_runs_does_not_depend_on_threads) {
  const Tsplib problem = random_cities(40, 9);
  SearchFigures figures;
  SearchOptions options = fixed(3);
  const Tour two = search_tour(problem, options, figures);
  options.threads = 1;
  EXPECT_EQ(search_tour(problem, options, figures).order, two.order);
}

TEST(tours, penalty_encoding_has_its_ground_state_at_the_shortest_tour) {
  const Tsplib problem = random_cities(6, 12);
  SearchFigures figures;
  const auto tour = search_tour_by_penalty(problem, fixed(4), figures);
  ASSERT_TRUE(tour.has_value());
  EXPECT_EQ(tour->length, held_karp(problem));
}

TEST(tours, what_is_no_tour_is_refused) {
  const Tsplib problem = random_cities(4, 1);
  EXPECT_THROW(check_tour(problem, std::vector<int64_t>{0, 1, 2}), InputError);
  EXPECT_THROW(check_tour(problem, std::vector<int64_t>{0, 1, 2, 2}), InputError);
  EXPECT_THROW(check_tour(problem, std::vector<int64_t>{0, 1, 2, 4}), InputError);
}

TEST(matching, pairs_add_up_to_the_least_of_all_pairings) {
  for (uint64_t table = 0; table < 20; ++table) {
    constexpr int64_t n = 8;
    std::vector<int64_t> weights(n * n, 0);
    for (int64_t a = 0; a < n; ++a) {
      for (int64_t b = 0; b < a; ++b)
        weights[a * n + b] = weights[b * n + a] = static_cast<int64_t>(100 * uniform(50 + table, a * n + b));
    }
    std::vector<int64_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    int64_t least = INT64_MAX;
    do {
      int64_t sum = 0;
      for (int64_t k = 0; k < n; k += 2) sum += weights[order[k] * n + order[k + 1]];
      least = std::min(least, sum);
    } while (std::next_permutation(order.begin(), order.end()));
    int64_t found = 0;
    const auto pairs = least_perfect_matching(n, weights);
    EXPECT_EQ(pairs.size(), 4u);
    for (const auto& [a, b] : pairs) found += weights[a * n + b];
    EXPECT_EQ(found, least);
  }
}

TEST(rounds, postman_by_cooling_equals_the_exact_matching_and_walks_every_street) {
  for (uint64_t table = 0; table < 6; ++table) {
    const Streets streets = random_town(20, table);
    const Ways ways(streets);
    SearchFigures figures;
    const Round found = search_postman(streets, ways, fixed(3), figures), exact = exact_postman(streets, ways);
    EXPECT_DOUBLE_EQ(found.length, exact.length);
    for (const Round& round : {found, exact}) {
      const RoundCheck check = check_round(streets, round.streets);
      EXPECT_EQ(check.walked, static_cast<int64_t>(streets.streets.size()));
      EXPECT_DOUBLE_EQ(check.length, round.length);
    }
  }
}

// The exact postman itself, against all walks of a small town.
TEST(rounds, exact_postman_is_the_least_of_all_walks) {
  for (uint64_t table = 10; table < 13; ++table) {
    const Streets streets = random_town(8, table);
    std::vector<int64_t> all(streets.streets.size());
    std::iota(all.begin(), all.end(), 0);
    const Ways ways(streets);
    EXPECT_DOUBLE_EQ(exact_postman(streets, ways).length, least_round(streets, ways, all));
  }
}

TEST(rounds, required_streets_are_walked_on_the_least_of_all_walks) {
  for (uint64_t table = 20; table < 23; ++table) {
    const Streets streets = random_town(12, table);
    std::vector<int64_t> duties;
    for (size_t s = 0; s < streets.streets.size(); ++s) {
      if (streets.streets[s].duty) duties.push_back(static_cast<int64_t>(s));
    }
    const Ways ways(streets);
    SearchFigures figures;
    const Round round = search_round(streets, ways, Duty::required, 0, fixed(3), figures);
    const RoundCheck check = check_round(streets, round.streets);
    EXPECT_EQ(check.duties_done, check.duties);
    EXPECT_DOUBLE_EQ(check.length, least_round(streets, ways, duties));
  }
}

// Every set of streets that fits into the limit, served on its least round.
TEST(rounds, rewards_within_a_length_are_the_most_of_all_sets_of_streets) {
  for (uint64_t table = 30; table < 32; ++table) {
    const Streets streets = random_town(7, table);
    const Ways ways(streets);
    const auto count = static_cast<int64_t>(streets.streets.size());
    ASSERT_LE(count, 10);
    constexpr double limit = 25;
    double best = 0;
    for (int64_t set = 0; set < int64_t{1} << count; ++set) {
      std::vector<int64_t> chosen;
      double reward = 0;
      for (int64_t s = 0; s < count; ++s) {
        if (!(set >> s & 1)) continue;
        chosen.push_back(s);
        reward += streets.streets[s].reward;
      }
      if (reward > best && least_round(streets, ways, chosen) <= limit) best = reward;
    }
    SearchFigures figures;
    const Round round = search_round(streets, ways, Duty::rewards, limit, fixed(4), figures);
    const RoundCheck check = check_round(streets, round.streets);
    EXPECT_LE(check.length, limit);
    EXPECT_EQ(check.reward, best);
  }
}

TEST(rounds, walks_that_are_no_rounds_are_refused) {
  const Streets streets = random_town(8, 1);
  EXPECT_THROW(check_round(streets, std::vector<int64_t>{3}), InputError);      // does not begin at the depot
  EXPECT_THROW(check_round(streets, std::vector<int64_t>{0}), InputError);      // ends elsewhere
  EXPECT_THROW(check_round(streets, std::vector<int64_t>{0, 99}), InputError);  // no such street
  EXPECT_EQ(check_round(streets, std::vector<int64_t>{0, 0}).walked, 1);
}

}  // namespace swell::route
