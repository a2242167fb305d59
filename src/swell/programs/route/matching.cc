// Built as C++17: LEMON 1.3 uses members of allocators that C++20 has not got.
#include "swell/programs/route/matching.h"

#include <lemon/full_graph.h>
#include <lemon/matching.h>

namespace swell::route {

std::vector<std::pair<int64_t, int64_t>> least_perfect_matching(int64_t n, const std::vector<int64_t>& weights) {
  std::vector<std::pair<int64_t, int64_t>> pairs;
  if (n == 0) return pairs;
  const lemon::FullGraph graph(static_cast<int>(n));
  lemon::FullGraph::EdgeMap<int64_t> gain(graph);
  for (lemon::FullGraph::EdgeIt edge(graph); edge != lemon::INVALID; ++edge)
    gain[edge] = -weights[graph.id(graph.u(edge)) * n + graph.id(graph.v(edge))];
  lemon::MaxWeightedPerfectMatching<lemon::FullGraph, lemon::FullGraph::EdgeMap<int64_t>> matching(graph, gain);
  matching.run();
  for (int a = 0; a < graph.nodeNum(); ++a) {
    const int b = graph.id(matching.mate(graph(a)));
    if (a < b) pairs.emplace_back(a, b);
  }
  return pairs;
}

}  // namespace swell::route
