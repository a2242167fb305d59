#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// Problems of optimisation in three text formats. All readers throw IoError with file and line.

// A weighted graph as `rudy` writes it, the format of the G-set: "vertices edges", then a line "a b weight" for each
// edge, vertices from 1; the weight may be left out for 1. Refused are vertices out of range, edges from a vertex to
// itself, pairs named twice, and files with fewer or more edges than they promise.
struct WeightedGraph {
  struct Edge {
    int64_t a = 0, b = 0;  // from 0
    double weight = 1;
  };
  int64_t vertices = 0;
  std::vector<Edge> edges;
};
WeightedGraph parse_rudy(std::span<const std::byte> bytes, std::string_view name);

// A quadratic function of bits, x^T Q x to be made small, as qbsolv reads it: comments "c ...", then
// "p qubo 0 SIZE DIAGONALS COUPLERS", lines "i i value", lines "i j value" with i < j, from 0.
struct Qubo {
  struct Entry {
    int64_t i = 0, j = 0;
    double value = 0;
  };
  int64_t size = 0;
  std::vector<Entry> entries;
};
Qubo parse_qubo(std::span<const std::byte> bytes, std::string_view name);

// Clauses of literals, +v or -v with variables from 1, as in DIMACS CNF.
struct Cnf {
  int64_t variables = 0;
  std::vector<std::vector<int32_t>> clauses;
};
Cnf parse_cnf(std::span<const std::byte> bytes, std::string_view name);

}  // namespace swell
