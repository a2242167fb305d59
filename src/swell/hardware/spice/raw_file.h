#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace swell::spice {

// What ngspice writes: the last plot of a binary raw file, real numbers, each vector under its name ("v(x0)").
struct RawFile {
  int64_t points = 0;
  std::map<std::string, std::vector<double>> vectors;
};

// `name` starts the IoError that is thrown for anything else.
RawFile parse_raw(std::span<const std::byte> bytes, const std::string& name);

// Lines of numbers ("wrdata"), all of the same length. Throws IoError otherwise, naming the line.
std::vector<std::vector<double>> parse_columns(std::string_view text, const std::string& name);

}  // namespace swell::spice
