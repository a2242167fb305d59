#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// A network of streets as text, a line each; # begins a comment, names are words without blanks:
//   junction NAME X Y                          where it lies on the map
//   street A B LENGTH [duty] [reward R] [name WORDS ...]    may be walked both ways; the name ends the line
//   depot NAME                                 where rounds begin and end; else the first junction
// Two streets may join the same junctions. Throws IoError with `name` and line: unknown words, junctions that are not
// there, streets from a junction to itself, lengths that are not positive, and a network in several parts.
struct Streets {
  struct Junction {
    std::string name;
    double x = 0, y = 0;
  };
  struct Street {
    int64_t a = 0, b = 0;
    double length = 0;
    bool duty = false;
    double reward = 0;
    std::string name;
  };
  std::vector<Junction> junctions;
  std::vector<Street> streets;
  int64_t depot = 0;
};

Streets parse_streets(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
