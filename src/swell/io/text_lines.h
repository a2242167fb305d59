#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// Words of one line of a text after another, with the line's number for messages: what readers of line formats share.
class TextLines {
 public:
  // `name` stands in messages. Lines end as on any system; a byte order mark before the first is not part of it.
  TextLines(std::string_view text, std::string_view name);

  // Goes to the next line that has words; false at the end.
  bool next();
  const std::vector<std::string_view>& words() const { return words_; }
  std::string_view line() const { return line_; }
  int64_t number() const { return number_; }
  size_t bytes_left() const { return text_.size() - at_; }

  // Throws IoError: "NAME, line N: WHAT".
  [[noreturn]] void fail(const std::string& what) const;
  // The same about the file's end.
  [[noreturn]] void fail_at_end(const std::string& what) const;

  // The word as a whole number of [low, high], or as a finite number; else fails, naming `what`.
  int64_t whole(std::string_view word, int64_t low, int64_t high, std::string_view what) const;
  double real(std::string_view word, std::string_view what) const;

 private:
  std::string_view text_, name_, line_;
  std::vector<std::string_view> words_;
  size_t at_ = 0;
  int64_t number_ = 0;
};

}  // namespace swell
