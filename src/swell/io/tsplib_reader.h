#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "swell/io/tsplib.h"

namespace swell {

// TYPE is TSP, or left out. EXPLICIT matrices are
// symmetric, in any of the formats FULL_MATRIX and UPPER_, LOWER_, _DIAG_, _ROW, _COL; their diagonal is not looked at.
// Throws IoError with `name` and the line.
Tsplib parse_tsplib(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
