#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// A quadratic function of bits (0, 1) or spins (-1, +1): offset + sum value x_i x_j over the entries, where an entry
// with i = j is value x_i. All readers throw IoError with file and line.
struct Quadratic {
  struct Entry {
    int64_t i = 0, j = 0;  // i <= j, each pair at most once
    double value = 0;
  };
  int64_t size = 0;
  std::vector<Entry> entries;
  double offset = 0;
  bool spins = false;
  bool maximize = false;            // to be made large; else small
  int64_t first_label = 0;          // variables are numbered from here
  std::vector<std::string> labels;  // [size] as JSON texts, where they have names of their own; else empty
};
using Qubo = Quadratic;

// qbsolv's files: comments "c ...", then "p qubo 0 SIZE DIAGONALS COUPLERS", lines "i i value", lines "i j value" with
// i < j, from 0; to be made small.
Quadratic parse_qubo(std::span<const std::byte> bytes, std::string_view name);

// OR-Library's files: the number of problems, then for each "size entries" and lines "i j value" of a symmetric matrix
// counted from 1, each pair once: x'Qx, to be made large. `instance` from 1; where it is missing, the only one. Throws
// InputError where it has to be chosen.
Quadratic parse_or_library(std::span<const std::byte> bytes, std::string_view name, std::optional<int64_t> instance);

// BiqMac's .mat files: the size, then all values of the matrix, row by row: x'Qx, to be made small.
Quadratic parse_dense_qubo(std::span<const std::byte> bytes, std::string_view name);

// dimod's COO text: lines "i j value" and "i i value" with variables numbered from 0 by their names; several of one
// pair add up. A comment "# vartype=SPIN" or BINARY says what they are; `spins` does where it is missing. Throws
// InputError where neither says it, or both do and differ.
Quadratic parse_coo(std::span<const std::byte> bytes, std::string_view name, std::optional<bool> spins);

// Whether a comment of the text gives the type of dimod's variables.
bool has_vartype(std::string_view text);

}  // namespace swell
