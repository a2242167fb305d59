#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "swell/io/street_network.h"

namespace swell {

// A network of streets as text, a line each; # begins a comment, names of junctions are words without blanks:
//   junction NAME X Y                  where it lies on the map
//   street A B LENGTH [oneway] [back LENGTH] [duty] [reward R] [name WORDS ...]
//                                      oneway: from A to B only; back: its length from B to A, where it is another.
//                                      The name ends before the next of these words; "quoted", it may hold them.
//   depot NAME                         where rounds begin and end
//   end NAME, end anywhere             where they end instead
// Throws IoError with `name` and line: unknown words, junctions that are not there, negative lengths, further depots.
StreetNetwork parse_street_lines(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
