#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace swell {

// Words of one line of a text after another, with the line's number for messages: what readers of line formats share.
// Lines end in LF, CR LF or CR; UTF-8 byte order marks are no part of the text.
class TextLines {
 public:
  // Which lines are no data: none, or those that begin with #, %, // or a word that begins with c. With the second,
  // what follows a word that begins with #, % or // is a comment too.
  enum class Comments { none, marked };

  // `name` stands in messages.
  TextLines(std::string_view text, std::string_view name, Comments comments = Comments::none)
      : text_(text), name_(name), comments_(comments) {}

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

  // The word as a whole number of [low, high], or as a finite number; else fails, naming `what`. Numbers may have a
  // plus sign, and Fortran's exponents: 1.5D+02.
  int64_t whole(std::string_view word, int64_t low, int64_t high, std::string_view what) const;
  double real(std::string_view word, std::string_view what) const;

 private:
  void take_line();
  void split();

  std::string_view text_, name_, line_;
  Comments comments_;
  std::vector<std::string_view> words_;
  size_t at_ = 0;
  size_t line_feed_ = 0;  // the first at or after at_, where it is known: > at_
  int64_t number_ = 0;
};

}  // namespace swell
