#pragma once

#include <string>

#include "swell/programs/route/round.h"

namespace swell::route {

// A map of a round as an SVG file: streets grey as they are drawn, walked ones coloured from the first (blue) to the
// last (red), a line for each time; streets with a duty have a dark rim, the start is a square; arrows and, of short
// rounds, numbers say when and which way. A legend and a scale bar stand below. Empty where the network has no places.
std::string draw_round(const RoundTask& task, const Round& round, const std::string& title);

}  // namespace swell::route
