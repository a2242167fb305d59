#include "swell/programs/generate/blend.h"
#include "swell/programs/generate/read_images.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/programs/generate/sample.h"
#include "swell/random/streams.h"

namespace swell::generate {

namespace {

// Weighted sum of the embedded digits, which are alike (cosines 0.6 to 0.8), with noise of this deviation a pixel.
std::vector<float> mixture(const DataSet& digits, const std::vector<double>& weights, double noise, uint64_t seed) {
  const int64_t pixels = digits.width();
  std::vector<float> sample(pixels);
  const NoiseKey key{seed, 77};
  for (int64_t p = 0; p < pixels; ++p) {
    double value = noise * draw_normal(key, 0, 0, p);
    for (size_t k = 0; k < weights.size(); ++k) value += weights[k] * digits.values[k * pixels + p];
    sample[p] = static_cast<float>(value);
  }
  return sample;
}

double blend(const DataSet& digits, const std::vector<double>& weights, double noise = 0) {
  return blends(mixture(digits, weights, noise, 1), 1, digits)[0];
}

}  // namespace

// Two images at right angles: weights a and b leave b^2 / (a^2 + b^2) beside the nearest.
TEST(blend, is_the_square_beside_the_nearest_image) {
  const DataSet images{{2, 2}, {1, 1, -1, -1, 1, -1, 1, -1}, {}, {}, 0, "test"};
  const auto of = [&](double a, double b) {
    const std::vector<float> sample{static_cast<float>(a + b), static_cast<float>(a - b), static_cast<float>(b - a),
                                    static_cast<float>(-a - b)};
    return blends(sample, 1, images)[0];
  };
  EXPECT_NEAR(of(1, 0), 0, 1e-6);
  EXPECT_NEAR(of(0, 0.3), 0, 1e-6);
  EXPECT_NEAR(of(0.5, 0.5), 0.5, 1e-6);
  EXPECT_NEAR(of(0.8, 0.6), 0.36, 1e-6);
  EXPECT_NEAR(of(0.8, -0.6), 0.36, 1e-6);
  EXPECT_EQ(of(-1, -1), 1);
}

// The digits are alike: half of each has a cosine c with either, c^2 = (1 + g) / 2 where g is theirs.
TEST(blend, images_that_are_alike_hide_in_each_other) {
  const DataSet digits = embedded_digits();
  double g = 0, aa = 0, bb = 0;
  for (int p = 0; p < 784; ++p) {
    g += digits.values[p] * digits.values[784 + p];
    aa += digits.values[p] * digits.values[p];
    bb += digits.values[784 + p] * digits.values[784 + p];
  }
  g /= std::sqrt(aa * bb);
  EXPECT_NEAR(blend(digits, {1 / std::sqrt(aa), 1 / std::sqrt(bb), 0}), (1 - g) / 2, 1e-5);
  EXPECT_NEAR(blend(digits, {0.4, 0, 0}), 0, 1e-5);
}

// Noise of 0.4 a pixel leaves the mean where it was: 400 samples know it to 0.001 (a weight of 0.4 / sqrt(784) = 0.014
// beside 0.43, squared), six of these and the choice of the nearest within 0.01. The cosine falls by a third.
TEST(blend, thermal_noise_is_not_blending) {
  const DataSet digits = embedded_digits();
  for (const std::vector<double>& weights : {std::vector<double>{0.43, 0, 0}, std::vector<double>{0.3, 0.1, 0.05}}) {
    double mean = 0;
    for (uint64_t seed = 1; seed <= 400; ++seed)
      mean += blends(mixture(digits, weights, 0.4, seed), 1, digits)[0] / 400;
    EXPECT_NEAR(mean, blend(digits, weights), 0.01);
  }
  const std::vector<float> noisy = mixture(digits, {0.43, 0, 0}, 0.4, 1),
                           mixed = mixture(digits, {0.3, 0.2, 0.1}, 0, 1);
  EXPECT_LT(judge(noisy, 1, digits).cosine[0], judge(mixed, 1, digits).cosine[0]);
  EXPECT_LT(blends(noisy, 1, digits)[0], 0.05);
  EXPECT_GT(blends(mixed, 1, digits)[0], 0.08);
}

// Sixteen pixels with noise of 0.5 on one of two images at right angles: the noise along the other is 0.25 / 16 =
// 0.0156 of the picture's square. The mean of 4000 samples is known to 0.0004; six of these.
TEST(blend, noise_in_the_span_is_taken_off) {
  DataSet images{{4, 4}, {}, {}, {}, 0, "test"};
  for (int p = 0; p < 16; ++p) images.values.push_back(p < 8 ? 1 : -1);
  for (int p = 0; p < 16; ++p) images.values.push_back(p % 2 == 0 ? 1 : -1);
  const NoiseKey key{1, 78};
  std::vector<float> samples;
  for (int s = 0; s < 4000; ++s) {
    for (int p = 0; p < 16; ++p)
      samples.push_back(static_cast<float>(images.values[p] + 0.5 * draw_normal(key, s, 0, p)));
  }
  double mean = 0;
  for (const double share : blends(samples, 4000, images)) mean += share / 4000;
  EXPECT_NEAR(mean, 0, 0.0025);
}

TEST(blend, an_image_that_stands_twice_is_one) {
  DataSet twice = embedded_digits();
  twice.values.insert(twice.values.end(), twice.values.begin(), twice.values.begin() + 784);
  EXPECT_NEAR(blend(twice, {0.5, 0, 0}), 0, 1e-5);
  DataSet flat = first_rows(embedded_digits(), 1);
  std::fill(flat.values.begin(), flat.values.end(), 0.0);
  EXPECT_EQ(blends(mixture(embedded_digits(), {1}, 0, 1), 1, flat)[0], 1);
}

TEST(blend, judge_gives_the_mean_and_counts_blends) {
  const DataSet images{{2, 2}, {1, 1, -1, -1, 1, -1, 1, -1}, {}, {}, 0, "test"};
  const std::vector<float> samples{1, 1, -1, -1, 2, 0, 0, -2};
  const Quality quality = judge(samples, 2, images);
  EXPECT_NEAR(quality.blend.mean, 0.25, 1e-6);
  EXPECT_EQ(quality.blended, 1);
}

}  // namespace swell::generate
