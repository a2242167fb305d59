#pragma once

#include "swell/programs/route/runs.h"
#include "swell/programs/route/tour_facts.h"

namespace swell::route {

// Up to here each thread, and each rank of a job, makes tours of its own.
constexpr int64_t kMostCitiesOfOwnTours = 10000;

// The shortest closed tour that a cooled chain of large steps finds (tour_chain.h), from greedy edges; in large
// problems stretch by stretch. Up to kMostExactCities all tours are compared. figures.bound: no tour is shorter
// (one_tree.h).
Tour search_tour(const Tsplib& problem, const SearchOptions& options, SearchFigures& figures);

}  // namespace swell::route
