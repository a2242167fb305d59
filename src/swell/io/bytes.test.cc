#include "swell/io/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace swell {
namespace {

TEST(bytes, loads_in_both_orders) {
  const std::array<std::byte, 4> bytes{std::byte{0x01}, std::byte{0x02}, std::byte{0x03}, std::byte{0xff}};
  EXPECT_EQ(load<uint32_t>(bytes.data(), std::endian::little), 0xff030201u);
  EXPECT_EQ(load<uint32_t>(bytes.data(), std::endian::big), 0x010203ffu);
  EXPECT_EQ(load<int8_t>(bytes.data() + 3, std::endian::big), -1);
  EXPECT_EQ(load<int16_t>(bytes.data() + 2, std::endian::little), -253);
}

TEST(bytes, stored_numbers_are_loaded_back) {
  std::array<std::byte, 8> bytes{};
  store_little(bytes.data(), -1.5e300);
  EXPECT_EQ(load<double>(bytes.data(), std::endian::little), -1.5e300);
  store_little(bytes.data(), int64_t{-2});
  EXPECT_EQ(load<int64_t>(bytes.data(), std::endian::little), -2);
}

TEST(bytes, half_precision_matches_ieee_754_landmarks) {
  EXPECT_EQ(half_to_double(0x3c00), 1);
  EXPECT_EQ(half_to_double(0xc000), -2);
  EXPECT_EQ(half_to_double(0x7bff), 65504);
  EXPECT_EQ(half_to_double(0x0400), std::ldexp(1, -14));
  EXPECT_EQ(half_to_double(0x0001), std::ldexp(1, -24));
  EXPECT_TRUE(std::signbit(half_to_double(0x8000)));
  EXPECT_EQ(half_to_double(0xfc00), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(half_to_double(0x7e00)));
}

TEST(bytes, bfloat16_is_the_upper_half_of_a_float) {
  EXPECT_EQ(bfloat16_to_double(0x3f80), 1);
  EXPECT_EQ(bfloat16_to_double(0xc049), -3.140625);
  EXPECT_TRUE(std::isnan(bfloat16_to_double(0x7fc0)));
}

TEST(bytes, element_count_refuses_overflow_even_beside_a_zero) {
  using Shape = std::vector<int64_t>;
  EXPECT_EQ(element_count(Shape{}), 1);
  EXPECT_EQ(element_count(Shape{3, 4}), 12);
  EXPECT_EQ(element_count(Shape{3, 0}), 0);
  EXPECT_EQ(element_count(Shape{int64_t{1} << 32, int64_t{1} << 31}), std::nullopt);
  EXPECT_EQ(element_count(Shape{int64_t{1} << 62, 0, 4}), std::nullopt);
}

TEST(bytes, printable_text_has_no_control_bytes_and_is_short) {
  EXPECT_EQ(printable("a b"), "\"a b\"");
  EXPECT_EQ(printable("\x1b[2J\xff"), "\"\\x1b[2J\\xff\"");
  EXPECT_EQ(printable(std::string(1000, 'x')).size(), 65u);
}

}  // namespace
}  // namespace swell
