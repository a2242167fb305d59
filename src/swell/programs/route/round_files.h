#pragma once

#include <string>

#include "swell/programs/route/round.h"

namespace swell::route {

// The round as a file. Text: a street a line. GPX (a track for navigation devices) and GeoJSON (a line for each street
// walked, in order) hold longitude and latitude; GeoJSON of networks without them plain x and y. Empty where the
// network has no such places.
std::string round_text(const RoundTask& task, const Round& round);
std::string round_gpx(const RoundTask& task, const Round& round, const std::string& title);
std::string round_geojson(const RoundTask& task, const Round& round);

}  // namespace swell::route
