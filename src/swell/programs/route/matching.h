#pragma once

#include <cstdint>
#include <vector>

namespace swell::route {

// A graph of undirected edges with whole lengths of at least 0. Loops and parallel edges are allowed.
struct LengthGraph {
  int64_t nodes = 0;
  struct Edge {
    int64_t a = 0, b = 0;
    int64_t length = 0;
  };
  std::vector<Edge> edges;
};

// The edges of the least T-join: those of least length that meet the nodes of `odd` an odd number of times each and all
// others an even number of times. Each connected part holds an even number of odd nodes. The matching is done on the
// edges' ends, of which each node has a few, so that it stays sparse however many nodes are odd: minimum-weight perfect
// matching (J. Edmonds, J. Res. NBS 69B, 125 (1965)) by the LEMON library.
std::vector<int64_t> least_join(const LengthGraph& graph, const std::vector<char>& odd);

// Arcs that carry whole numbers without limit at a whole cost of at least 0 per unit.
struct FlowArc {
  int64_t from = 0, to = 0;
  int64_t cost = 0;
};
// The flow of each arc in the cheapest flow that takes `supply` from the nodes (negative: brings it there), by LEMON's
// network simplex. Empty where there is none. The supplies add up to 0.
std::vector<int64_t> cheapest_flow(const std::vector<FlowArc>& arcs, const std::vector<int64_t>& supply);

// A tree whose edge from a node to its parent stands for a least cut between the two: the nodes below it against the
// rest, at that capacity (R. Gomory, T. Hu, J. SIAM 9, 551 (1961)). The root's parent is -1. By LEMON; the edges'
// lengths are capacities here.
struct CutTree {
  std::vector<int64_t> parent, capacity;  // [node]
};
CutTree cut_tree(const LengthGraph& graph);

}  // namespace swell::route
