#include "swell/programs/generate/pictures.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/tiny_machine.h"
#include "swell/base/errors.h"

namespace swell::generate {

namespace {

constexpr int kGap = 2;           // points around each image
constexpr int kClockHeight = 22;  // of the strip below a frame, with the time and the phase

const uint8_t* point(const Image& image, int x, int y) {
  return image.pixels.data() + (static_cast<size_t>(y) * image.width + x) * image.channels;
}

}  // namespace

// Three images of 2 x 3 in two columns, each pixel 4 points wide: 2 x (12 + gap) + gap by 2 x (8 + gap) + gap.
TEST(pictures, tiles_have_their_size_and_their_pixels_their_place) {
  std::vector<float> values(18, -1.0f);
  values[6 + 3 + 2] = 1;  // image 1, row 1, column 2
  values[12] = 0;         // image 2, row 0, column 0
  values[13] = 7;         // beyond white
  const Image image = tile_images(values, 3, 2, 3, 2, 4, 1.0);
  EXPECT_EQ(image.width, 2 * (12 + kGap) + kGap);
  EXPECT_EQ(image.height, 2 * (8 + kGap) + kGap);
  EXPECT_EQ(image.channels, 1);
  EXPECT_NO_THROW(check_image(image));
  EXPECT_EQ(*point(image, kGap, kGap), 0);
  EXPECT_EQ(*point(image, kGap + 14 + 8, kGap + 4), 255);
  EXPECT_EQ(*point(image, kGap + 14 + 11, kGap + 7), 255);
  EXPECT_EQ(*point(image, kGap + 14 + 7, kGap + 4), 0);
  EXPECT_EQ(*point(image, kGap, kGap + 10), 128);  // 127.5 rounded
  EXPECT_EQ(*point(image, kGap + 4, kGap + 10), 255);
  EXPECT_EQ(std::count(image.pixels.begin(), image.pixels.end(), 255), 2 * 16);
}

TEST(pictures, white_is_the_98th_percentile_of_the_magnitudes) {
  std::vector<float> values;
  for (int k = 0; k <= 100; ++k) values.push_back(static_cast<float>(k % 2 == 0 ? k : -k));
  EXPECT_EQ(gray_scale(values), 98);
  EXPECT_GT(gray_scale(std::vector<float>(5, 0.0f)), 0);
  EXPECT_EQ(gray_scale({}), 1);
}

TEST(pictures, grids_and_films_follow_the_number_of_samples) {
  Samples samples;
  samples.shape = {4, 5};
  samples.count = 7;
  samples.values.assign(140, 0.5f);
  samples.film_samples = 2;
  samples.film_times = {0, 1, 2};
  samples.film.assign(3 * 2 * 20, 0.1f);
  const Image grid = sample_grid(samples);  // 3 columns, 3 rows, 2 points per pixel
  EXPECT_EQ(grid.width, 3 * (10 + kGap) + kGap);
  EXPECT_EQ(grid.height, 3 * (8 + kGap) + kGap);
  EXPECT_EQ(sample_grid(samples, 4).height, 2 * (8 + kGap) + kGap);
  const auto frames = film(samples);
  ASSERT_EQ(frames.size(), 3u);
  for (const Image& frame : frames) {
    EXPECT_EQ(frame.width, 2 * (10 + kGap) + kGap);
    EXPECT_EQ(frame.height, 8 + 2 * kGap + kClockHeight);
  }
  samples.film.clear();
  EXPECT_TRUE(film(samples).empty());
  const Image training = training_grid(test::tiny_images());
  EXPECT_EQ(training.width, 2 * (8 + kGap) + kGap);
  EXPECT_EQ(*point(training, kGap, kGap), 255);  // the first image is bright on the left
  EXPECT_EQ(*point(training, kGap + 7, kGap), 0);
}

// Of three hidden units only the second has couplings: its field is shown, red where J < 0 and blue where J > 0.
TEST(pictures, receptive_fields_show_the_units_that_stand_out_in_colour_of_their_sign) {
  Design design = parse_design(test::tiny_design(2, 2, 3), "tiny");
  auto& values = std::get<DenseWeights>(design.computer.sets[0].blocks[0].weights).values;  // [visible][hidden]
  values[0 * 3 + 1] = -1;
  values[3 * 3 + 1] = 1;
  const Image image = receptive_fields(design, design.computer.sets[0], 1);
  EXPECT_EQ(image.width, 4 + 2 * kGap);
  EXPECT_EQ(image.height, 4 + 2 * kGap);
  ASSERT_EQ(image.channels, 3);
  const uint8_t *pull = point(image, kGap, kGap), *push = point(image, kGap + 3, kGap + 3);
  EXPECT_GT(pull[0], 2 * (pull[1] + pull[2]));
  EXPECT_GT(push[2], 2 * (push[0] + push[1]));
  EXPECT_EQ(*point(image, kGap + 2, kGap), *(point(image, kGap + 2, kGap) + 2));  // J = 0: neither
  EXPECT_EQ(receptive_fields(design, design.computer.sets[0]).width, 2 * (4 + kGap) + kGap);
  design.computer.sets[0].blocks.erase(design.computer.sets[0].blocks.begin());
  EXPECT_THROW(receptive_fields(design, design.computer.sets[0]), InputError);
}

}  // namespace swell::generate
