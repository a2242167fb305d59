#pragma once

#include <cstdint>
#include <vector>

namespace swell {

struct Image {
  int width = 0;
  int height = 0;
  int channels = 1;             // 1 gray, 3 red green blue
  std::vector<uint8_t> pixels;  // [height][width][channels], 0 black to 255
};

// Throws InputError unless the extents are 1 to 65535, channels is 1 or 3, and pixels has the size they give.
void check_image(const Image& image);

}  // namespace swell
