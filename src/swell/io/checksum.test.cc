#include "swell/io/checksum.h"

#include <gtest/gtest.h>

#include "swell/io/bytes.h"

namespace swell {
namespace {

TEST(checksum, agrees_with_the_vectors_of_fips_180) {
  EXPECT_EQ(sha256_hex({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(as_bytes_of("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(checksum, pieces_of_any_length_add_up_to_the_whole) {
  const std::string text(1000, 'x');
  for (const size_t cut : {0, 1, 63, 64, 65, 1000}) {
    Sha256 sum;
    sum.update(as_bytes_of(text).first(cut));
    sum.update(as_bytes_of(text).subspan(cut));
    EXPECT_EQ(hex(sum.digest()), sha256_hex(as_bytes_of(text))) << cut;
    sum.update(as_bytes_of("abc"));  // begins anew
    EXPECT_EQ(hex(sum.digest()), sha256_hex(as_bytes_of("abc")));
  }
}

}  // namespace
}  // namespace swell
