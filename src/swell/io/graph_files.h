#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "swell/io/quadratic_files.h"

namespace swell {

// A list of weighted pairs, in which graphs to be cut, QUBO files and Ising models are written alike:
//   vertices pairs            or, as in DIMACS graphs,   p edge VERTICES PAIRS
//   a b weight                                           e a b weight
// counted from 1; a weight may be left out for 1. #, %, // and lines that begin with c are comments.
struct PairList {
  struct Pair {
    int64_t a = 0, b = 0;  // from 0
    double weight = 1;
    int64_t line = 0;
  };
  int64_t vertices = 0;
  std::vector<Pair> pairs;
  bool loops = false;   // whether some pair is a vertex with itself
  bool dimacs = false;  // "p edge"
};

// Throws IoError where a vertex is out of range, or there are fewer or more pairs than the file promises.
PairList parse_pair_list(std::span<const std::byte> bytes, std::string_view name);

struct WeightedGraph {
  struct Edge {
    int64_t a = 0, b = 0;  // from 0
    double weight = 1;
  };
  int64_t vertices = 0;
  std::vector<Edge> edges;
};

// The pairs are edges. Throws IoError where one joins a vertex to itself, or stands twice; but a DIMACS graph may name
// an edge once in each direction.
WeightedGraph to_graph(const PairList& list, std::string_view name);

// A graph as `rudy` writes it, the format of the G-set: parse_pair_list and to_graph.
WeightedGraph parse_rudy(std::span<const std::byte> bytes, std::string_view name);

// The pairs are entries of a symmetric Q, x'Qx to be made small (BiqMac's .sparse files): one off the diagonal that is
// given once counts twice; or all of them are given in both halves. Throws IoError where an entry stands twice.
Quadratic to_symmetric_qubo(const PairList& list, std::string_view name);

// The pairs are couplings J of spins, those of a spin with itself its field h: E = -sum J m m - sum h m. Throws
// IoError where a pair stands twice.
Quadratic to_spin_glass(const PairList& list, std::string_view name);

}  // namespace swell
