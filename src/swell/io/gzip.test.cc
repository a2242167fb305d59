#include "swell/io/gzip.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

TEST(gzip, members_inflate_one_after_the_other) {
  std::vector<std::byte> file = stored_gzip(bytes_of("hello "));
  const std::vector<std::byte> second = stored_gzip(bytes_of("world"));
  file.insert(file.end(), second.begin(), second.end());
  EXPECT_TRUE(is_gzip(file));
  EXPECT_EQ(as_text(inflate_gzip(file, "x.gz", 100)), "hello world");
}

TEST(gzip, inflates_up_to_the_limit_and_not_beyond) {
  const std::vector<std::byte> file = stored_gzip(bytes_of("0123456789"));
  EXPECT_EQ(inflate_gzip(file, "x.gz", 10).size(), 10u);
  for (const size_t limit : {0, 1, 9}) {
    EXPECT_TRUE(contains(error_of([&] { inflate_gzip(file, "x.gz", limit); }), "x.gz: inflates to more than"));
  }
}

TEST(gzip, every_truncation_is_refused) {
  expect_truncation_refused(stored_gzip(bytes_of("hello")), [](std::span<const std::byte> bytes, const char* name) {
    return inflate_gzip(bytes, name, 100);
  });
}

TEST(gzip, damage_is_refused) {
  std::vector<std::byte> file = stored_gzip(bytes_of("hello"));
  file[15] ^= std::byte{1};
  EXPECT_TRUE(contains(error_of([&] { inflate_gzip(file, "x.gz", 100); }), "x.gz: the gzip file is damaged"));
  std::vector<std::byte> trailing = stored_gzip(bytes_of("hello"));
  trailing.push_back(std::byte{0});
  EXPECT_THROW(inflate_gzip(trailing, "x.gz", 100), IoError);
}

}  // namespace
}  // namespace swell::test
