#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "swell/io/street_network.h"

namespace swell {

// An extract of OpenStreetMap (XML): ways with the tag highway, but for planned and former ones and areas. Tags: name,
// oneway, junction=roundabout, and of one's own duty and reward; a node tagged depot=yes is the depot.
// Throws IoError with `name`, the place and what was wrong.
StreetNetwork parse_osm_streets(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
