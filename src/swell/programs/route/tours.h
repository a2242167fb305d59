#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/io/tsplib.h"
#include "swell/programs/route/runs.h"

namespace swell::route {

struct Tour {
  std::vector<int64_t> order;  // cities from 0, each once
  int64_t length = 0;
};

// The shortest closed tour that cooling finds: reversals of a stretch and stretches of up to three cities put
// elsewhere, towards near neighbours, accepted by Metropolis.
Tour search_tour(const Tsplib& problem, const SearchOptions& options, SearchFigures& figures);

// The same on p-bits, one for each city and place in the tour, with a penalty for cities that stand at no place or two:
// the baseline. City 0 stands first. Empty where no sampled state was a tour.
constexpr int64_t kMostPenaltyCities = 30;
std::optional<Tour> search_tour_by_penalty(const Tsplib& problem, const SearchOptions& options, SearchFigures& figures);

// The length from the problem's own distances; throws InputError where `order` is no tour.
int64_t check_tour(const Tsplib& problem, std::span<const int64_t> order);

// The optimum as TSPLIB lists it, all proven.
std::optional<int64_t> known_optimum(const Tsplib& problem);

// The tour as a TSPLIB file.
std::string tour_text(const Tsplib& problem, const Tour& tour);

}  // namespace swell::route
