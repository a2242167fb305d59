#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>
#include <vector>

#include "swell/base/sort_by_row.h"
#include "swell/io/text_lines.h"

namespace swell {

// What the readers of optimisation problems share.

constexpr int64_t kMostEntries = int64_t{1} << 30;  // vertices, edges, entries, clauses

// The word as a number whose sums are exact or nearly so: at most 1e15. Else fails, naming `what`.
double addable(const TextLines& lines, std::string_view word, std::string_view what);

// Fails where so few bytes are left that they cannot hold so many lines: told before memory is asked for.
void expect_room(const TextLines& lines, int64_t count, int64_t bytes_each, std::string_view what);

struct LinePair {
  int64_t a, b, line;
};

// Sorts pairs by `a`, `b` and `line`.
template <class Pair>
void sort_by_place(std::vector<Pair>& pairs) {
  sort_by_row(
      pairs, [](const Pair& pair) { return pair.a; },
      [](const Pair& p, const Pair& q) { return std::tie(p.a, p.b, p.line) < std::tie(q.a, q.b, q.line); });
}

// Throws IoError naming the line where a pair, in either order, stands for the second time. Numbers in the message
// count from `first_number`.
void refuse_repeated(std::vector<LinePair> pairs, std::string_view name, int64_t first_number);

}  // namespace swell
