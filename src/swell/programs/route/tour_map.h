#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "swell/io/tsplib.h"

namespace swell::route {

// What a search for tours looks up: distances, and each city's candidates for its next. Cities are renumbered so that
// near ones lie near in memory; name() leads back to the problem's numbers.
class TourMap {
 public:
  // The problem must outlive the map.
  explicit TourMap(const Tsplib& problem);

  // Part of a tour as a problem of its own: these cities, numbered in this order; the first and the last are held
  // together.
  TourMap stretch(std::span<const int32_t> cities) const;

  int64_t cities() const { return static_cast<int64_t>(names_.size()); }
  int32_t name(int64_t city) const { return names_[city]; }
  double mean_near() const { return mean_near_; }

  int64_t between(int32_t a, int32_t b) const {
    if (!table_.empty()) return table_[static_cast<size_t>(a) * names_.size() + static_cast<size_t>(b)];
    if (matrix_) return distance(*matrix_, names_[a], names_[b]);
    return distance(places_, a, b);
  }

  // Candidates, the likeliest first, and how far they are.
  struct Near {
    int32_t city;
    int64_t distance;
  };
  std::span<const Near> near(int64_t city) const {
    return {near_.data() + first_[city], static_cast<size_t>(first_[city + 1] - first_[city])};
  }

  // Puts these candidates before the nearest, which walks between parts of a tour still need. [cities]
  void put_first(const std::vector<std::vector<int32_t>>& candidates);

  // A pair of cities; sorted by length.
  struct Link {
    int64_t length;
    int32_t a, b;
    auto operator<=>(const Link&) const = default;
  };
  // Each of these cities with about `most` of the nearest others of them.
  std::vector<Link> links_among(std::span<const int32_t> cities, int64_t most) const;

  // Edges that every tour holds; at most two meet in a city, -1 for none.
  bool held(int32_t a, int32_t b) const { return any_held_ && (held_[a][0] == b || held_[a][1] == b); }
  const std::array<int32_t, 2>& held_by(int64_t city) const { return held_[city]; }

 private:
  TourMap() = default;
  void hold(int32_t a, int32_t b);
  Tsplib places_of(std::span<const int32_t> cities) const;
  void find_near();
  void find_near_in_matrix();
  void tabulate();

  Tsplib places_;                   // coordinates, renumbered
  const Tsplib* matrix_ = nullptr;  // where distances are a matrix
  std::vector<int32_t> names_, table_;
  std::vector<int64_t> first_;  // [cities + 1], into near_
  std::vector<Near> near_;
  std::vector<std::array<int32_t, 2>> held_;
  bool any_held_ = false;
  double mean_near_ = 0;
};

}  // namespace swell::route
