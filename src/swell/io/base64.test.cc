#include "swell/io/base64.h"

#include <gtest/gtest.h>

#include "swell/io/bytes.h"

namespace swell {
namespace {

TEST(base64, agrees_with_the_vectors_of_rfc_4648) {
  EXPECT_EQ(encode_base64({}), "");
  EXPECT_EQ(encode_base64(as_bytes_of("f")), "Zg==");
  EXPECT_EQ(encode_base64(as_bytes_of("fo")), "Zm8=");
  EXPECT_EQ(encode_base64(as_bytes_of("foo")), "Zm9v");
  EXPECT_EQ(encode_base64(as_bytes_of("foobar")), "Zm9vYmFy");
}

TEST(base64, input_of_more_than_one_block_has_padding_at_its_end_only) {
  const std::string text = encode_base64(std::vector<std::byte>((3 << 20) + 1));
  EXPECT_EQ(text, std::string((4 << 20) + 2, 'A') + "==");
}

}  // namespace
}  // namespace swell
