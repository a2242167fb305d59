#include "swell/io/quadratic_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/entry_lines.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

// "SPIN" or "BINARY" behind "vartype=" in a comment; empty where there is none.
std::string_view vartype_in(std::string_view line) {
  constexpr std::string_view kKey = "vartype";
  const size_t mark = line.find_first_not_of(" \t\f\xef\xbb\xbf");
  if (mark == std::string_view::npos || line[mark] != '#') return {};
  const size_t key = line.find(kKey, mark);
  if (key == std::string_view::npos || key + kKey.size() >= line.size()) return {};
  const char separator = line[key + kKey.size()];
  if (separator != '=' && separator != ':') return {};
  const size_t start = line.find_first_not_of(" \t", key + kKey.size() + 1);
  if (start == std::string_view::npos) return {};
  return line.substr(start, line.find_first_of(" \t\r\n\f", start) - start);
}

std::string_view find_vartype(std::string_view text) {
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("\r\n"), text.size());
    if (const std::string_view type = vartype_in(text.substr(0, end)); !type.empty()) return type;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

bool has_vartype(std::string_view text) { return !find_vartype(text.substr(0, size_t{1} << 16)).empty(); }

Quadratic parse_qubo(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name, TextLines::Comments::marked);
  Quadratic qubo;
  int64_t diagonals = -1, couplers = 0, diagonals_seen = 0;
  std::vector<LinePair> pairs;
  while (lines.next()) {
    const auto& words = lines.words();
    if (diagonals < 0) {
      if (words.size() != 6 || words[0] != "p" || words[1] != "qubo")
        lines.fail(fmt::format("{}; 'p qubo 0 SIZE DIAGONALS COUPLERS' is expected here", printable(lines.line())));
      qubo.size = lines.whole(words[3], 1, kMostEntries, "the size");
      diagonals = lines.whole(words[4], 0, qubo.size, "the number of diagonal entries");
      couplers = lines.whole(words[5], 0, kMostEntries, "the number of couplers");
      expect_room(lines, diagonals + couplers, 6, "entries");
      qubo.entries.reserve(diagonals + couplers);
      pairs.reserve(diagonals + couplers);
      continue;
    }
    if (words.size() != 3) lines.fail(fmt::format("{} words; an entry is 'i j value'", words.size()));
    const int64_t i = lines.whole(words[0], 0, qubo.size - 1, "an index"),
                  j = lines.whole(words[1], 0, qubo.size - 1, "an index");
    if (i > j) lines.fail(fmt::format("entry {} {}; a coupler is named with the smaller index first", i, j));
    diagonals_seen += i == j;
    qubo.entries.push_back({i, j, addable(lines, words[2], "the value")});
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

Quadratic parse_or_library(std::span<const std::byte> bytes, std::string_view name, std::optional<int64_t> instance) {
  TextLines lines(as_text(bytes), name, TextLines::Comments::marked);
  const auto& words = lines.words();
  if (!lines.next()) lines.fail_at_end("the file is empty; the number of problems is expected first");
  if (words.size() != 1) lines.fail(fmt::format("{} words; the number of problems is expected", words.size()));
  const int64_t problems = lines.whole(words[0], 1, kMostEntries, "the number of problems");
  if (!instance && problems > 1)
    throw InputError(fmt::format("{} holds {} problems; choose an instance, 1 to {}", name, problems, problems));
  const int64_t wanted = instance.value_or(1);
  if (wanted < 1 || wanted > problems)
    throw InputError(fmt::format("instance {}: {} holds the problems 1 to {}", wanted, name, problems));
  for (int64_t problem = 1;; ++problem) {
    if (!lines.next()) lines.fail_at_end(fmt::format("the file ends before problem {} of {}", problem, problems));
    if (words.size() != 2) lines.fail(fmt::format("{} words; a problem begins with 'size entries'", words.size()));
    Quadratic qubo;
    qubo.size = lines.whole(words[0], 1, kMostEntries, "the size");
    const int64_t count = lines.whole(words[1], 0, kMostEntries, "the number of entries");
    expect_room(lines, count, 6, "entries");
    std::vector<LinePair> pairs;
    if (problem == wanted) {
      qubo.entries.reserve(count);
      pairs.reserve(count);
    }
    for (int64_t k = 0; k < count; ++k) {
      if (!lines.next()) lines.fail_at_end(fmt::format("the file ends after {} of {} entries", k, count));
      if (words.size() != 3) lines.fail(fmt::format("{} words; an entry is 'i j value'", words.size()));
      if (problem < wanted) continue;
      const int64_t i = lines.whole(words[0], 1, qubo.size, "an index") - 1,
                    j = lines.whole(words[1], 1, qubo.size, "an index") - 1;
      const double value = addable(lines, words[2], "the value");
      qubo.entries.push_back({std::min(i, j), std::max(i, j), i == j ? value : 2 * value});
      pairs.push_back({i, j, lines.number()});
    }
    if (problem < wanted) continue;
    refuse_repeated(std::move(pairs), name, 1);
    qubo.first_label = 1;
    qubo.maximize = true;
    return qubo;
  }
}

Quadratic parse_dense_qubo(std::span<const std::byte> bytes, std::string_view name) {
  constexpr int64_t kMostDense = 30000;
  TextLines lines(as_text(bytes), name, TextLines::Comments::marked);
  const auto& words = lines.words();
  if (!lines.next()) lines.fail_at_end("the file is empty; the size of a matrix is expected first");
  if (words.size() != 1) lines.fail(fmt::format("{} words; the size of a matrix is expected", words.size()));
  Quadratic qubo;
  qubo.size = lines.whole(words[0], 1, kMostDense, "the size");
  qubo.first_label = 1;
  expect_room(lines, qubo.size * qubo.size, 2, "values");
  std::vector<double> matrix;
  matrix.reserve(qubo.size * qubo.size);
  while (lines.next()) {
    for (const std::string_view word : words) {
      if (matrix.size() == matrix.capacity()) lines.fail(fmt::format("{} follows the last value", printable(word)));
      matrix.push_back(addable(lines, word, "the value"));
    }
  }
  const int64_t n = qubo.size;
  if (static_cast<int64_t>(matrix.size()) != n * n)
    lines.fail_at_end(fmt::format("the file ends after {} of {} values", matrix.size(), n * n));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = i; j < n; ++j) {
      const double value = i == j ? matrix[i * n + i] : matrix[i * n + j] + matrix[j * n + i];
      if (value != 0) qubo.entries.push_back({i, j, value});
    }
  }
  return qubo;
}

