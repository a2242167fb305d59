#include "swell/learn/denoising_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>

#include "swell/base/errors.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

Design small_design(const std::string& label = "label = \"label\"\n", const std::string& labels = "2") {
  return parse_design(
      "name = \"small\"\nkT = 1.0\ndt = 4e-3\n"
      "[[group]]\nname = \"visible\"\nshape = [3, 3]\nJ2 = 0.5\npattern = \"data\"\n"
      "[[group]]\nname = \"hidden\"\nshape = [20]\nJ2 = 1.0\nJ4 = 1.0\nmobility = 5.0\n"
      "[[group]]\nname = \"label\"\nshape = [" +
          labels +
          "]\nJ2 = 0.5\npattern = \"label\"\n"
          "[stages]\ncount = 5\namplitude = 8.0\nnoise = [4.0, 0.2]\n" +
          label,
      "small.toml");
}

double draw(uint64_t row, int64_t k) {
  return static_cast<double>(draw_normal({3, stream::kTesting}, row, 0, static_cast<uint64_t>(k)));
}

DataSet random_images(int64_t rows, double width = 0.3) {
  DataSet images;
  images.shape = {3, 3};
  images.source = "random numbers";
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < 9; ++i) images.values.push_back(width * draw(row, i));
    images.labels.push_back(static_cast<int>(row % 2));
  }
  return images;
}

StageTrainingOptions options(int64_t updates, int threads = 1) {
  StageTrainingOptions result;
  result.updates = updates;
  result.threads = threads;
  result.rate = 1e-2;
  return result;
}

TrainingState trained(NetworkTrainer& trainer) {
  TrainingState state;
  const TrainingControl control;
  const TrainingCourse course(control, state);
  EXPECT_TRUE(trainer.train(state, course));
  return state;
}

}  // namespace

// Along the derivative within each part of the parameters, against the difference of two losses. Third derivatives at a
// step of 1e-2 and rounding of single precision leave 1 %; a missing factor 2 or path is far more.
TEST(denoising_network, derivatives_are_those_of_the_loss) {
  const DataSet images = random_images(200);
  const Design design = small_design();
  NetworkTrainer trainer(design, images, options(10));
  std::vector<float> start = trainer.initial_parameters();
  constexpr int64_t V = 9, H = 20, L = 2, K = 5;
  // The way back begins at zero, where hidden units would have no derivative.
  for (int64_t i = 0; i < H * V; ++i) start[H * V + i] = 0.2f * static_cast<float>(draw(900, i));
  std::vector<float> slope, ignored;
  trainer.gradient(start, 0, slope);
  std::vector<int64_t> parts = {H * V, H * V, L * H, L * V};
  for (int64_t k = 0; k < K; ++k) parts.insert(parts.end(), {H, H, H, V, 1, H, V});
  int64_t first = 0;
  for (const int64_t size : parts) {
    double norm = 0;
    for (int64_t i = 0; i < size; ++i)
      norm += static_cast<double>(slope[first + i]) * static_cast<double>(slope[first + i]);
    norm = std::sqrt(norm);
    ASSERT_GT(norm, 1e-4) << "part at " << first;
    constexpr double kStep = 1e-2;
    std::vector<float> up = start, down = start;
    for (int64_t i = 0; i < size; ++i) {
      const double move = kStep * static_cast<double>(slope[first + i]) / norm;
      up[first + i] += static_cast<float>(move);
      down[first + i] -= static_cast<float>(move);
    }
    const double difference = (trainer.gradient(up, 0, ignored) - trainer.gradient(down, 0, ignored)) / (2 * kStep);
    EXPECT_NEAR(difference / norm, 1, 1e-2) << "part at " << first << " of " << size;
    first += size;
  }
  EXPECT_EQ(first, static_cast<int64_t>(start.size()));
}

// Normal images, all pixels independent and alike: the best estimate is the linear one, whose loss is 1 in this unit,
// and no network has less. Its own loss is above by what it has learned of the 2000 images by heart.
TEST(denoising_network, of_normal_images_comes_to_the_linear_estimate) {
  const DataSet images = random_images(2000);
  const Design design = small_design("", "2");
  NetworkTrainer trainer(design, images, options(300));
  const TrainingState state = trained(trainer);
  const StageLosses losses = trainer.losses(state, 2000);
  for (size_t k = 0; k < losses.loss.size(); ++k) {
    EXPECT_GT(losses.loss[k], 1 - 6 * losses.error[k] - 0.03) << k;  // 2000 draws of 100 images held out
    EXPECT_LT(losses.loss[k], 1.1 + 6 * losses.error[k]) << k;
  }
}

