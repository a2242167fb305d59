#include "swell/io/graph_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/entry_lines.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

bool is_dimacs_graph(std::string_view word) {
  constexpr std::array<std::string_view, 6> kNames = {"edge", "edges", "col", "cut", "maxcut", "graph"};
  return std::ranges::find(kNames, word) != kNames.end();
}

// The line of sizes; returns how many pairs are promised.
int64_t read_sizes(const TextLines& lines, PairList& list) {
  const auto& words = lines.words();
  list.dimacs = words.size() == 4 && words[0] == "p" && is_dimacs_graph(words[1]);
  if (!list.dimacs && words.size() != 2)
    lines.fail(fmt::format("{} words; the first line of a graph is 'vertices edges'", words.size()));
  const size_t first = list.dimacs ? 2 : 0;
  list.vertices = lines.whole(words[first], 1, kMostEntries, "the number of vertices");
  const int64_t count = lines.whole(words[first + 1], 0, kMostEntries, "the number of edges");
  // A DIMACS graph may count an edge in each direction and name it once.
  expect_room(lines, list.dimacs ? count / 2 : count, 4, "edges");
  return count;
}

std::vector<LinePair> places_of(const PairList& list) {
  std::vector<LinePair> places;
  places.reserve(list.pairs.size());
  for (const auto& pair : list.pairs) places.push_back({pair.a, pair.b, pair.line});
  return places;
}

// Whether every pair of two different vertices stands once in each order, with the same weight where asked for.
bool is_in_both_orders(const PairList& list, bool same_weight) {
  std::vector<PairList::Pair> sorted = list.pairs;
  sort_by_place(sorted);
  bool any = false;
  for (const auto& pair : list.pairs) {
    if (pair.a == pair.b) continue;
    any = true;
    const auto place = [](const PairList::Pair& p) { return std::pair(p.a, p.b); };
    const auto found = std::ranges::lower_bound(sorted, std::pair(pair.b, pair.a), {}, place);
    if (found == sorted.end() || found->a != pair.b || found->b != pair.a) return false;
    if (same_weight && found->weight != pair.weight) return false;
  }
  return any;
}

// Refuses what stands twice in the same order; pairs in both orders are the caller's.
void refuse_repeated_in_order(const PairList& list, std::string_view name) {
  std::vector<PairList::Pair> sorted = list.pairs;
  sort_by_place(sorted);
  for (size_t k = 1; k < sorted.size(); ++k) {
    const auto &p = sorted[k - 1], &q = sorted[k];
    if (p.a == q.a && p.b == q.b) {
      throw IoError(fmt::format("{}, line {}: {} and {} stand here and on line {} already; once is allowed", name,
                                q.line, q.a + 1, q.b + 1, p.line));
    }
  }
}

}  // namespace

PairList parse_pair_list(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name, TextLines::Comments::marked);
  PairList list;
  if (!lines.next()) lines.fail_at_end("the file is empty; a line 'vertices edges' is expected first");
  const int64_t count = read_sizes(lines, list);
  while (lines.next()) {
    const auto& words = lines.words();
    if (list.dimacs && words[0] == "n") continue;  // of a vertex
    const size_t first = list.dimacs && words[0] == "e" ? 1 : 0;
    if (static_cast<int64_t>(list.pairs.size()) == (list.dimacs ? 2 * count : count))
      lines.fail(fmt::format("{} follows the last of {} edges; nothing may", printable(lines.line()), count));
    if (words.size() != first + 2 && words.size() != first + 3)
      lines.fail(fmt::format("{} words; an edge is '{}a b' or '{}a b weight'", words.size(), first == 1 ? "e " : "",
                             first == 1 ? "e " : ""));
    const int64_t a = lines.whole(words[first], 1, list.vertices, "a vertex"),
                  b = lines.whole(words[first + 1], 1, list.vertices, "a vertex");
    const double weight = words.size() == first + 3 ? addable(lines, words[first + 2], "the weight") : 1;
    list.loops = list.loops || a == b;
    list.pairs.push_back({a - 1, b - 1, weight, lines.number()});
  }
  const auto found = static_cast<int64_t>(list.pairs.size());
  if (found != count && !(list.dimacs && (found == 2 * count || 2 * found == count)))
    lines.fail_at_end(fmt::format("the file ends after {} of {} edges", found, count));
  return list;
}

WeightedGraph to_graph(const PairList& list, std::string_view name) {
  for (const auto& pair : list.pairs) {
    if (pair.a == pair.b) {
      throw IoError(fmt::format("{}, line {}: vertex {} is joined to itself; edges join two vertices", name, pair.line,
                                pair.a + 1));
    }
  }
  const bool twice = list.dimacs && is_in_both_orders(list, true);
  if (twice) {
    refuse_repeated_in_order(list, name);
  } else {
    refuse_repeated(places_of(list), name, 1);
  }
  WeightedGraph graph;
  graph.vertices = list.vertices;
  graph.edges.reserve(list.pairs.size());
  for (const auto& pair : list.pairs) {
    if (!twice || pair.a < pair.b) graph.edges.push_back({pair.a, pair.b, pair.weight});
  }
  return graph;
}

WeightedGraph parse_rudy(std::span<const std::byte> bytes, std::string_view name) {
  return to_graph(parse_pair_list(bytes, name), name);
}

Quadratic to_symmetric_qubo(const PairList& list, std::string_view name) {
  const bool both = is_in_both_orders(list, true);
  if (both) {
    refuse_repeated_in_order(list, name);
  } else {
    refuse_repeated(places_of(list), name, 1);
  }
  Quadratic qubo;
  qubo.size = list.vertices;
  qubo.first_label = 1;
  for (const auto& pair : list.pairs) {
    if (both && pair.a > pair.b) continue;
    qubo.entries.push_back(
        {std::min(pair.a, pair.b), std::max(pair.a, pair.b), pair.a == pair.b ? pair.weight : 2 * pair.weight});
  }
  return qubo;
}

Quadratic to_spin_glass(const PairList& list, std::string_view name) {
  refuse_repeated(places_of(list), name, 1);
  Quadratic glass;
  glass.size = list.vertices;
  glass.first_label = 1;
  glass.spins = true;
  for (const auto& pair : list.pairs)
    glass.entries.push_back({std::min(pair.a, pair.b), std::max(pair.a, pair.b), -pair.weight});
  return glass;
}

}  // namespace swell
