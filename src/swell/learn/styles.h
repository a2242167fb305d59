#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace swell {

// Groups of images of a class that look alike, which a machine of stages can ask for one by one (model/stages.h): by
// k-means (S. Lloyd, IEEE Trans. Inf. Theory 28, 129 (1982)) from starts that lie far apart (D. Arthur,
// S. Vassilvitskii, SODA 2007).
struct ImageStyles {
  std::vector<int> of_image;  // [images] class * styles + style
  std::vector<float> share;   // [classes * styles] of a style in the images of its class that were learned from
};

// pixels: [images][width]; labels: [images] below `classes`, or empty for one class. The first `learned` images decide
// what the styles are; the others belong to the nearest. Of a class without images all styles have the same share. The
// same result for any number of threads. go_on is asked now and then, by any thread. Throws InputError where a class
// has images, but fewer than styles, Interrupted where go_on says no.
ImageStyles find_styles(std::span<const float> pixels, int64_t width, std::span<const int> labels, int64_t classes,
                        int64_t styles, int64_t learned, int threads, const std::function<bool()>& go_on = {});

}  // namespace swell
