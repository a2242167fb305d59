#include "swell/random/threefry.h"

#include <gtest/gtest.h>

namespace swell {

namespace {

void expect_words(Words4 got, Words4 wanted) {
  EXPECT_EQ(got.a, wanted.a);
  EXPECT_EQ(got.b, wanted.b);
  EXPECT_EQ(got.c, wanted.c);
  EXPECT_EQ(got.d, wanted.d);
}

}  // namespace

// Known answers published with Random123 (kat_vectors, threefry4x32 20).
TEST(threefry, gives_the_known_answers_of_random123) {
  constexpr uint32_t f = 0xffffffff;
  expect_words(threefry4x32_20({0, 0, 0, 0}, {0, 0, 0, 0}), {0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8});
  expect_words(threefry4x32_20({f, f, f, f}, {f, f, f, f}), {0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732});
  expect_words(threefry4x32_20({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                               {0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89}),
               {0x59cd1dbb, 0xb8879579, 0x86b5d00c, 0xac8b6d84});
}

}  // namespace swell
