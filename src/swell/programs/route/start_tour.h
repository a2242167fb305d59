#pragma once

#include <cstdint>
#include <vector>

#include "swell/programs/route/tour_map.h"

namespace swell::route {

// A tour to start from: the shortest edges between candidates first, wherever they leave parts of a tour (greedy), then
// the ends of the parts joined in the same way. Held edges come before all.
std::vector<int32_t> greedy_tour(const TourMap& map);

}  // namespace swell::route
