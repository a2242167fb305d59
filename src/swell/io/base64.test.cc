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

TEST(base64, text_becomes_the_bytes_that_it_came_from) {
  for (const size_t size : {0, 1, 2, 3, 4, 57, (3 << 20) + 2}) {
    std::vector<std::byte> bytes(size);
    for (size_t k = 0; k < size; ++k) bytes[k] = static_cast<std::byte>(k * k * 37 + 11);
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes) << size;
  }
}

TEST(base64, what_is_no_such_text_is_refused) {
  for (const char* text : {"Zg=", "Zg", "Z===", "Zm9v\n", "Zm 9", "Zm9v=Zg=", "Zm%v"})
    EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace swell