Quadratic parse_coo(std::span<const std::byte> bytes, std::string_view name, std::optional<bool> spins) {
  const std::string_view type = find_vartype(as_text(bytes));
  if (!type.empty() && type != "SPIN" && type != "BINARY")
    throw IoError(fmt::format("{}: the vartype is {}; allowed are SPIN and BINARY", name, printable(type)));
  if (!type.empty() && spins && *spins != (type == "SPIN"))
    throw InputError(fmt::format("{} says vartype={}; it is to be read as the other", name, type));
  if (type.empty() && !spins) {
    throw InputError(
        fmt::format("{} does not say what its variables are; say that it is qubo (bits, x'Qx) or ising (spins)", name));
  }
  TextLines lines(as_text(bytes), name, TextLines::Comments::marked);
  std::map<std::pair<int64_t, int64_t>, double> sums;
  std::map<int64_t, int64_t> numbers;  // of names
  while (lines.next()) {
    const auto& words = lines.words();
    if (words.size() != 3) lines.fail(fmt::format("{} words; a line is 'i j value'", words.size()));
    const int64_t i = lines.whole(words[0], 0, kMostEntries, "a variable"),
                  j = lines.whole(words[1], 0, kMostEntries, "a variable");
    numbers[i] = numbers[j] = 0;
    double& sum = sums[std::minmax(i, j)];
    sum += addable(lines, words[2], "the value");
  }
  if (numbers.empty()) lines.fail_at_end("there is no line 'i j value'");
  Quadratic model;
  model.spins = spins ? *spins : type == "SPIN";
  const bool in_order = numbers.rbegin()->first + 1 == static_cast<int64_t>(numbers.size());
  for (auto& [label, number] : numbers) {
    number = model.size++;
    if (!in_order) model.labels.push_back(std::to_string(label));
  }
  for (const auto& [pair, value] : sums) model.entries.push_back({numbers[pair.first], numbers[pair.second], value});
  return model;
}

}  // namespace swell
