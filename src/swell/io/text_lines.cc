#include "swell/io/text_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

namespace {

bool begins_comment(std::string_view word) {
  return word.starts_with('#') || word.starts_with('%') || word.starts_with("//");
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f' || c == '\v'; }

std::string_view without_plus(std::string_view word) {
  if (word.size() > 1 && word[0] == '+' && word[1] != '-') word.remove_prefix(1);
  return word;
}

}  // namespace

void TextLines::take_line() {
  // Looked for once, not in every line of a text that has none.
  if (line_feed_ < at_ || line_feed_ == 0) line_feed_ = std::min(text_.find('\n', at_), text_.size());
  line_ = text_.substr(at_, line_feed_ - at_);
  const size_t carriage_return = line_.find('\r');
  if (carriage_return == std::string_view::npos) {
    at_ = std::min(line_feed_ + 1, text_.size());
  } else {
    const bool both = carriage_return + 1 == line_.size() && line_feed_ < text_.size();
    at_ += carriage_return + (both ? 2 : 1);
    line_ = line_.substr(0, carriage_return);
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (line_.starts_with(kByteOrderMark)) line_.remove_prefix(kByteOrderMark.size());
  ++number_;
}

void TextLines::split() {
  words_.clear();
  for (size_t at = 0;;) {
    while (at < line_.size() && is_blank(line_[at])) ++at;
    if (at == line_.size()) return;
    size_t stop = at;
    while (stop < line_.size() && !is_blank(line_[stop])) ++stop;
    const std::string_view word = line_.substr(at, stop - at);
    if (comments_ == Comments::marked && (begins_comment(word) || (words_.empty() && word.starts_with('c')))) return;
    words_.push_back(word);
    at = stop;
  }
}

bool TextLines::next() {
  words_.clear();
  while (at_ < text_.size()) {
    take_line();
    split();
    if (!words_.empty()) return true;
  }
  return false;
}

void TextLines::fail(const std::string& what) const {
  throw IoError(fmt::format("{}, line {}: {}", name_, number_, what));
}

void TextLines::fail_at_end(const std::string& what) const { throw IoError(fmt::format("{}: {}", name_, what)); }

int64_t TextLines::whole(std::string_view word, int64_t low, int64_t high, std::string_view what) const {
  int64_t value = 0;
  const std::string_view digits = without_plus(word);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || value < low || value > high)
    fail(fmt::format("{} is {}; allowed are whole numbers from {} to {}", what, printable(word), low, high));
  return value;
}

double TextLines::real(std::string_view word, std::string_view what) const {
  double value = 0;
  std::string fortran;
  std::string_view digits = without_plus(word);
  if (digits.find_first_of("dD") != std::string_view::npos) {
    fortran = digits;
    std::ranges::replace_if(
        fortran, [](char c) { return c == 'd' || c == 'D'; }, 'e');
    digits = fortran;
  }
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value))
    fail(fmt::format("{} is {}; a finite number is needed", what, printable(word)));
  return value;
}

}  // namespace swell
