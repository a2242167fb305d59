#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/model/design.h"
#include "swell/random/normal.h"

namespace swell {

// How training begins, as the table [stages] of a design says (begin, linear, local and windows). The couplings of a
// hidden unit to the visible ones are noise, or the difference of two images of a style; those of a share `local` of
// the units are seen through a window of a width between these, in pixels. The first units that serve a band begin as
// so many principal components of the images about their style's mean.
struct StageBeginning {
  bool from_images = false;
  int64_t linear = 0;
  double local = 1, window_least = 0, window_most = 0;
};
// Throws InputError naming key, value and what is allowed.
StageBeginning stage_beginning(const Design& design);

// Where the training of a machine of stages begins.
struct StageStart {
  StageBeginning beginning;
  std::vector<float> W;          // [hidden][visible], of norm kStartNorm each
  std::vector<double> mean;      // [label units, or 1][visible] of the images of a kind
  int64_t linear = 0;            // the first hidden units of each band that begin as principal components
  std::vector<double> variance;  // [linear] of the images along them
  std::vector<char> is_linear;   // [hidden]
};
constexpr double kStartNorm = 1.5;

// pixels: [images][visible] about the mean; kind: [images] the label unit of each.
StageStart start_of_stages(const Design& design, std::span<const float> pixels, std::span<const int> kind,
                           int64_t learned, Seed seed);

}  // namespace swell
