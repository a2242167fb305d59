#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <pugixml.hpp>
#include <span>
#include <string_view>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

// The document, with entities of the five built-in names only: pugixml reads no document types. Throws IoError.
inline void load_xml(pugi::xml_document& document, std::span<const std::byte> bytes, std::string_view name) {
  const pugi::xml_parse_result result = document.load_buffer(bytes.data(), bytes.size());
  if (!result)
    throw IoError(fmt::format("{}, byte {}: not XML: {}", name, result.offset, printable(result.description())));
}

// A finite number of at most 1e12 in size, and of at least `low`. Throws IoError.
inline double xml_number(std::string_view text, double low, std::string_view what, std::string_view name) {
  const std::string_view whole = text;
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n' || text.front() == '+')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  double value = NAN;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size() || !(value >= low && std::abs(value) <= 1e12))
    throw IoError(fmt::format("{}: {} is {}; allowed are numbers from {} to 1e12", name, what, printable(whole), low));
  return value;
}

}  // namespace swell
