#pragma once

#include <string>

#include "swell/programs/route/rounds.h"
#include "swell/programs/route/tours.h"

namespace swell::route {

// Maps as SVG files. A tour: cities and the closed line through them; empty where the problem has no places.
std::string draw_tour(const Tsplib& problem, const Tour& tour);

// A round: streets grey, walked ones coloured from the first (blue) to the last (red), wider for each further time;
// streets with a duty have a dark rim, the depot is a square; arrows and numbers say when and which way.
std::string draw_round(const Streets& streets, const Round& round, const std::string& title);

}  // namespace swell::route
