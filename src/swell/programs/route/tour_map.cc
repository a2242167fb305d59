#include "swell/programs/route/tour_map.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/programs/route/near_cities.h"

namespace swell::route {

namespace {

constexpr int64_t kNearest = 8, kOfQuadrant = 2;  // candidates; of the quadrants those that are not there yet
constexpr int64_t kMostTabled = 1500;             // cities whose distances are tabled

// Space in which what is near is near by the problem's own rule.
PlaceTree tree_of(const Tsplib& p) {
  using W = Tsplib::Weights;
  using Metric = PlaceTree::Metric;
  if (p.weights == W::geo || p.weights == W::geom) {
    // Chords of the sphere grow with its arcs.
    const size_t n = p.x.size();
    std::vector<double> x(n), y(n), z(n);
    for (size_t k = 0; k < n; ++k) {
      const double latitude = latitude_radians(p, k), longitude = longitude_radians(p, k);
      x[k] = std::cos(latitude) * std::cos(longitude);
      y[k] = std::cos(latitude) * std::sin(longitude);
      z[k] = std::sin(latitude);
    }
    return {x, y, z, Metric::euclidean};
  }
  const bool manhattan = p.weights == W::man_2d || p.weights == W::man_3d;
  const bool chessboard =
      p.weights == W::max_2d || p.weights == W::max_3d || p.weights == W::xray1 || p.weights == W::xray2;
  return {p.x, p.y, p.z, manhattan ? Metric::manhattan : chessboard ? Metric::chessboard : Metric::euclidean};
}

}  // namespace

TourMap::TourMap(const Tsplib& problem) {
  const int64_t n = problem.cities;
  if (problem.weights == Tsplib::Weights::matrix) {
    matrix_ = &problem;
    names_.resize(n);
    std::iota(names_.begin(), names_.end(), 0);
    tabulate();
    find_near_in_matrix();
  } else {
    names_ = tree_of(problem).order();
    places_ = problem;
    places_ = places_of(names_);
    tabulate();
    find_near();
  }
  held_.assign(n, {-1, -1});
  std::vector<int32_t> number(n);
  for (int64_t k = 0; k < n; ++k) number[names_[k]] = static_cast<int32_t>(k);
  for (const auto& [a, b] : problem.fixed) hold(number[a], number[b]);
}

void TourMap::hold(int32_t a, int32_t b) {
  any_held_ = true;
  held_[a][held_[a][0] >= 0] = b;
  held_[b][held_[b][0] >= 0] = a;
}

void TourMap::tabulate() {
  const int64_t n = cities();
  if (n > kMostTabled) return;
  std::vector<int32_t> table(n * n);
  for (int32_t a = 0; a < n; ++a) {
    for (int32_t b = 0; b < n; ++b) {
      const int64_t d = between(a, b);
      if (d > INT32_MAX) return;
      table[a * n + b] = static_cast<int32_t>(d);
    }
  }
  table_ = std::move(table);
}

void TourMap::find_near() {
  const auto n = static_cast<int32_t>(cities());
  const PlaceTree tree = tree_of(places_);
  std::vector<int32_t> found, all;
  first_ = {0};
  for (int32_t a = 0; a < n; ++a) {
    tree.nearest(a, kNearest, -1, all);
    for (int quadrant = 0; quadrant < 4; ++quadrant) {
      tree.nearest(a, kOfQuadrant, quadrant, found);
      for (const int32_t b : found) {
        if (std::find(all.begin(), all.end(), b) == all.end()) all.push_back(b);
      }
    }
    const size_t begin = near_.size();
    for (const int32_t b : all) near_.push_back({b, between(a, b)});
    std::stable_sort(near_.begin() + static_cast<int64_t>(begin), near_.end(),
                     [](const Near& p, const Near& q) { return p.distance < q.distance; });
    first_.push_back(static_cast<int64_t>(near_.size()));
    for (size_t k = begin; k < begin + 3 && k < near_.size(); ++k)
      mean_near_ += static_cast<double>(near_[k].distance) / (3.0 * n);
  }
}

void TourMap::find_near_in_matrix() {
  const auto n = static_cast<int32_t>(cities());
  const int64_t width = std::min<int64_t>(kNearest + 2, n - 1);
  std::vector<Near> others(n);
  first_ = {0};
  for (int32_t a = 0; a < n; ++a) {
    others.clear();
    for (int32_t b = 0; b < n; ++b) {
      if (b != a) others.push_back({b, between(a, b)});
    }
    std::partial_sort(others.begin(), others.begin() + width, others.end(), [](const Near& p, const Near& q) {
      return std::pair(p.distance, p.city) < std::pair(q.distance, q.city);
    });
    near_.insert(near_.end(), others.begin(), others.begin() + width);
    first_.push_back(static_cast<int64_t>(near_.size()));
    for (int64_t k = 0; k < std::min<int64_t>(3, width); ++k)
      mean_near_ += static_cast<double>(others[k].distance) / (3.0 * n);
  }
}

void TourMap::put_first(const std::vector<std::vector<int32_t>>& candidates) {
  std::vector<Near> near;
  std::vector<int64_t> first = {0};
  for (int32_t a = 0; a < cities(); ++a) {
    for (const int32_t b : candidates[a]) near.push_back({b, between(a, b)});
    for (const Near& other : this->near(a)) {
      if (std::find(candidates[a].begin(), candidates[a].end(), other.city) == candidates[a].end())
        near.push_back(other);
    }
    first.push_back(static_cast<int64_t>(near.size()));
  }
  near_ = std::move(near);
  first_ = std::move(first);
}

std::vector<TourMap::Link> TourMap::links_among(std::span<const int32_t> cities, int64_t most) const {
  std::vector<Link> links;
  const auto n = static_cast<int32_t>(cities.size());
  const auto add = [&](int32_t a, int32_t b) {
    links.push_back({between(cities[a], cities[b]), std::min(cities[a], cities[b]), std::max(cities[a], cities[b])});
  };
  if (matrix_) {
    std::vector<std::pair<int64_t, int32_t>> others;
    for (int32_t a = 0; a < n; ++a) {
      others.clear();
      for (int32_t b = 0; b < n; ++b) {
        if (b != a) others.emplace_back(between(cities[a], cities[b]), b);
      }
      const int64_t count = std::min<int64_t>(most, n - 1);
      std::partial_sort(others.begin(), others.begin() + count, others.end());
      for (int64_t k = 0; k < count; ++k) add(a, others[k].second);
    }
    return links;
  }
  const PlaceTree tree = tree_of(places_of(cities));
  std::vector<int32_t> found;
  for (int32_t a = 0; a < n; ++a) {
    tree.nearest(a, most, -1, found);
    for (const int32_t b : found) add(a, b);
  }
  return links;
}

// The coordinates of these cities.
Tsplib TourMap::places_of(std::span<const int32_t> cities) const {
  Tsplib part;
  part.weights = places_.weights;
  part.cities = static_cast<int64_t>(cities.size());
  const auto gather = [&](const std::vector<double>& from, std::vector<double>& to) {
    if (from.empty()) return;
    for (const int32_t city : cities) to.push_back(from[city]);
  };
  gather(places_.x, part.x);
  gather(places_.y, part.y);
  gather(places_.z, part.z);
  return part;
}

TourMap TourMap::stretch(std::span<const int32_t> cities) const {
  TourMap part;
  const auto n = static_cast<int32_t>(cities.size());
  std::vector<int32_t> number(names_.size(), -1);
  for (int32_t k = 0; k < n; ++k) number[cities[k]] = k;
  part.matrix_ = matrix_;
  part.places_ = places_of(cities);
  part.held_.assign(n, {-1, -1});
  part.first_ = {0};
  part.mean_near_ = mean_near_;
  for (int32_t k = 0; k < n; ++k) {
    const int32_t city = cities[k];
    part.names_.push_back(names_[city]);
    for (const Near& near : this->near(city)) {
      if (number[near.city] >= 0) part.near_.push_back({number[near.city], near.distance});
    }
    part.first_.push_back(static_cast<int64_t>(part.near_.size()));
    for (const int32_t other : held_[city]) {
      if (other > city && number[other] >= 0) part.hold(k, number[other]);
    }
  }
  if (!part.held(0, n - 1)) part.hold(0, n - 1);
  return part;
}

}  // namespace swell::route
