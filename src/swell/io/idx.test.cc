#include "swell/io/idx.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

// Two pictures of 1 x 3 pixels.
std::vector<std::byte> pictures() {
  return bytes_of(
      std::string_view("\0\0\x08\x03\0\0\0\x02\0\0\0\x01\0\0\0\x03"
                       "abcxyz",
                       22));
}

std::string refusal(const std::vector<std::byte>& bytes) {
  const std::string message = error_of([&] { parse_idx(bytes, "x-ubyte"); });
  EXPECT_TRUE(contains(message, "x-ubyte"));
  return message;
}

TEST(idx, pictures_are_read_with_their_shape) {
  const IdxArray array = parse_idx(pictures(), "x");
  EXPECT_EQ(array.shape, (std::vector<int>{2, 1, 3}));
  EXPECT_EQ(array.values, (std::vector<uint8_t>{'a', 'b', 'c', 'x', 'y', 'z'}));
}

TEST(idx, gzip_and_raw_files_agree) {
  const TestFolder folder;
  write_file_atomically(folder / "raw", pictures());
  write_file_atomically(folder / "gzip", stored_gzip(pictures()));
  const IdxArray raw = read_idx(folder / "raw"), gzip = read_idx(folder / "gzip");
  EXPECT_EQ(raw.shape, gzip.shape);
  EXPECT_EQ(raw.values, gzip.values);
}

// Numbers are big-endian: -2 and 258 in two and four bytes, 1.5 and -2.5 in single and double precision.
TEST(idx, every_type_is_read) {
  const auto numbers = [](std::string_view text) { return parse_idx(as_bytes_of(text), "x").numbers; };
  using Values = std::vector<double>;
  EXPECT_EQ(numbers({"\0\0\x09\1\0\0\0\2\xfe\7", 10}), (Values{-2, 7}));
  EXPECT_EQ(numbers({"\0\0\x0b\1\0\0\0\2\xff\xfe\1\2", 12}), (Values{-2, 258}));
  EXPECT_EQ(numbers({"\0\0\x0c\2\0\0\0\1\0\0\0\2\xff\xff\xff\xfe\0\0\1\2", 20}), (Values{-2, 258}));
  EXPECT_EQ(numbers({"\0\0\x0d\1\0\0\0\1\x3f\xc0\0\0", 12}), Values{1.5});
  EXPECT_EQ(numbers({"\0\0\x0e\1\0\0\0\1\xc0\4\0\0\0\0\0\0", 16}), Values{-2.5});
  EXPECT_EQ(parse_idx(pictures(), "x")[4], 'y');
  EXPECT_EQ(parse_idx(as_bytes_of({"\0\0\x0b\1\0\0\0\1\xff\xfe", 10}), "x")[0], -2);
  EXPECT_TRUE(contains(refusal(bytes_of(std::string_view("\0\0\x0c\1\0\0\0\1\0\0\0", 11))), "4-byte numbers"));
}

TEST(idx, every_truncation_is_refused) {
  expect_truncation_refused(pictures(), parse_idx);
  expect_truncation_refused(stored_gzip(pictures()), parse_idx);
}

TEST(idx, other_types_and_dimensions_are_refused) {
  EXPECT_TRUE(contains(refusal(bytes_of(std::string_view("\0\0\x0a\x01\0\0\0\0", 8))), "00 00 0a 01"));
  EXPECT_TRUE(contains(refusal(bytes_of(std::string_view("\0\0\x08\x00\0\0\0\0", 8))), "not an IDX file"));
  EXPECT_TRUE(contains(refusal(bytes_of(std::string_view("\0\0\x08\x05\0\0\0\0", 8))), "not an IDX file"));
  EXPECT_TRUE(contains(refusal(bytes_of("text, not bytes")), "not an IDX file (it is text"));
}

TEST(idx, sizes_that_do_not_fit_the_data_are_refused) {
  std::vector<std::byte> longer = pictures();
  longer.push_back(std::byte{0});
  EXPECT_TRUE(contains(refusal(longer), "shape (2, 1, 3) of 1-byte numbers does not fit the 7 bytes"));
  const std::string huge("\0\0\x08\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 20);
  EXPECT_TRUE(contains(refusal(bytes_of(huge)), "does not fit the 0 bytes"));
  EXPECT_TRUE(contains(refusal(bytes_of(std::string("\0\0\x08\x02\0\0\0\0\xff\xff\xff\xff", 12))), "does not fit"));
}

}  // namespace
}  // namespace swell::test
