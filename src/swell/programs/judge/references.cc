#include "swell/programs/judge/references.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/threads.h"
#include "swell/kernels/dispatch.h"
#include "swell/kernels/normals.h"
#include "swell/programs/judge/network.h"
#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::judge {

namespace {

// Steps of the stream, so that no two kinds of images share a draw.
constexpr uint64_t kNoise = 0, kGaussian = 1, kPixel = 2;

void append(Images& images, const Images& from, int64_t i) {
  const float* pixels = from.pixels.data() + i * kPixels;
  images.pixels.insert(images.pixels.end(), pixels, pixels + kPixels);
  if (!from.labels.empty()) images.labels.push_back(from.labels[i]);
}

Images blank(std::span<const int> labels) {
  Images images;
  images.pixels.assign(static_cast<int64_t>(labels.size()) * kPixels, 0.0f);
  images.labels.assign(labels.begin(), labels.end());
  return images;
}

}  // namespace

int64_t Images::count() const { return static_cast<int64_t>(pixels.size()) / kPixels; }

ClassModels::ClassModels(const Images& images) : train(images), members(kClasses), mean(kClasses * kPixels, 0.0f) {
  for (int64_t i = 0; i < train.count(); ++i) members[train.labels[i]].push_back(i);
  for (int64_t c = 0; c < kClasses; ++c) {
    std::vector<double> sum(kPixels, 0.0);
    for (const int64_t i : members[c]) {
      for (int64_t p = 0; p < kPixels; ++p) sum[p] += static_cast<double>(train.pixels[i * kPixels + p]);
    }
    const double count = static_cast<double>(std::max<size_t>(members[c].size(), 1));
    for (int64_t p = 0; p < kPixels; ++p) mean[c * kPixels + p] = static_cast<float>(sum[p] / count);
  }
}

Images ClassModels::means(std::span<const int> labels) const {
  Images images = blank(labels);
  for (size_t i = 0; i < labels.size(); ++i)
    std::copy_n(mean.data() + labels[i] * kPixels, kPixels, images.pixels.data() + static_cast<int64_t>(i) * kPixels);
  return images;
}

// mean + sum over the class of z_j (x_j - mean) / (m - 1)^1/2 with independent standard normals z_j has exactly the
// mean and the covariance of the class's m images, and needs no root of a matrix that may be singular.
Images ClassModels::gaussians(std::span<const int> labels, uint64_t seed, int threads) const {
  constexpr int64_t kRows = 48;
  Images images = means(labels);
  std::vector<std::vector<int64_t>> wanted(kClasses);
  for (size_t i = 0; i < labels.size(); ++i) wanted[labels[i]].push_back(static_cast<int64_t>(i));
  for (int64_t c = 0; c < kClasses; ++c) {
    const auto count = static_cast<int64_t>(members[c].size()), rows = static_cast<int64_t>(wanted[c].size());
    if (count < 2 || rows == 0) continue;
    std::vector<float> centred(count * kPixels);
    const float scale = 1 / std::sqrt(static_cast<float>(count - 1));
    for (int64_t j = 0; j < count; ++j) {
      for (int64_t p = 0; p < kPixels; ++p)
        centred[j * kPixels + p] = scale * (train.pixels[members[c][j] * kPixels + p] - mean[c * kPixels + p]);
    }
    parallel_for((rows + kRows - 1) / kRows, threads, [&](int64_t block) {
      const int64_t first = block * kRows, here = std::min(kRows, rows - first);
      // Trajectories of the draws: image `first + row` of class c.
      StepNormals normals({seed, stream::kStandIn}, c << 40 | first, here, count);
      const float* z = normals.at(kGaussian);
      std::vector<float> sums(here * kPixels, 0.0f);
      cpu::kernels().multiply_f32(here, kPixels, count, z, normals.stride(), 1, centred.data(), kPixels, sums.data(),
                                  kPixels);
      for (int64_t row = 0; row < here; ++row) {
        float* pixels = images.pixels.data() + wanted[c][first + row] * kPixels;
        for (int64_t p = 0; p < kPixels; ++p) pixels[p] += sums[row * kPixels + p];
      }
    });
  }
  return images;
}

Images ClassModels::bernoulli(std::span<const int> labels, uint64_t seed) const {
  Images images = means(labels);
  const NoiseKey key{seed, stream::kStandIn};
  for (int64_t i = 0; i < images.count(); ++i) {
    for (int64_t p = 0; p < kPixels; p += 4) {
      const Words4 words = noise_words(key, static_cast<uint32_t>(p / 4), kPixel, static_cast<uint32_t>(i),
                                       static_cast<uint32_t>(i >> 32));
      const uint32_t bits[] = {words.a, words.b, words.c, words.d};
      for (int k = 0; k < 4; ++k) {
        float& pixel = images.pixels[i * kPixels + p + k];
        pixel = uniform_open_closed(bits[k]) <= pixel ? 1.0f : 0.0f;
      }
    }
  }
  return images;
}

Images with_noise(const Images& images, double noise, uint64_t seed) {
  Images noisy = images;
  if (noise == 0) return noisy;
  const NoiseKey key{seed, stream::kStandIn};
  for (int64_t i = 0; i < noisy.count(); ++i) {
    for (int64_t p = 0; p < kPixels; p += 4) {
      const Normals4 four = normals_from(noise_words(key, static_cast<uint32_t>(p / 4), kNoise,
                                                     static_cast<uint32_t>(i), static_cast<uint32_t>(i >> 32)));
      float* pixel = noisy.pixels.data() + i * kPixels + p;
      const float scale = static_cast<float>(noise);
      pixel[0] += scale * four.a;
      pixel[1] += scale * four.b;
      pixel[2] += scale * four.c;
      pixel[3] += scale * four.d;
    }
  }
  return noisy;
}

void prepare(Images& images, double threshold) {
  for (float& pixel : images.pixels) {
    pixel = std::clamp(pixel, 0.0f, 1.0f);
    if (threshold >= 0) pixel = static_cast<double>(pixel) > threshold ? 1.0f : 0.0f;
  }
}

Images first_of(const Images& images, int64_t most) {
  Images first;
  for (int64_t i = 0; i < std::min(most, images.count()); ++i) append(first, images, i);
  return first;
}

Images every_second(const Images& images, int64_t from) {
  Images some;
  for (int64_t i = from; i < images.count(); i += 2) append(some, images, i);
  return some;
}

Images shuffled(const Images& images, uint64_t seed, int64_t most) {
  std::vector<int64_t> order(images.count());
  std::iota(order.begin(), order.end(), int64_t{0});
  Sequence draws({seed, stream::kBootstrap}, uint64_t{1} << 40);
  for (int64_t k = images.count() - 1; k > 0; --k) std::swap(order[k], order[draws.below(k + 1)]);
  if (most > 0 && most < images.count()) order.resize(most);
  Images chosen;
  for (const int64_t i : order) append(chosen, images, i);
  return chosen;
}

}  // namespace swell::judge
