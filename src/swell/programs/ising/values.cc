#include "swell/programs/ising/values.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "swell/io/checksum.h"
#include "swell/programs/ising/problem.h"

namespace swell::ising {

namespace {

bool satisfied(const std::vector<int32_t>& clause, std::span<const int8_t> spins) {
  return std::ranges::any_of(clause,
                             [&](int32_t literal) { return (spins[std::abs(literal) - 1] > 0) == (literal > 0); });
}

// The sum of term(x) over all data x that count in this state; `term` rounds or not.
template <class Sum, class Term>
Sum add_up(const Problem& problem, std::span<const int8_t> spins, Term term) {
  Sum sum = 0;
  if (problem.kind == Kind::max_cut) {
    for (const auto& edge : problem.graph.edges) {
      if (spins[edge.a] != spins[edge.b]) sum += term(edge.weight);
    }
    return sum;
  }
  const Quadratic& quadratic = problem.quadratic;
  sum = term(quadratic.offset);
  for (const auto& entry : quadratic.entries) {
    if (quadratic.spins) {
      const bool negative = entry.i == entry.j ? spins[entry.i] < 0 : spins[entry.i] != spins[entry.j];
      sum += negative ? -term(entry.value) : term(entry.value);
    } else if (spins[entry.i] > 0 && spins[entry.j] > 0) {
      sum += term(entry.value);
    }
  }
  return sum;
}

int64_t count_clauses(const Problem& problem, std::span<const int8_t> spins) {
  const Cnf& cnf = problem.cnf;
  int64_t value = 0;
  for (size_t k = 0; k < cnf.clauses.size(); ++k) {
    const bool holds = satisfied(cnf.clauses[k], spins);
    if (problem.kind == Kind::max_sat) {
      value += holds;
    } else if (!holds) {
      value += cnf.weights[k] == Cnf::kHard ? static_cast<int64_t>(problem.hard_weight) : cnf.weights[k];
    }
  }
  return value;
}

// A line for each edge, in one order whatever the file's.
std::string fingerprint(const WeightedGraph& graph) {
  std::vector<WeightedGraph::Edge> edges = graph.edges;
  for (auto& edge : edges) {
    if (edge.a > edge.b) std::swap(edge.a, edge.b);
  }
  std::ranges::sort(edges, [](const auto& p, const auto& q) { return std::pair(p.a, p.b) < std::pair(q.a, q.b); });
  std::string text = fmt::format("{} {}\n", graph.vertices, edges.size());
  for (const auto& edge : edges) text += fmt::format("{} {} {}\n", edge.a + 1, edge.b + 1, edge.weight);
  return sha256_hex(std::as_bytes(std::span(text)));
}

}  // namespace

std::optional<int64_t> count_exactly(const Problem& problem, std::span<const int8_t> spins) {
  if (problem.kind == Kind::max_sat || problem.kind == Kind::weighted_max_sat) return count_clauses(problem, spins);
  if (problem.decimals < 0) return {};
  const double unit = std::pow(10, problem.decimals);
  return add_up<int64_t>(problem, spins, [unit](double value) { return std::llround(value * unit); });
}

double count_value(const Problem& problem, std::span<const int8_t> spins) {
  if (const auto exact = count_exactly(problem, spins))
    return static_cast<double>(*exact) / std::pow(10, problem.decimals);
  return static_cast<double>(
      add_up<long double>(problem, spins, [](double value) { return static_cast<long double>(value); }));
}

int64_t violated_hard_clauses(const Problem& problem, std::span<const int8_t> spins) {
  int64_t violated = 0;
  for (size_t k = 0; k < problem.cnf.weights.size(); ++k)
    violated += problem.cnf.weights[k] == Cnf::kHard && !satisfied(problem.cnf.clauses[k], spins);
  return violated;
}

std::optional<BestKnown> best_known(const Problem& problem) {
  struct Entry {
    int64_t vertices, edges;
    double cut;
    std::string_view fingerprint;
  };
  // Cuts of the G-set (G1, 11, 14, 22, 32, 43, 48, 49, 50, 63) found by many authors' programs over the years; where
  // an optimum is proven, it is the same.
  static constexpr std::array kCuts = {
      Entry{800, 19176, 11624, "5df24ccf0a35ed6ed4b505e51527ea539df307e5dd5b53451460a79e658acd86"},
      Entry{800, 1600, 564, "5072bfcdbac70ec212e0f6a2d1757874954552f867abed46fc23e0571955dd2d"},
      Entry{800, 4694, 3064, "a46a10d317d817c1f3e8ac7065cf0b408af44e16c86de172bd8af10a082ac8e2"},
      Entry{2000, 19990, 13359, "122c59f06097a004e43f2fdb78ee6d6204038093cc07f7991049f294a359d07d"},
      Entry{2000, 4000, 1410, "1d9af1769d226bc40bfcac266456a085629ab9086422fa41dc177efa05ea6be0"},
      Entry{1000, 9990, 6660, "3597e3c22aa10906024f2d09b82510ac5ad16627fd2ea5e934298bead4dd2b5a"},
      Entry{3000, 6000, 6000, "cde7c6805507fa3a6f25835ef5bb34a0588f8bf23d6831294aa703512f974a90"},
      Entry{3000, 6000, 6000, "d98ab4dd7074fc57a04b62489e149b78712e262f92cc186f5b8832f9ae7e7a09"},
      Entry{3000, 6000, 5880, "1c304ec3d7d806e920ed5f4833cf14bba8f321ffb71fe3f44171e7b3cd1bd5d6"},
      Entry{7000, 41459, 27047, "5991575f4709c8830fdeac986404f708917d0093337f83ee13e0552e99bf05b5"}};
  if (problem.kind != Kind::max_cut) return {};
  const auto edges = static_cast<int64_t>(problem.graph.edges.size());
  std::string mine;
  for (const Entry& entry : kCuts) {
    if (problem.graph.vertices != entry.vertices || edges != entry.edges) continue;
    if (mine.empty()) mine = fingerprint(problem.graph);
    if (mine == entry.fingerprint) return BestKnown{entry.cut, "best known cut in the literature"};
  }
  return {};
}

}  // namespace swell::ising
