#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// Clauses of literals, +v or -v with variables from 1. Readers throw IoError with file and line.
struct Cnf {
  int64_t variables = 0;
  std::vector<std::vector<int32_t>> clauses;
  // Of weighted ones: [clauses], whole numbers; kHard for clauses that have to be satisfied. Else empty.
  std::vector<int64_t> weights;
  static constexpr int64_t kHard = -1;
};

// DIMACS CNF, "p cnf VARIABLES CLAUSES".
Cnf parse_cnf(std::span<const std::byte> bytes, std::string_view name);

// WCNF of MaxSAT: "p wcnf VARIABLES CLAUSES [TOP]", where a clause begins with its weight and is hard from TOP on; or,
// since 2022, without such a line, where a hard clause begins with h. Soft clauses may be empty.
Cnf parse_wcnf(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
