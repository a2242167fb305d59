#include "swell/io/gif.h"

#include <gif_lib.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "swell/base/errors.h"
#include "swell/io/test_folder.h"

namespace swell::test {
namespace {

Image ramp(int width, int height, int start) {
  Image image{width, height, 1, {}};
  for (int i = 0; i < width * height; ++i) image.pixels.push_back(static_cast<uint8_t>(start + 37 * i));
  return image;
}

struct Film {
  std::vector<std::vector<uint8_t>> frames;  // gray values
  std::vector<int> delays;                   // centiseconds
};

// Read back by giflib's decoder.
Film decode(std::span<const std::byte> bytes) {
  const auto take = [](GifFileType* gif, GifByteType* to, int length) {
    auto& rest = *static_cast<std::span<const std::byte>*>(gif->UserData);
    const size_t count = std::min(rest.size(), static_cast<size_t>(length));
    std::memcpy(to, rest.data(), count);
    rest = rest.subspan(count);
    return static_cast<int>(count);
  };
  int error = 0;
  Film film;
  GifFileType* gif = DGifOpen(&bytes, take, &error);
  EXPECT_EQ(DGifSlurp(gif), GIF_OK);
  for (int i = 0; i < gif->ImageCount; ++i) {
    const SavedImage& image = gif->SavedImages[i];
    std::vector<uint8_t> gray;
    for (int p = 0; p < image.ImageDesc.Width * image.ImageDesc.Height; ++p) {
      gray.push_back(gif->SColorMap->Colors[image.RasterBits[p]].Red);
    }
    film.frames.push_back(std::move(gray));
    GraphicsControlBlock control{};
    EXPECT_EQ(DGifSavedExtensionToGCB(gif, i, &control), GIF_OK);
    film.delays.push_back(control.DelayTime);
  }
  DGifCloseFile(gif, &error);
  return film;
}

TEST(gif, frames_and_times_come_back) {
  const TestFolder folder;
  const std::vector<Image> frames{ramp(9, 4, 0), ramp(9, 4, 5), ramp(9, 4, 10)};
  write_gif(folder / "m.gif", frames,
            {.delay_centiseconds = 3, .last_frame_hold_centiseconds = 150, .gray_levels = 256});
  const Film film = decode(read_file(folder / "m.gif", 10'000));
  ASSERT_EQ(film.frames.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(film.frames[i], frames[i].pixels);
  EXPECT_EQ(film.delays, (std::vector<int>{3, 3, 150}));
}

TEST(gif, the_film_loops_forever) {
  const std::vector<Image> frames{ramp(2, 2, 0)};
  const std::vector<std::byte> bytes = encode_gif(frames);
  EXPECT_TRUE(as_text(bytes).starts_with("GIF89a"));
  EXPECT_NE(as_text(bytes).find(std::string_view("NETSCAPE2.0\x03\x01\0\0\0", 16)), std::string_view::npos);
}

TEST(gif, fewer_gray_levels_round_to_the_nearest_one) {
  const std::vector<Image> frames{ramp(16, 16, 0)};
  for (const int levels : {2, 16, 128}) {
    const Film film = decode(encode_gif(frames, {.gray_levels = levels}));
    for (size_t p = 0; p < frames[0].pixels.size(); ++p) {
      // Half a step, and half for the rounding of the palette entry.
      EXPECT_LE(std::abs(film.frames[0][p] - frames[0].pixels[p]), 127.5 / (levels - 1) + 0.5);
    }
  }
}

TEST(gif, noise_of_every_size_comes_back) {
  uint32_t state = 1;
  for (const int side : {1, 2, 31, 97}) {
    Image image{side, side, 1, {}};
    for (int i = 0; i < side * side; ++i) {
      state = state * 1664525 + 1013904223;
      image.pixels.push_back(static_cast<uint8_t>(state >> 24));
    }
    EXPECT_EQ(decode(encode_gif(std::vector<Image>{image})).frames[0], image.pixels);
  }
}

TEST(gif, frames_that_do_not_agree_are_refused) {
  const std::vector<Image> frames{ramp(2, 2, 0), ramp(2, 3, 0)};
  EXPECT_TRUE(contains(error_of<InputError>([&] { encode_gif(frames); }), "frame 1 is 2 x 3 x 1"));
  EXPECT_THROW(encode_gif({}), InputError);
  EXPECT_THROW(encode_gif(std::vector<Image>{{1, 1, 3, {0, 0, 0}}}), InputError);
  const std::vector<Image> good{ramp(2, 2, 0)};
  EXPECT_THROW(encode_gif(good, {.delay_centiseconds = -1}), InputError);
  EXPECT_THROW(encode_gif(good, {.gray_levels = 100}), InputError);
}

TEST(gif, an_unwritable_path_is_named) {
  const std::vector<Image> frames{ramp(2, 2, 0)};
  EXPECT_TRUE(contains(error_of([&] { write_gif("/proc/none/m.gif", frames); }), "/proc/none/m.gif"));
}

}  // namespace
}  // namespace swell::test
