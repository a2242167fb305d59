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

TEST(idx, every_truncation_is_refused) {
  expect_truncation_refused(pictures(), parse_idx);
  expect_truncation_refused(stored_gzip(pictures()), parse_idx);
}

TEST(idx, other_types_and_dimensions_are_refused) {
  EXPECT_TRUE(contains(refusal(bytes_of(std::string_view("\0\0\x0d\x01\0\0\0\0", 8))), "00 00 0d 01"));
  EXPECT_TRUE(contains(refusal(bytes_of(std::string_view("\0\0\x08\x00\0\0\0\0", 8))), "not an IDX file"));
  EXPECT_TRUE(contains(refusal(bytes_of(std::string_view("\0\0\x08\x05\0\0\0\0", 8))), "not an IDX file"));
  EXPECT_TRUE(contains(refusal(bytes_of("text, not bytes")), "not an IDX file"));
}

TEST(idx, sizes_that_do_not_fit_the_data_are_refused) {
  std::vector<std::byte> longer = pictures();
  longer.push_back(std::byte{0});
  EXPECT_TRUE(contains(refusal(longer), "shape (2, 1, 3) does not fit the 7 bytes"));
  const std::string huge("\0\0\x08\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 20);
  EXPECT_TRUE(contains(refusal(bytes_of(huge)), "does not fit the 0 bytes"));
  EXPECT_TRUE(contains(refusal(bytes_of(std::string("\0\0\x08\x02\0\0\0\0\xff\xff\xff\xff", 12))), "does not fit"));
}

}  // namespace
}  // namespace swell::test
