#include "swell/io/text_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/bytes.h"

namespace swell {

TextLines::TextLines(std::string_view text, std::string_view name) : text_(text), name_(name) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

bool TextLines::next() {
  constexpr std::string_view kBlank = " \t\r\f\v";
  while (at_ < text_.size()) {
    const size_t end = std::min(text_.find_first_of("\r\n", at_), text_.size());
    line_ = text_.substr(at_, end - at_);
    const bool both = end + 1 < text_.size() && text_[end] == '\r' && text_[end + 1] == '\n';
    at_ = std::min(end + (both ? 2 : 1), text_.size());
    ++number_;
    words_.clear();
    for (size_t at = line_.find_first_not_of(kBlank); at != std::string_view::npos;) {
      const size_t stop = std::min(line_.find_first_of(kBlank, at), line_.size());
      words_.push_back(line_.substr(at, stop - at));
      at = line_.find_first_not_of(kBlank, stop);
    }
    if (!words_.empty()) return true;
  }
  words_.clear();
  return false;
}

void TextLines::fail(const std::string& what) const {
  throw IoError(fmt::format("{}, line {}: {}", name_, number_, what));
}

void TextLines::fail_at_end(const std::string& what) const { throw IoError(fmt::format("{}: {}", name_, what)); }

int64_t TextLines::whole(std::string_view word, int64_t low, int64_t high, std::string_view what) const {
  int64_t value = 0;
  const char* end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (error != std::errc() || stop != end || value < low || value > high)
    fail(fmt::format("{} is {}; allowed are whole numbers from {} to {}", what, printable(word), low, high));
  return value;
}

double TextLines::real(std::string_view word, std::string_view what) const {
  double value = 0;
  std::string_view digits = word;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value))
    fail(fmt::format("{} is {}; a finite number is needed", what, printable(word)));
  return value;
}

}  // namespace swell
