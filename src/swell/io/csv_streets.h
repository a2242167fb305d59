#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "swell/io/street_network.h"

namespace swell {

// A table with a street a row, fields apart by comma, semicolon or tab. The header names the columns: from, to, length,
// back, oneway, duty, reward, name, and x1, y1, x2, y2 (or lon1, lat1, ...). Without one: from, to, length.
// Throws IoError with `name`, the place and what was wrong.
StreetNetwork parse_csv_streets(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
