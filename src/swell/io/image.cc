#include "swell/io/image.h"

#include <fmt/format.h>

#include "swell/base/errors.h"

namespace swell {

void check_image(const Image& image) {
  constexpr int kMaxExtent = 65535;
  const auto out_of_range = [](int extent) { return extent < 1 || extent > kMaxExtent; };
  if (out_of_range(image.width) || out_of_range(image.height)) {
    throw InputError(
        fmt::format("an image of {} x {} pixels: each side has 1 to {}", image.width, image.height, kMaxExtent));
  }
  if (image.channels != 1 && image.channels != 3) {
    throw InputError(fmt::format("an image with {} channels: it has 1 (gray) or 3 (red green blue)", image.channels));
  }
  const size_t size = size_t{1} * image.width * image.height * image.channels;
  if (image.pixels.size() != size) {
    throw InputError(fmt::format("an image of {} x {} x {} has {} bytes, expected {}", image.width, image.height,
                                 image.channels, image.pixels.size(), size));
  }
}

}  // namespace swell
