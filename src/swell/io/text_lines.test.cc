#include "swell/io/text_lines.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"

namespace swell {

namespace {

// Each line with words, as "number: word word".
std::vector<std::string> lines_of(std::string_view text, TextLines::Comments comments = TextLines::Comments::none) {
  TextLines lines(text, "file", comments);
  std::vector<std::string> all;
  while (lines.next()) {
    all.push_back(std::to_string(lines.number()) + ":");
    for (const std::string_view word : lines.words()) all.back() += " " + std::string(word);
  }
  return all;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST(text_lines, lines_end_as_on_every_system) {
  const Lines expected = {"1: a b", "3: c", "4: d"};
  EXPECT_EQ(lines_of("a b\n\nc\nd"), expected);
  EXPECT_EQ(lines_of("a b\r\n\r\nc\r\nd\r\n"), expected);
  EXPECT_EQ(lines_of("a b\r\rc\rd\r"), expected);
  EXPECT_EQ(lines_of("a\tb \r\n\r c\n\v d\f"), expected);
}

TEST(text_lines, byte_order_marks_are_no_part_of_the_text) {
  EXPECT_EQ(lines_of("\xef\xbb\xbf"), Lines());
  EXPECT_EQ(lines_of("\xef\xbb\xbf"
                     "3 2\n\xef\xbb\xbf"
                     "1 2\n"),
            Lines({"1: 3 2", "2: 1 2"}));
}

TEST(text_lines, comments_are_left_out_where_the_format_has_them) {
  const std::string_view text = "# a\nc b\ncomment\n% 1 2\n// x\n1 2 # three\n3 4 // five\n5 c\n";
  EXPECT_EQ(lines_of(text, TextLines::Comments::marked), Lines({"6: 1 2", "7: 3 4", "8: 5 c"}));
  EXPECT_EQ(lines_of(text).size(), 8u);
}

TEST(text_lines, numbers_may_have_a_sign_and_an_exponent_of_fortran) {
  const TextLines lines("", "file");
  EXPECT_EQ(lines.real("+1.5D+02", "x"), 150);
  EXPECT_EQ(lines.real("-2d-1", "x"), -0.2);
  EXPECT_EQ(lines.real(".5", "x"), 0.5);
  EXPECT_EQ(lines.real("5.", "x"), 5);
  EXPECT_EQ(lines.whole("+7", 0, 9, "x"), 7);
  for (const char* word : {"+-1", "+", "", "1e", "D", "1,5", "0x10", "inf", "nan", "1e999"})
    EXPECT_THROW(lines.real(word, "x"), IoError) << word;
  for (const char* word : {"+-1", "1.0", "10", "-1"}) EXPECT_THROW(lines.whole(word, 0, 9, "x"), IoError) << word;
}

}  // namespace swell