// Images of two kinds, far apart for the noise: the posterior mean is the image itself, to 4e-4 at the larger noise.
// What 20 units have learned of it must leave less than 0.35 of the error of the best linear estimate; 0.2 was found.
TEST(denoising_network, of_two_images_brings_back_the_nearer_one) {
  DataSet images;
  images.shape = {3, 3};
  images.source = "two images";
  for (int64_t row = 0; row < 200; ++row) {
    for (int64_t i = 0; i < 9; ++i) images.values.push_back(((row + i) % 2 == 0 ? 0.9 : -0.9));
  }
  const Design design = small_design("", "2");
  NetworkTrainer trainer(design, images, options(4000));
  const DenoisingNetwork network = trainer.network(trained(trainer));
  const Denoiser denoiser(network);
  std::vector<float> y(9), clean(9);
  for (const double rho : {0.25, 0.4}) {
    double squares = 0;
    for (int64_t row = 0; row < 20; ++row) {
      const auto wanted = [&](int64_t i) { return (row + i) % 2 == 0 ? 0.45 : -0.45; };
      for (int64_t i = 0; i < 9; ++i) y[i] = static_cast<float>(wanted(i) + rho * draw(70 + row, i));
      const NoisyRow noisy{rho, 0};
      denoiser.denoise({&noisy, 1}, y.data(), clean.data());
      for (int64_t i = 0; i < 9; ++i) {
        const double error = static_cast<double>(clean[i]) - wanted(i);
        squares += error * error / (20 * 9);
      }
    }
    const double linear = rho * 0.45 / std::sqrt(rho * rho + 0.45 * 0.45);
    EXPECT_LT(std::sqrt(squares), 0.35 * linear) << rho;
  }
}

TEST(denoising_network, has_the_same_bytes_for_any_threads_and_after_a_resume) {
  const DataSet images = random_images(200);
  const Design design = small_design();
  NetworkTrainer one(design, images, options(12, 1)), three(design, images, options(12, 3));
  const TrainingState whole = trained(one);
  EXPECT_EQ(whole.parameters, trained(three).parameters);
  TrainingState part;
  TrainingControl control;
  control.progress = [](const Progress& at) { return at.done < 5; };
  EXPECT_FALSE(one.train(part, TrainingCourse(control, part)));
  EXPECT_EQ(part.update, 5);
  const TrainingControl on;
  EXPECT_TRUE(three.train(part, TrainingCourse(on, part)));
  EXPECT_EQ(part.parameters, whole.parameters);
  EXPECT_EQ(part.memory[2], whole.memory[2]);
}

TEST(denoising_network, comes_back_from_its_file) {
  const DataSet images = random_images(200);
  const Design design = small_design();
  NetworkTrainer trainer(design, images, options(3));
  const DenoisingNetwork network = trainer.network(trained(trainer));
  const std::filesystem::path path = std::filesystem::temp_directory_path() / "swell-denoising-network.safetensors";
  write_network(path, network, {{"training", "{}"}});
  const NetworkFile back = read_network(path);
  EXPECT_EQ(back.network.parameters, network.parameters);
  EXPECT_EQ(back.network.mean, network.mean);
  EXPECT_EQ(back.network.style_mean, network.style_mean);
  EXPECT_EQ(back.network.style_share, network.style_share);
  EXPECT_EQ(back.network.form.shape, (std::vector<int64_t>{3, 3}));
  EXPECT_EQ(back.network.form.level(0.2), 4);
  EXPECT_EQ(back.network.form.multiply_adds(), 2 * 9 * 20);
  EXPECT_EQ(back.notes.at("training"), "{}");
  Safetensors damaged;
  damaged.metadata["network"] = "1";
  write_safetensors(path, damaged);
  EXPECT_THROW(read_network(path), IoError);
  damaged.metadata.clear();
  damaged.tensors["a"] = {{1}, {1.0}, Dtype::F32};
  write_safetensors(path, damaged);
  try {
    read_network(path);
    FAIL();
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("is not a network of 'swell rival train'"), std::string::npos);
  }
  std::filesystem::remove(path);
}

}  // namespace swell
