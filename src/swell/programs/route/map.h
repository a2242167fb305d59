#pragma once

#include <string>

#include "swell/programs/route/tours.h"

namespace swell::route {

// A map of a tour as an SVG file: cities and the closed line through them; empty where the problem has no places.
std::string draw_tour(const Tsplib& problem, const Tour& tour);

}  // namespace swell::route
