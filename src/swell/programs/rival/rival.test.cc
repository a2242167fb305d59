#include "swell/programs/rival/rival.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "swell/base/errors.h"

namespace swell::rival {

namespace {

// A network of two classes of two styles whose weights are zero: D is the best linear estimate about 0.
DenoisingNetwork linear_network() {
  DenoisingNetwork network;
  NetworkForm& form = network.form;
  form = {{2, 2}, 4, 16, 3, 4, 2, 2, 1.0, 0.1, 0.3};
  network.parameters.assign(2 * 16 * 4 + 4 * (16 + 4) + 3 * (4 * 16 + 2 * 4 + 1), 0.0f);
  network.mean = {0.5f, 0.5f, 0.5f, 0.5f};
  network.style_mean.assign(4 * 4, 0.0f);
  for (int i = 0; i < 4; ++i) network.style_mean[2 * 4 + i] = 3.0f;  // of class 1, its first style
  network.style_share = {0.5f, 0.5f, 1.0f, 0.0f};
  return network;
}

}  // namespace

// Normal images of variance s^2 about 0, whose D is known: a step keeps y normal, with the variance
// v' = (c + k (1 - c))^2 v + w^2, c = s^2 / (s^2 + rho^2), k = sqrt(rho'^2 - w^2) / rho, whatever the number of steps.
// 40,000 numbers: the error of a variance is 0.7 % of it, six of which are allowed. Without new noise the variance of
// the images comes back in the limit of many steps, and falls short of it by less than 4 % in 64.
TEST(rival, normal_images_keep_the_variance_of_the_closed_form) {
  constexpr double s = 0.3;
  constexpr int64_t rows = 400, width = 100;
  for (const auto& [steps, share] :
       std::vector<std::pair<int64_t, double>>{{1, 1}, {4, 1}, {32, 1}, {4, 0.5}, {64, 0}}) {
    const NoiseSchedule schedule{2.0, 0.05, steps, share};
    std::vector<float> y(rows * width);
    for (size_t k = 0; k < y.size(); ++k)
      y[k] = static_cast<float>(std::sqrt(s * s + 4.0)) * draw_normal({5, 4}, k, 0, 0);
    double v = s * s + 4.0;
    for (int64_t k = 0; k < steps; ++k) {
      const double rho = schedule.rho(k), c = s * s / (s * s + rho * rho);
      if (k + 1 == steps) {
        v *= c * c;
        break;
      }
      const double next = schedule.rho(k + 1), w = share * next * std::sqrt(1 - next * next / (rho * rho));
      const double kept = std::sqrt(next * next - w * w) / rho;
      v = (c + kept * (1 - c)) * (c + kept * (1 - c)) * v + w * w;
    }
    if (share == 0) {
      EXPECT_NEAR(v / (s * s * s * s / (s * s + 0.05 * 0.05)), 1, 0.04);
    }
    const std::vector<int> labels(rows, 0);
    take_noise_away(
        schedule,
        [&](std::span<const NoisyRow> noisy, const float* in, float* clean) {
          for (size_t k = 0; k < noisy.size() * width; ++k) {
            const double rho = noisy[k / width].rho;
            clean[k] = static_cast<float>(s * s / (s * s + rho * rho)) * in[k];
          }
        },
        labels, 0, width, 7, y);
    double squares = 0;
    for (const float one : y) squares += static_cast<double>(one) * static_cast<double>(one) / (rows * width);
    EXPECT_NEAR(squares / v, 1, 6 * std::sqrt(2.0 / (rows * width))) << steps << " " << share;
  }
}

TEST(rival, begins_at_the_mean_image_of_the_style_asked_for) {
  const DenoisingNetwork network = linear_network();
  SampleOptions options;
  options.samples = 2000;
  options.steps = 1;
  options.classes = {1};
  const Images samples = generate(network, options);
  // One step of the linear estimate: c (3 + n), read about the mean image 0.5 in [-1, 1].
  const double c = 0.09 / 1.09;
  double sum = 0, squares = 0;
  for (const float one : samples.values) {
    const double image = (static_cast<double>(one) + 1) / 2 - 0.5;
    sum += image / 8000;
    squares += image * image / 8000;
  }
  EXPECT_NEAR(sum, 3 * c, 6 * c / std::sqrt(8000.0));
  EXPECT_NEAR((squares - sum * sum) / (c * c), 1, 6 * std::sqrt(2.0 / 8000));
  EXPECT_EQ(samples.labels, std::vector<int>(2000, 1));
  options.noise = 0.4;  // less noise: c is larger, and what is drawn about the mean smaller
  const double larger = 0.09 / 0.25;
  sum = 0;
  for (const float one : generate(network, options).values) sum += ((static_cast<double>(one) + 1) / 2 - 0.5) / 8000;
  EXPECT_NEAR(sum, 3 * larger, 6 * 0.4 * larger / std::sqrt(8000.0));
}

TEST(rival, images_do_not_depend_on_threads_or_number) {
  const DenoisingNetwork network = linear_network();
  SampleOptions options;
  options.samples = 150;
  options.steps = 5;
  const Images one = generate(network, options);
  options.threads = 3;
  EXPECT_EQ(generate(network, options).values, one.values);
  options.samples = 70;
  const Images fewer = generate(network, options);
  EXPECT_TRUE(std::equal(fewer.values.begin(), fewer.values.end(), one.values.begin()));
}

TEST(rival, is_billed_for_every_step) {
  const DenoisingNetwork network = linear_network();
  SampleOptions options;
  options.samples = 4;
  options.steps = 7;
  options.prices.multiply_add_joule = 2e-12;
  const Images samples = generate(network, options);
  EXPECT_EQ(samples.multiply_adds, 7 * 2 * 4 * 16);
  EXPECT_DOUBLE_EQ(*bill_of(samples, options).digital_joule(), 7 * 2 * 4 * 16 * 2e-12);
}

TEST(rival, refuses_classes_and_noise_that_there_are_not) {
  SampleOptions options;
  options.classes = {2};
  EXPECT_THROW(generate(linear_network(), options), InputError);
  options.classes.clear();
  options.noise = 1.5;  // the network has learned 0.1 to 1
  EXPECT_THROW(generate(linear_network(), options), InputError);
}

}  // namespace swell::rival
