#include "swell/programs/route/one_tree.h"

#include <algorithm>
#include <cmath>

namespace swell::route {

namespace {

constexpr int64_t kFine = 100;  // weights on cities are hundredths of a distance
constexpr size_t kCandidates = 6;

class Ascent {
 public:
  explicit Ascent(const TourMap& map) : map_(map), n_(static_cast<int32_t>(map.cities())), weight_(n_, 0) {}

  // The lightest 1-tree at the present weights: parents, degrees, and its length less that of the weights, in
  // hundredths.
  int64_t tree() {
    parent_.assign(n_, -1);
    degree_.assign(n_, 0);
    std::vector<int64_t> key(n_, INT64_MAX);
    std::vector<int32_t> left;
    for (int32_t k = 1; k < n_; ++k) left.push_back(k);
    int64_t total = 0;
    size_t next = 0;
    key[1] = 0;
    while (!left.empty()) {
      const int32_t city = left[next];
      left[next] = left.back();
      left.pop_back();
      total += key[city];
      if (parent_[city] >= 0) {
        ++degree_[city];
        ++degree_[parent_[city]];
      }
      int64_t least = INT64_MAX;
      for (size_t k = 0; k < left.size(); ++k) {
        const int32_t other = left[k];
        const int64_t d = cost(city, other);
        if (d < key[other]) {
          key[other] = d;
          parent_[other] = city;
        }
        if (key[other] < least) {
          least = key[other];
          next = k;
        }
      }
    }
    // The two shortest edges of city 0.
    first_ = second_ = -1;
    for (int32_t k = 1; k < n_; ++k) {
      if (first_ < 0 || cost(0, k) < cost(0, first_)) {
        second_ = first_;
        first_ = k;
      } else if (second_ < 0 || cost(0, k) < cost(0, second_)) {
        second_ = k;
      }
    }
    for (const int32_t k : {first_, second_}) {
      total += cost(0, k);
      ++degree_[k];
    }
    degree_[0] = 2;
    for (const int64_t w : weight_) total -= 2 * w;
    return total;
  }

  int64_t cost(int32_t a, int32_t b) const { return kFine * map_.between(a, b) + weight_[a] + weight_[b]; }

  // Raises the weights of cities where more than two edges meet, lowers those where one ends.
  bool raise(double step) {
    bool any = false;
    last_.resize(n_, 0);
    for (int32_t k = 0; k < n_; ++k) {
      const int excess = degree_[k] - 2;
      const double by = 0.7 * excess + 0.3 * last_[k];
      any = any || excess != 0;
      weight_[k] += std::llround(step * by);
      last_[k] = excess;
    }
    return any;
  }

  std::vector<int64_t>& weight() { return weight_; }

  std::vector<std::vector<int32_t>> candidates(const std::function<bool()>& go_on) const {
    struct Edge {
      int64_t alpha, distance;
      int32_t city;
      auto operator<=>(const Edge&) const = default;
    };
    std::vector<std::vector<int32_t>> neighbours(n_), best(n_);
    for (int32_t k = 1; k < n_; ++k) {
      if (parent_[k] < 0) continue;
      neighbours[k].push_back(parent_[k]);
      neighbours[parent_[k]].push_back(k);
    }
    std::vector<Edge> edges;
    std::vector<std::pair<int32_t, int64_t>> stack;
    std::vector<int32_t> from(n_, -1);
    for (int32_t a = 0; a < n_; ++a) {
      edges.clear();
      if (a == 0) {
        for (int32_t b = 1; b < n_; ++b)
          edges.push_back({std::max<int64_t>(0, cost(0, b) - cost(0, second_)), map_.between(0, b), b});
      } else {
        edges.push_back({a == first_ ? 0 : std::max<int64_t>(0, cost(0, a) - cost(0, second_)), map_.between(0, a), 0});
        stack.assign(1, {a, INT64_MIN});
        from[a] = a;
        while (!stack.empty()) {
          const auto [here, longest] = stack.back();
          stack.pop_back();
          if (here != a) edges.push_back({cost(a, here) - longest, map_.between(a, here), here});
          for (const int32_t next : neighbours[here]) {
            if (next == from[here]) continue;
            from[next] = here;
            stack.emplace_back(next, std::max(longest, cost(here, next)));
          }
        }
      }
      const size_t count = std::min(kCandidates, edges.size());
      std::partial_sort(edges.begin(), edges.begin() + static_cast<int64_t>(count), edges.end());
      for (size_t k = 0; k < count; ++k) best[a].push_back(edges[k].city);
      if (a % 64 == 0 && !go_on()) return {};
    }
    return best;
  }

 private:
  const TourMap& map_;
  int32_t n_;
  std::vector<int64_t> weight_;  // [cities], hundredths
  std::vector<int32_t> parent_;
  std::vector<int> degree_, last_;
  int32_t first_ = -1, second_ = -1;  // the nearest two of city 0
};

}  // namespace

OneTreeBound one_tree_bound(const TourMap& map, int64_t upper, const std::function<bool()>& raise_on,
                            const std::function<bool()>& go_on) {
  OneTreeBound result;
  if (map.cities() > kMostOneTreeCities) return result;
  Ascent ascent(map);
  int64_t best = ascent.tree();
  std::vector<int64_t> best_weight = ascent.weight();
  // Steps grow while they help, then they and the number of trials with each are halved (K. Helsgaun, above).
  const int64_t longest = std::max<int64_t>(50, map.cities() / 2);
  int64_t period = longest;
  double step = kFine;
  bool growing = true, open = true;
  for (; open && period > 0 && step >= 1; period /= 2, step /= 2) {
    for (int64_t trial = 1; open && trial <= period; ++trial) {
      open = raise_on() && go_on() && ascent.raise(step) && best < kFine * upper;
      const int64_t length = ascent.tree();
      if (length > best) {
        best = length;
        best_weight = ascent.weight();
        if (growing) step *= 2;
        if (trial == period) period = std::min(longest, 2 * period);
      } else if (growing && trial > period / 2) {
        growing = false;
        trial = 0;
        step *= 0.75;
      }
    }
  }
  result.bound = best > 0 ? (best + kFine - 1) / kFine : 0;
  ascent.weight() = best_weight;
  ascent.tree();
  result.candidates = ascent.candidates(go_on);
  return result;
}

}  // namespace swell::route
