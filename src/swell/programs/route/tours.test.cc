#include "swell/programs/route/tours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/programs/route/near_cities.h"
#include "swell/programs/route/one_tree.h"
#include "swell/programs/route/start_tour.h"
#include "swell/programs/route/tour_chain.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::route {

namespace {

double uniform(uint64_t table, uint64_t index) { return draw_uniform({43, stream::kTesting}, table, index); }

Tsplib random_places(int64_t cities, uint64_t table, double side = 1000) {
  Tsplib problem;
  problem.cities = cities;
  for (int64_t c = 0; c < cities; ++c) {
    problem.x.push_back(std::floor(side * uniform(table, 2 * c)));
    problem.y.push_back(std::floor(side * uniform(table, 2 * c + 1)));
  }
  return problem;
}

// Cities on a lattice of unit squares, an even number of them: the shortest tour has a step of 1 to each.
Tsplib lattice(int64_t side) {
  Tsplib problem;
  problem.cities = side * side;
  for (int64_t c = 0; c < problem.cities; ++c) {
    problem.x.push_back(static_cast<double>(c % side));
    problem.y.push_back(static_cast<double>(c / side));
  }
  return problem;
}

Tsplib as_matrix(const Tsplib& places) {
  Tsplib problem;
  problem.cities = places.cities;
  problem.weights = Tsplib::Weights::matrix;
  for (int64_t a = 0; a < places.cities; ++a) {
    for (int64_t b = 0; b < places.cities; ++b) problem.matrix.push_back(distance(places, a, b));
  }
  return problem;
}

SearchOptions runs(int64_t count, int threads = 2) {
  SearchOptions options;
  options.seconds = 0;
  options.runs = count;
  options.threads = threads;
  return options;
}

}  // namespace

TEST(near_cities, tree_finds_the_nearest_of_all_points_by_every_rule) {
  std::vector<double> x, y, z;
  for (uint64_t k = 0; k < 300; ++k) {
    // Few values, so that some points stand in one place.
    x.push_back(std::floor(12 * uniform(1, 3 * k)));
    y.push_back(std::floor(12 * uniform(1, 3 * k + 1)));
    z.push_back(std::floor(3 * uniform(1, 3 * k + 2)));
  }
  using Metric = PlaceTree::Metric;
  for (const Metric metric : {Metric::euclidean, Metric::manhattan, Metric::chessboard}) {
    const PlaceTree tree(x, y, z, metric);
    const auto apart = [&](int32_t a, int32_t b) {
      const double dx = std::abs(x[a] - x[b]), dy = std::abs(y[a] - y[b]), dz = std::abs(z[a] - z[b]);
      if (metric == Metric::manhattan) return dx + dy + dz;
      return metric == Metric::euclidean ? std::sqrt(dx * dx + dy * dy + dz * dz) : std::max({dx, dy, dz});
    };
    std::vector<int32_t> found;
    for (int32_t a = 0; a < 300; ++a) {
      tree.nearest(a, 9, -1, found);
      std::vector<double> all, near;
      for (int32_t b = 0; b < 300; ++b) {
        if (b != a) all.push_back(apart(a, b));
      }
      std::sort(all.begin(), all.end());
      for (const int32_t b : found) near.push_back(apart(a, b));
      EXPECT_EQ(near, std::vector<double>(all.begin(), all.begin() + 9));
      tree.nearest(a, 300, 0, found);
      int64_t right = 0;
      for (int32_t b = 0; b < 300; ++b) right += x[b] > x[a] && y[b] >= y[a];
      EXPECT_EQ(static_cast<int64_t>(found.size()), right);
    }
  }
}

TEST(one_tree, no_tour_is_shorter_than_the_bound) {
  int64_t reached = 0;
  for (uint64_t table = 0; table < 20; ++table) {
    const Tsplib problem = random_places(10, table);
    const int64_t optimum = exact_tour(problem).length;
    const TourMap map(problem);
    const auto yes = [] { return true; };
    const OneTreeBound found = one_tree_bound(map, optimum + 50, yes, yes);
    EXPECT_LE(found.bound, optimum);
    EXPECT_GT(found.bound, optimum * 9 / 10);
    EXPECT_EQ(found.candidates.size(), 10u);
    reached += found.bound == optimum;
  }
  EXPECT_GE(reached, 5);
}

TEST(tours, one_city_and_two_are_tours) {
  Tsplib problem = random_places(2, 1);
  const int64_t there = distance(problem, 0, 1);
  const Tour back = exact_tour(problem);
  EXPECT_EQ(back.length, 2 * there);
  EXPECT_EQ(back.order.size(), 2u);
  problem = random_places(1, 1);
  for (const bool matrix : {false, true}) {
    if (matrix) {
      problem = as_matrix(problem);
      problem.matrix = {7};  // the way from a city to itself is not walked
    }
    SearchFigures figures;
    const Tour tour = search_tour(problem, {}, figures);
    EXPECT_EQ(tour.order, std::vector<int64_t>{0});
    EXPECT_EQ(tour.length, 0);
    EXPECT_EQ(figures.bound, 0);
    EXPECT_EQ(check_tour(problem, tour.order), 0);
  }
}

