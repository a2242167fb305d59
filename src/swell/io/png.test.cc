#include "swell/io/png.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

Image ramp(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  for (int i = 0; i < width * height * channels; ++i) image.pixels.push_back(static_cast<uint8_t>(37 * i));
  return image;
}

std::filesystem::path corpus(const std::string& name) {
  return std::filesystem::path(SWELL_SOURCE_DIR) / "tests/fuzz/corpus/png" / name;
}

Image sample(const std::string& name) { return read_png(corpus(name)); }

TEST(png, gray_and_rgb_come_back) {
  const TestFolder folder;
  for (const int channels : {1, 3}) {
    const Image image = ramp(7, 5, channels);
    write_png(folder / "a.png", image);
    const Image read = read_png(folder / "a.png");
    EXPECT_EQ(read.width, 7);
    EXPECT_EQ(read.height, 5);
    EXPECT_EQ(read.channels, channels);
    EXPECT_EQ(read.pixels, image.pixels);
  }
}

TEST(png, other_depths_palettes_and_transparency_become_8_bits) {
  EXPECT_EQ(sample("gray1.png").pixels, (std::vector<uint8_t>{255, 0, 0, 255}));
  EXPECT_EQ(sample("palette.png").pixels, (std::vector<uint8_t>{255, 0, 0, 0, 0, 255}));
  EXPECT_EQ(sample("rgba.png").pixels, (std::vector<uint8_t>{10, 20, 30, 0, 0, 0}));
  EXPECT_EQ(sample("gray16.png").channels, 1);
  EXPECT_EQ(sample("interlaced.png").pixels.size(), 64u);
}

// 0x8000 of 0xffff is 127.5 of 255; read as an amount of light it would be 188.
TEST(png, sixteen_bits_keep_their_scale) {
  const GrayPng gray = parse_gray_png(bytes_of(text_of(corpus("middle16.png"))), "x");
  EXPECT_TRUE(gray.sixteen_bits);
  EXPECT_NEAR(gray.image.pixels[0], 127.5, 0.51);
  EXPECT_EQ(gray.image.pixels[1], 255);
  EXPECT_EQ(sample("middle16.png").pixels, gray.image.pixels);
}

// By hand: 0.299 * 10 + 0.587 * 20 + 0.114 * 30 = 18.15; transparent becomes black.
TEST(png, colour_and_transparency_become_gray) {
  const auto gray = [](const char* name) { return parse_gray_png(bytes_of(text_of(corpus(name))), "x"); };
  EXPECT_EQ(gray("rgba.png").image.pixels, (std::vector<uint8_t>{18, 0}));
  EXPECT_TRUE(gray("rgba.png").colour && gray("rgba.png").transparent && !gray("rgba.png").over_white);
  EXPECT_EQ(gray("palette.png").image.pixels, (std::vector<uint8_t>{76, 29}));
  EXPECT_FALSE(gray("palette.png").transparent);
  EXPECT_FALSE(gray("gray8.png").colour || gray("gray8.png").sixteen_bits);
  // Black ink on nothing: over black there would be nothing to see.
  EXPECT_EQ(gray("ink.png").image.pixels, (std::vector<uint8_t>{0, 255}));
  EXPECT_TRUE(gray("ink.png").over_white);
}

TEST(png, every_truncation_is_refused) {
  expect_truncation_refused(encode_png(ramp(3, 2, 1)), parse_png);
  expect_truncation_refused(encode_png(ramp(2, 2, 3)), parse_png);
}

TEST(png, other_files_and_damage_are_refused) {
  EXPECT_TRUE(contains(error_of([] { parse_png(as_bytes_of("GIF89a not a png"), "x.png"); }), "x.png: not a PNG file"));
  std::vector<std::byte> damaged = encode_png(ramp(3, 2, 1));
  damaged[damaged.size() - 14] ^= std::byte{1};
  EXPECT_TRUE(contains(error_of([&] { parse_png(damaged, "x.png"); }), "x.png: the PNG file is damaged"));
}

TEST(png, extents_that_the_data_cannot_hold_are_refused_before_memory_is_taken) {
  EXPECT_TRUE(contains(error_of([] { sample("huge.png"); }), "at most 16384 a side"));
  EXPECT_TRUE(contains(error_of([] { sample("hollow.png"); }), "cannot hold them"));
}

TEST(png, a_malformed_image_is_refused) { EXPECT_THROW(encode_png({2, 2, 1, {0, 0, 0}}), InputError); }

}  // namespace
}  // namespace swell::test
