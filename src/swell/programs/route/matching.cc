// Built as C++17: LEMON 1.3 uses members of allocators that C++20 has not got.
#include "swell/programs/route/matching.h"

#include <lemon/gomory_hu.h>
#include <lemon/matching.h>
#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

namespace swell::route {

namespace {

// Nodes of many edges become chains of nodes with few, joined by edges of length 0 behind the others.
constexpr size_t kMostEnds = 6;

struct SplitGraph {
  std::vector<LengthGraph::Edge> edges;
  std::vector<char> odd;
};

SplitGraph split(const LengthGraph& graph, const std::vector<char>& odd) {
  SplitGraph out{graph.edges, odd};
  std::vector<size_t> ends(graph.nodes, 0);
  std::vector<int64_t> last(graph.nodes);  // the chain's end
  for (int64_t v = 0; v < graph.nodes; ++v) last[v] = v;
  const auto place = [&](int64_t v) {
    if (++ends[v] > kMostEnds - 2) {
      const auto fresh = static_cast<int64_t>(out.odd.size());
      out.odd.push_back(0);
      out.edges.push_back({last[v], fresh, 0});
      last[v] = fresh;
      ends[v] = 1;
    }
    return last[v];
  };
  for (size_t e = 0; e < graph.edges.size(); ++e) {
    const auto [a, b, length] = graph.edges[e];
    if (a == b) continue;
    const int64_t at = place(a), to = place(b);
    out.edges[e] = {at, to, length};
  }
  return out;
}

}  // namespace

std::vector<int64_t> least_join(const LengthGraph& graph, const std::vector<char>& odd) {
  const SplitGraph split_graph = split(graph, odd);
  const auto& edges = split_graph.edges;
  // Each edge is two nodes, its ends. Ends matched across their edge: the edge is left out. Ends matched at a node,
  // with each other or with the one more that an odd node has: their edges are in the join, which pays half at each
  // end.
  lemon::SmartGraph ends;
  std::vector<lemon::SmartGraph::Edge> across(edges.size());
  std::vector<int64_t> gains;
  std::vector<std::vector<std::pair<lemon::SmartGraph::Node, int64_t>>> at(split_graph.odd.size());
  const auto join = [&](lemon::SmartGraph::Node u, lemon::SmartGraph::Node v, int64_t length) {
    gains.push_back(-length);
    return ends.addEdge(u, v);
  };
  for (size_t e = 0; e < edges.size(); ++e) {
    if (edges[e].a == edges[e].b) continue;
    const auto u = ends.addNode(), v = ends.addNode();
    across[e] = join(u, v, 0);
    at[edges[e].a].emplace_back(u, edges[e].length);
    at[edges[e].b].emplace_back(v, edges[e].length);
  }
  for (size_t node = 0; node < at.size(); ++node) {
    if (split_graph.odd[node]) at[node].emplace_back(ends.addNode(), 0);
    for (size_t k = 0; k < at[node].size(); ++k) {
      for (size_t l = 0; l < k; ++l)
        join(at[node][k].first, at[node][l].first, at[node][k].second + at[node][l].second);
    }
  }
  lemon::SmartGraph::EdgeMap<int64_t> gain(ends);
  for (lemon::SmartGraph::EdgeIt edge(ends); edge != lemon::INVALID; ++edge) gain[edge] = gains[ends.id(edge)];
  lemon::MaxWeightedPerfectMatching<lemon::SmartGraph, lemon::SmartGraph::EdgeMap<int64_t>> matching(ends, gain);
  matching.run();
  std::vector<int64_t> in;
  for (size_t e = 0; e < graph.edges.size(); ++e) {
    if (edges[e].a != edges[e].b && !matching.matching(across[e])) in.push_back(static_cast<int64_t>(e));
  }
  return in;
}

std::vector<int64_t> cheapest_flow(const std::vector<FlowArc>& arcs, const std::vector<int64_t>& supply) {
  lemon::SmartDigraph graph;
  for (size_t v = 0; v < supply.size(); ++v) graph.addNode();
  for (const FlowArc& arc : arcs)
    graph.addArc(graph.nodeFromId(static_cast<int>(arc.from)), graph.nodeFromId(static_cast<int>(arc.to)));
  lemon::SmartDigraph::ArcMap<int64_t> cost(graph);
  lemon::SmartDigraph::NodeMap<int64_t> left(graph);
  for (size_t k = 0; k < arcs.size(); ++k) cost[graph.arcFromId(static_cast<int>(k))] = arcs[k].cost;
  for (size_t v = 0; v < supply.size(); ++v) left[graph.nodeFromId(static_cast<int>(v))] = supply[v];
  lemon::NetworkSimplex<lemon::SmartDigraph, int64_t, int64_t> simplex(graph);
  simplex.costMap(cost).supplyMap(left);
  if (simplex.run() != simplex.OPTIMAL) return {};
  std::vector<int64_t> flow;
  for (size_t k = 0; k < arcs.size(); ++k) flow.push_back(simplex.flow(graph.arcFromId(static_cast<int>(k))));
  return flow;
}

CutTree cut_tree(const LengthGraph& graph) {
  lemon::SmartGraph nodes;
  for (int64_t v = 0; v < graph.nodes; ++v) nodes.addNode();
  for (const auto& edge : graph.edges)
    nodes.addEdge(nodes.nodeFromId(static_cast<int>(edge.a)), nodes.nodeFromId(static_cast<int>(edge.b)));
  lemon::SmartGraph::EdgeMap<int64_t> capacity(nodes);
  for (size_t e = 0; e < graph.edges.size(); ++e)
    capacity[nodes.edgeFromId(static_cast<int>(e))] = graph.edges[e].length;
  CutTree tree;
  tree.parent.assign(graph.nodes, -1);
  tree.capacity.assign(graph.nodes, 0);
  if (graph.nodes < 2) return tree;
  lemon::GomoryHu<lemon::SmartGraph, lemon::SmartGraph::EdgeMap<int64_t>> gomory_hu(nodes, capacity);
  gomory_hu.run();
  for (int64_t v = 0; v < graph.nodes; ++v) {
    const auto node = nodes.nodeFromId(static_cast<int>(v));
    const auto above = gomory_hu.predNode(node);
    if (above == lemon::INVALID) continue;
    tree.parent[v] = nodes.id(above);
    tree.capacity[v] = gomory_hu.predValue(node);
  }
  return tree;
}

}  // namespace swell::route
