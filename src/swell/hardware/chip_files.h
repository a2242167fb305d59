#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "swell/hardware/imperfections.h"

namespace swell::hardware {

// From TOML: tables [couplings] mismatch asymmetry bits rounding stuck, [units] mismatch capacitance parasitic offset
// leakage, [noise] mismatch correlation_time flicker_corner flicker_decades temperature delay, [readout] bits range
// noise; relative numbers also as "1.5 %". Throws InputError naming file, line, key and what is allowed; IoError where
// the file cannot be read.
Imperfections parse_imperfections(std::string_view text, const std::string& name);
Imperfections read_imperfections(const std::filesystem::path& path);

}  // namespace swell::hardware
