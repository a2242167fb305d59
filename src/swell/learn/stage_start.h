#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/model/stages.h"
#include "swell/random/normal.h"

namespace swell {

// Where the training of a machine of stages begins (begin, local, windows and linear of a design).
struct StageStart {
  std::vector<float> W;          // [hidden][visible], of norm kStartNorm each
  std::vector<double> mean;      // [label units, or 1][visible] of the images of a kind
  int64_t linear = 0;            // the first hidden units of each band that begin as principal components
  std::vector<double> variance;  // [linear] of the images along them
  std::vector<char> is_linear;   // [hidden]
};
constexpr double kStartNorm = 1.5;

// shape: of the visible units; pixels: [images][visible] about the mean; kind: [images] the label unit of each.
StageStart start_of_stages(const Stages& form, const std::vector<int64_t>& shape, std::span<const float> pixels,
                           std::span<const int> kind, int64_t learned, Seed seed);

}  // namespace swell
