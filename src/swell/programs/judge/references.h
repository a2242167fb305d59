#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace swell::judge {

// Images that a judge is shown: [images][kPixels], 0 black to 1 white.
struct Images {
  std::vector<float> pixels;
  std::vector<int> labels;  // [images], or empty

  int64_t count() const;
};

// The public set that images are held against.
struct Data {
  std::string name;
  Images train, test;
};

// Stands for each class of the training images. Every draw is a function of the seed and of the number of the image.
struct ClassModels {
  explicit ClassModels(const Images& train);

  // One image for each label.
  Images means(std::span<const int> labels) const;
  // The normal law with the mean and the covariance of the pixels of the class.
  Images gaussians(std::span<const int> labels, uint64_t seed, int threads) const;
  // Each pixel white with the probability of its mean in the class, and black otherwise, independent of the others.
  Images bernoulli(std::span<const int> labels, uint64_t seed) const;

  const Images& train;
  std::vector<std::vector<int64_t>> members;  // [class] numbers of its training images
  std::vector<float> mean;                    // [class][kPixels]
};

// Normal noise of this standard deviation on every pixel.
Images with_noise(const Images& images, double noise, uint64_t seed);

// What the judge does to all images: those outside 0 to 1 are cut off there; with a threshold (not negative) pixels
// above it become white and the others black.
void prepare(Images& images, double threshold);

// The first so many images.
Images first_of(const Images& images, int64_t most);
// Every second image, from this one on.
Images every_second(const Images& images, int64_t from);

// The images in an order drawn from the seed, and the first `most` of that; 0 for all.
Images shuffled(const Images& images, uint64_t seed, int64_t most);

}  // namespace swell::judge