TEST(tours, large_steps_find_the_shortest_of_all_tours) {
  for (uint64_t table = 0; table < 20; ++table) {
    Tsplib problem = random_places(kMostExactCities - static_cast<int64_t>(table % 3), table);
    if (table % 2) problem = as_matrix(problem);
    if (table % 4 > 1) problem.fixed = {{0, 1}, {1, 5}, {3, 7}};
    const TourMap map(problem);
    Sequence draws({1, stream::kRoute}, table);
    TourChain chain(map, greedy_tour(map));
    int64_t best = chain.length();
    for (int k = 0; k < 2000; ++k) {
      chain.step(map.mean_near() * 0.2, draws);
      best = std::min(best, chain.length());
    }
    EXPECT_EQ(best, exact_tour(problem).length) << table;
  }
}

TEST(tours, chain_knows_its_length_and_holds_every_city_and_fixed_edge) {
  for (const bool matrix : {false, true}) {
    Tsplib problem = random_places(400, 77);
    if (matrix) problem = as_matrix(problem);
    for (int32_t k = 0; k < 60; k += 3) problem.fixed.emplace_back(k, k + 200);
    const TourMap map(problem);
    Sequence draws({1, stream::kRoute}, 5);
    TourChain chain(map, greedy_tour(map));
    for (int k = 0; k < 2000; ++k) chain.step(map.mean_near(), draws);
    std::vector<int64_t> order;
    for (const int32_t city : chain.order()) order.push_back(map.name(city));
    EXPECT_EQ(check_tour(problem, order), chain.length());
  }
}

TEST(tours, stretch_of_a_tour_keeps_its_ends_together) {
  const Tsplib problem = random_places(300, 78);
  const TourMap map(problem);
  const std::vector<int32_t> order = greedy_tour(map);
  const std::span<const int32_t> cities(order.data() + 100, 150);
  const TourMap stretch = map.stretch(cities);
  std::vector<int32_t> path(150);
  std::iota(path.begin(), path.end(), 0);
  TourChain chain(stretch, path);
  Sequence draws({1, stream::kRoute}, 6);
  for (int k = 0; k < 1000; ++k) chain.step(0, draws);
  const auto& found = chain.order();
  const auto first = std::find(found.begin(), found.end(), 0) - found.begin();
  EXPECT_TRUE(found[(first + 1) % 150] == 149 || found[(first + 149) % 150] == 149);
}

TEST(tours, optimum_of_a_lattice_is_found_and_proven) {
  const Tsplib problem = lattice(16);
  SearchFigures figures;
  const Tour tour = search_tour(problem, runs(1), figures);
  EXPECT_EQ(tour.length, 256);
  EXPECT_EQ(figures.bound, 256);
  EXPECT_EQ(figures.start, "greedy edges");
}

TEST(tours, fixed_edges_are_in_the_tour_and_cost_what_they_must) {
  Tsplib problem = lattice(6);
  problem.fixed = {{0, 35}};  // across: 7.07, which counts 7
  SearchFigures figures;
  const Tour tour = search_tour(problem, runs(4), figures);
  EXPECT_EQ(check_tour(problem, tour.order), tour.length);
  EXPECT_EQ(tour.length, 7 + 35);
  std::vector<int64_t> order(36);
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[0], order[10]);
  EXPECT_THROW(check_tour(problem, order), InputError);
}

TEST(tours, large_problems_have_one_answer_for_any_threads) {
  const Tsplib problem = random_places(10100, 80, 1e6);
  SearchFigures figures;
  const Tour one = search_tour(problem, runs(1, 1), figures), two = search_tour(problem, runs(1, 3), figures);
  EXPECT_EQ(one.order, two.order);
  EXPECT_EQ(check_tour(problem, one.order), one.length);
  // Random places in a square: 0.7124 sqrt(n area) for many cities (D. S. Johnson, L. A. McGeoch, 1996); within 7 %.
  EXPECT_LT(static_cast<double>(one.length), 1.07 * 0.7124 * std::sqrt(10100.0) * 1e6);
}

TEST(tours, cities_in_one_place_are_a_tour_of_length_0) {
  Tsplib problem;
  problem.cities = 3000;
  problem.x.assign(3000, 5);
  problem.y.assign(3000, 5);
  SearchFigures figures;
  EXPECT_EQ(search_tour(problem, runs(1), figures).length, 0);
  EXPECT_EQ(figures.bound, 0);
}

TEST(tours, published_optimum_belongs_to_the_cities_and_not_to_the_name) {
  Tsplib problem = random_places(52, 81);
  problem.name = "berlin52";
  EXPECT_FALSE(known_optimum(problem));
  problem = lattice(10);
  problem.name = "kroA100";
  EXPECT_FALSE(known_optimum(problem));
}

}  // namespace swell::route
