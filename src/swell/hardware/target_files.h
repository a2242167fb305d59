#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "swell/hardware/target.h"

namespace swell::hardware {

// From TOML: name, description, source, unpublished; tables [graph] kind rows columns units left offsets, [couplings]
// bits largest sign, [units] law bias bias_bits, [noise] least_kT most_kT, [readout] bits. Throws InputError naming
// file, line, key and what is allowed; IoError where the file cannot be read.
Target parse_target(std::string_view text, const std::string& name);
Target read_target(const std::filesystem::path& path);

}  // namespace swell::hardware
