#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "swell/base/memory.h"
#include "swell/learn/data_set.h"
#include "swell/learn/styles.h"
#include "swell/model/design.h"

namespace swell {

// Images as those who learn to take noise away from them see them: about their mean, in units of black to white, each
// with its style. The last twentieth of them, a thousand at most, is held out: nothing is learned from these.
struct StageImages {
  int64_t visible = 0, learned = 0, held_out = 0;
  double spread = 0;            // of a pixel about its mean, over pixels and images
  std::vector<float> mean;      // [visible] of the images learned from, in [0, 1]
  AlignedVector<float> pixels;  // [images][visible] about the mean
  ImageStyles styles;           // the label unit of each image

  const float* row(int64_t image) const { return pixels.data() + image * visible; }
  // One drawn by these bits, of those learned from or of those held out.
  int64_t choose(uint64_t draw, bool from_held_out) const;
};

// Of images for a design with stages. Throws InputError where they do not fit it.
StageImages stage_images(const Design& design, const DataSet& images, int threads, const std::function<bool()>& go_on);

}  // namespace swell
