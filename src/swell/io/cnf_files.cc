#include "swell/io/cnf_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"
#include "swell/io/entry_lines.h"
#include "swell/io/text_lines.h"

namespace swell {

namespace {

constexpr int64_t kMostWeight = int64_t{1} << 62;

bool is_comment(const TextLines& lines) {
  const std::string_view word = lines.words()[0];
  return word.starts_with('c') || word.starts_with('#') || word.starts_with("//");
}

}  // namespace

Cnf parse_cnf(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name);
  Cnf cnf;
  int64_t clauses = -1;
  std::vector<int32_t> clause;
  while (lines.next()) {
    const auto& words = lines.words();
    if (is_comment(lines)) continue;
    if (words[0] == "%") break;  // ends the files of SATLIB
    if (clauses < 0) {
      if (words.size() != 4 || words[0] != "p" || words[1] != "cnf")
        lines.fail(fmt::format("{}; 'p cnf VARIABLES CLAUSES' is expected here", printable(lines.line())));
      cnf.variables = lines.whole(words[2], 1, kMostEntries, "the number of variables");
      clauses = lines.whole(words[3], 1, kMostEntries, "the number of clauses");
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

namespace {

// Reads clauses from words, whatever lines they stand on.
class WeightedClauses {
 public:
  WeightedClauses(TextLines& lines, Cnf& cnf, bool header, int64_t top, int64_t most)
      : lines_(lines), cnf_(cnf), header_(header), top_(top), most_(most) {}

  void add(std::string_view word) {
    if (!open_) {
      if (static_cast<int64_t>(cnf_.clauses.size()) == most_)
        lines_.fail(fmt::format("a clause follows the last of {}; nothing may", most_));
      weight_ = !header_ && word == "h" ? Cnf::kHard : lines_.whole(word, 0, kMostWeight, "the weight of a clause");
      if (header_ && weight_ >= top_) weight_ = Cnf::kHard;
      open_ = true;
      return;
    }
    const int64_t literal = lines_.whole(word, -cnf_.variables, cnf_.variables, "a literal");
    if (literal != 0) {
      clause_.push_back(static_cast<int32_t>(literal));
      largest_ = std::max(largest_, std::abs(literal));
      return;
    }
    if (clause_.empty() && weight_ == Cnf::kHard) lines_.fail("a hard clause without literals cannot be satisfied");
    cnf_.clauses.push_back(std::move(clause_));
    cnf_.weights.push_back(weight_);
    clause_.clear();
    open_ = false;
  }

  bool open() const { return open_; }
  int64_t largest() const { return largest_; }

 private:
  TextLines& lines_;
  Cnf& cnf_;
  bool header_, open_ = false;
  int64_t top_, most_, weight_ = 0, largest_ = 0;
  std::vector<int32_t> clause_;
};

}  // namespace

Cnf parse_wcnf(std::span<const std::byte> bytes, std::string_view name) {
  TextLines lines(as_text(bytes), name);
  Cnf cnf;
  int64_t promised = kMostEntries, top = kMostWeight;
  const auto& words = lines.words();
  while (lines.next() && is_comment(lines)) continue;
  if (words.empty()) lines.fail_at_end("there are no clauses");
  const bool header = words[0] == "p";
  cnf.variables = kMostEntries;
  if (header) {
    if ((words.size() != 4 && words.size() != 5) || words[1] != "wcnf")
      lines.fail(fmt::format("{}; 'p wcnf VARIABLES CLAUSES [TOP]' is expected here", printable(lines.line())));
    cnf.variables = lines.whole(words[2], 1, kMostEntries, "the number of variables");
    promised = lines.whole(words[3], 0, kMostEntries, "the number of clauses");
    if (words.size() == 5) top = lines.whole(words[4], 1, kMostWeight, "the weight of hard clauses");
    expect_room(lines, promised, 3, "clauses");
  }
  WeightedClauses clauses(lines, cnf, header, top, promised);
  for (bool more = !header || lines.next(); more; more = lines.next()) {
    if (is_comment(lines)) continue;
    for (const std::string_view word : words) clauses.add(word);
    if (!header && clauses.open()) lines.fail("a clause ends with 0 on its own line");
  }
  if (clauses.open()) lines.fail_at_end("the last clause does not end with 0");
  if (header && static_cast<int64_t>(cnf.clauses.size()) != promised)
    lines.fail_at_end(fmt::format("the file ends after {} of {} clauses", cnf.clauses.size(), promised));
  if (!header) cnf.variables = std::max<int64_t>(1, clauses.largest());
  return cnf;
}

}  // namespace swell
