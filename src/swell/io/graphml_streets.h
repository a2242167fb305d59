#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "swell/io/street_network.h"

namespace swell {

// GraphML: data named x and y, or lon and lat, of nodes; length or weight, name, oneway, duty, reward, geometry (WKT)
// of edges. Of a directed graph, an edge and one against it are a street that may be walked both ways.
// Throws IoError with `name`, the place and what was wrong.
StreetNetwork parse_graphml_streets(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
