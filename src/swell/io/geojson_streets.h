#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "swell/io/street_network.h"

namespace swell {

// GeoJSON (RFC 7946): LineStrings and MultiLineStrings are streets that meet where they share a point. Longitude and
// latitude, unless a "crs" names another system or a coordinate lies outside of them: then plain x and y. Properties:
// name, length (metres; else as drawn), oneway (yes, no, -1), duty, reward. A Point with the property depot is the
// depot.
// Throws IoError with `name`, the place and what was wrong.
StreetNetwork parse_geojson_streets(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
