#include "swell/io/graph_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

constexpr int64_t kMost = int64_t{1} << 30;  // vertices, edges, entries, clauses

// Values above this could not be added up exactly.
double value_of(const TextLines& lines, std::string_view word, std::string_view what) {
  const double value = lines.real(word, what);
  if (std::abs(value) > 1e15)
    lines.fail(fmt::format("{} is {}; sums of such numbers overflow, the largest is 1e15", what, printable(word)));
  return value;
}

// A file with so few bytes left cannot hold so many lines: told before memory is asked for.
void expect_room(const TextLines& lines, int64_t count, int64_t bytes_each, std::string_view what) {
  if (count > static_cast<int64_t>(lines.bytes_left() + 1) / bytes_each)
    lines.fail(
        fmt::format("{} {} are promised, the {} bytes that follow cannot hold them", count, what, lines.bytes_left()));
}

struct Pair {
  int64_t a, b, line;
};

// Fails at the line where a pair stands for the second time.
void refuse_repeated(std::vector<Pair> pairs, std::string_view name, int64_t first_number) {
  for (Pair& pair : pairs) {
    if (pair.a > pair.b) std::swap(pair.a, pair.b);
  }
  std::sort(pairs.begin(), pairs.end(),
            [](const Pair& p, const Pair& q) { return std::tie(p.a, p.b, p.line) < std::tie(q.a, q.b, q.line); });
  for (size_t k = 1; k < pairs.size(); ++k) {
    const Pair &p = pairs[k - 1], &q = pairs[k];
    if (p.a == q.a && p.b == q.b) {
      throw IoError(fmt::format("{}, line {}: {} and {} are joined here and on line {} already; once is allowed", name,
                                q.line, q.a + first_number, q.b + first_number, p.line));
    }
  }
}

}  // namespace

WeightedGraph parse_rudy(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name);
  WeightedGraph graph;
  if (!lines.next()) lines.fail_at_end("the file is empty; a line 'vertices edges' is expected first");
  if (lines.words().size() != 2)
    lines.fail(fmt::format("{} words; the first line of a graph is 'vertices edges'", lines.words().size()));
  graph.vertices = lines.whole(lines.words()[0], 1, kMost, "the number of vertices");
  const int64_t edges = lines.whole(lines.words()[1], 0, kMost, "the number of edges");
  expect_room(lines, edges, 4, "edges");
  graph.edges.reserve(edges);
  std::vector<Pair> pairs;
  while (lines.next()) {
    const auto& words = lines.words();
    if (static_cast<int64_t>(graph.edges.size()) == edges)
      lines.fail(fmt::format("{} follows the last of {} edges; nothing may", printable(lines.line()), edges));
    if (words.size() != 2 && words.size() != 3)
      lines.fail(fmt::format("{} words; an edge is 'a b' or 'a b weight'", words.size()));
    const int64_t a = lines.whole(words[0], 1, graph.vertices, "a vertex"),
                  b = lines.whole(words[1], 1, graph.vertices, "a vertex");
    if (a == b) lines.fail(fmt::format("vertex {} is joined to itself; edges join two vertices", a));
    graph.edges.push_back({a - 1, b - 1, words.size() == 3 ? value_of(lines, words[2], "the weight") : 1.0});
    pairs.push_back({a - 1, b - 1, lines.number()});
  }
  if (static_cast<int64_t>(graph.edges.size()) != edges)
    lines.fail_at_end(fmt::format("the file ends after {} of {} edges", graph.edges.size(), edges));
  refuse_repeated(std::move(pairs), name, 1);
  return graph;
}

Qubo parse_qubo(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name);
  Qubo qubo;
  int64_t diagonals = -1, couplers = 0, diagonals_seen = 0;
  std::vector<Pair> pairs;
  while (lines.next()) {
    const auto& words = lines.words();
    if (words[0].starts_with('c')) continue;
    if (diagonals < 0) {
      if (words.size() != 6 || words[0] != "p" || words[1] != "qubo")
        lines.fail(fmt::format("{}; 'p qubo 0 SIZE DIAGONALS COUPLERS' is expected here", printable(lines.line())));
      qubo.size = lines.whole(words[3], 1, kMost, "the size");
      diagonals = lines.whole(words[4], 0, qubo.size, "the number of diagonal entries");
      couplers = lines.whole(words[5], 0, kMost, "the number of couplers");
      expect_room(lines, diagonals + couplers, 6, "entries");
      continue;
    }
    if (words.size() != 3) lines.fail(fmt::format("{} words; an entry is 'i j value'", words.size()));
    const int64_t i = lines.whole(words[0], 0, qubo.size - 1, "an index"),
                  j = lines.whole(words[1], 0, qubo.size - 1, "an index");
    if (i > j) lines.fail(fmt::format("entry {} {}; a coupler is named with the smaller index first", i, j));
    diagonals_seen += i == j;
    qubo.entries.push_back({i, j, value_of(lines, words[2], "the value")});
    pairs.push_back({i, j, lines.number()});
  }
  if (diagonals < 0) lines.fail_at_end("there is no line 'p qubo 0 SIZE DIAGONALS COUPLERS'");
  const auto couplers_seen = static_cast<int64_t>(qubo.entries.size()) - diagonals_seen;
  if (diagonals_seen != diagonals || couplers_seen != couplers) {
    lines.fail_at_end(fmt::format("{} diagonal entries and {} couplers; {} and {} are promised", diagonals_seen,
                                  couplers_seen, diagonals, couplers));
  }
  refuse_repeated(std::move(pairs), name, 0);
  return qubo;
}

Cnf parse_cnf(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name);
  Cnf cnf;
  int64_t clauses = -1;
  std::vector<int32_t> clause;
  while (lines.next()) {
    const auto& words = lines.words();
    if (words[0].starts_with('c')) continue;
    if (words[0] == "%") break;  // ends the files of SATLIB
    if (clauses < 0) {
      if (words.size() != 4 || words[0] != "p" || words[1] != "cnf")
        lines.fail(fmt::format("{}; 'p cnf VARIABLES CLAUSES' is expected here", printable(lines.line())));
      cnf.variables = lines.whole(words[2], 1, kMost, "the number of variables");
      clauses = lines.whole(words[3], 1, kMost, "the number of clauses");
      expect_room(lines, clauses, 2, "clauses");
      continue;
    }
    for (const std::string_view word : words) {
      const int64_t literal = lines.whole(word, -cnf.variables, cnf.variables, "a literal");
      if (literal != 0) {
        clause.push_back(static_cast<int32_t>(literal));
        continue;
      }
      if (clause.empty()) lines.fail("a clause without literals; one at least is needed");
      if (static_cast<int64_t>(cnf.clauses.size()) == clauses)
        lines.fail(fmt::format("a clause follows the last of {}; nothing may", clauses));
      cnf.clauses.push_back(std::move(clause));
      clause.clear();
    }
  }
  if (clauses < 0) lines.fail_at_end("there is no line 'p cnf VARIABLES CLAUSES'");
  if (!clause.empty()) lines.fail_at_end("the last clause does not end with 0");
  if (static_cast<int64_t>(cnf.clauses.size()) != clauses)
    lines.fail_at_end(fmt::format("the file ends after {} of {} clauses", cnf.clauses.size(), clauses));
  return cnf;
}

}  // namespace swell
