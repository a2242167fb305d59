#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/programs/generate/training_set.h"

namespace swell::generate {

// Above this share a sample counts as a blend.
constexpr double kBlended = 0.1;

// How much of the picture in each sample is not its nearest training image. The picture is the sample's projection on
// the span of all training images, which leaves the thermal noise of the pixels out; its part along the nearest image
// is taken off, and what remains is given as a share of the picture's square. One image gives 0 at any brightness and
// noise, a cosine of the picture with its nearest image of c gives 1 - c^2. Images that are alike hide in each other,
// as they do to the eye: the share is of what can be seen beside the nearest. The noise that falls into the span is
// estimated from what lies outside it and taken off, so that the mean is unbiased and a single share may be negative.
// A sample that is like no image (cosine 0 or less with all) counts as 1.
// samples: [count][pixels].
std::vector<double> blends(std::span<const float> samples, int64_t count, const DataSet& images);

}  // namespace swell::generate
