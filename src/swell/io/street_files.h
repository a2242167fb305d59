#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "swell/io/street_network.h"

namespace swell {

// A street network in whatever format: GeoJSON, OpenStreetMap XML, GraphML, CSV or lines, told apart by what the file
// begins with; nothing where it is none of them. Throws IoError as their readers do.
std::optional<StreetNetwork> parse_street_file(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
