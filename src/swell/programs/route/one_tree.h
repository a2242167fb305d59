#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "swell/programs/route/tour_map.h"

namespace swell::route {

// The bound of M. Held and R. M. Karp (Oper. Res. 18, 1138 (1970)): weights on cities, added to the edges there, change
// all tours by the same, and a tour is a tree over all cities but one, and two edges of that one. The lightest such
// 1-tree is no longer than any tour; the weights are raised and lowered until it is heavy. In whole numbers, so that
// the bound is exact.
struct OneTreeBound {
  int64_t bound = 0;  // no tour is shorter
  // Candidates by alpha (K. Helsgaun, Eur. J. Oper. Res. 126, 106 (2000)): how much heavier the lightest 1-tree with an
  // edge is. [cities], the best first.
  std::vector<std::vector<int32_t>> candidates;
};

// upper: the length of some tour. It takes time by the square of the cities, so that it is for kMostOneTreeCities at
// most. Both are asked between steps: raise_on ends the raising of weights, go_on everything; the bound so far is true
// whenever it ends, the candidates are empty where it ended too early.
constexpr int64_t kMostOneTreeCities = 4000;
OneTreeBound one_tree_bound(const TourMap& map, int64_t upper, const std::function<bool()>& raise_on,
                            const std::function<bool()>& go_on);

}  // namespace swell::route
