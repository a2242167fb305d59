#pragma once

#include <cstdint>
#include <optional>

#include "swell/physics/glauber.h"
#include "swell/programs/route/runs.h"
#include "swell/programs/route/tour_facts.h"

namespace swell::route {

// A tour on p-bits, one for each city and place in the tour, with a penalty for cities that stand at no place or two:
// the baseline. City 0 stands first. Empty where no sampled state was a tour. Throws InputError above
// kMostPenaltyCities.
constexpr int64_t kMostPenaltyCities = 30;
std::optional<Tour> search_tour_by_penalty(const Tsplib& problem, const SearchOptions& options, FlipRule rule,
                                           SearchFigures& figures);

}  // namespace swell::route
