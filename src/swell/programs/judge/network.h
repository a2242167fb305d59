#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "swell/io/safetensors.h"

namespace swell::judge {

constexpr int64_t kSide = 28, kPixels = kSide * kSide;  // of the images
constexpr int64_t kFeatures = 64, kClasses = 10;

// A small network that knows the classes of a public set of images, and so what its images look like:
//
//   three times { convolution 3 x 3, ReLU, maximum over 2 x 2 }, with 16, 32 and 64 channels
//   features = ReLU(W1 c + b1)            c: the 64 x 3 x 3 numbers that come out
//   logits   = W2 features + b2           the class is the largest
//
// scripts/train_judge.py trains it. Weights are in f32, those of a layer [outputs][inputs], row-major.
struct Network {
  struct Layer {
    int64_t outputs = 0, inputs = 0;
    std::vector<float> weights;  // [outputs][inputs]
    std::vector<float> biases;   // [outputs]
  };

  std::string data;          // the set that it knows
  double test_accuracy = 0;  // on the test images of that set
  Layer convolutions[3];     // inputs: [channel][row][column] of a window of 3 x 3
  Layer dense[2];
};

// The sets that the program has a network for, and that network. Throws InputError listing them for another name.
std::vector<std::string> known_sets();
Network network_of(std::string_view data);
// The file as it is embedded: the weights, and answers of the network that tests compute again.
Safetensors network_file(std::string_view data);
// Throws IoError where a tensor is missing or has another shape.
Network network_from(const Safetensors& file, const std::string& name);

// What the network sees in images.
struct Seen {
  int64_t images = 0;
  std::vector<float> features;    // [images][kFeatures], none negative
  std::vector<float> logits;      // [images][kClasses]
  std::vector<int> classes;       // [images] of the largest logit
  std::vector<double> confident;  // [images] probability of that class: softmax of the logits
};

// images: [count][kPixels], 0 black to 1 white. The bits depend neither on threads nor on the processor. `go_on` is
// asked between batches; false ends the work with Interrupted.
Seen look(const Network& network, std::span<const float> images, int threads, const std::function<bool()>& go_on = {});

}  // namespace swell::judge
