#include "swell/programs/route/tour_penalty.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/programs/route/tour_facts.h"
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

TEST(tours, the_way_from_a_lone_city_to_itself_is_not_counted) {
  Tsplib one;
  one.cities = 1;
  one.weights = Tsplib::Weights::matrix;
  one.matrix = {5};
  EXPECT_EQ(check_tour(one, std::vector<int64_t>{0}), 0);
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
  for (const FlipRule rule : {FlipRule::gibbs, FlipRule::metropolis}) {
    SearchFigures figures;
    const auto tour = search_tour_by_penalty(problem, fixed(4), rule, figures);
    ASSERT_TRUE(tour.has_value()) << name_of(rule);
    EXPECT_EQ(tour->length, held_karp(problem)) << name_of(rule);
  }
}

TEST(tours, what_is_no_tour_is_refused) {
  const Tsplib problem = random_cities(4, 1);
  EXPECT_THROW(check_tour(problem, std::vector<int64_t>{0, 1, 2}), InputError);
  EXPECT_THROW(check_tour(problem, std::vector<int64_t>{0, 1, 2, 2}), InputError);
  EXPECT_THROW(check_tour(problem, std::vector<int64_t>{0, 1, 2, 4}), InputError);
}

}  // namespace swell::route
