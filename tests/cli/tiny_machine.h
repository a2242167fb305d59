#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <vector>

#include "swell/model/design.h"
#include "swell/programs/generate/training_set.h"

// A generative machine small enough to train in a moment, and two images for it.
namespace swell::test {

// A machine of six stages for the same images, of ten classes.
inline std::string few_stages(int hidden = 20) {
  return fmt::format(R"(name = "few"
kT = 1.0
dt = 4e-3

[[group]]
name = "visible"
shape = [4, 4]
J2 = 0.5
pattern = "data"

[[group]]
name = "hidden"
shape = [{}]
J4 = 1.0
mobility = 5.0

[[group]]
name = "label"
shape = [10]
J2 = 0.5
pattern = "label"

[stages]
label = "label"
count = 6
amplitude = 12.0
noise = [4.0, 0.1]
cool = 0.2
)",
                     hidden);
}

// The published design in small: `height` x `width` visible units and `hidden` ones, 2 x `steps` steps of 0.01.
inline std::string tiny_design(int height = 4, int width = 4, int hidden = 6, int steps = 100) {
  return fmt::format(R"(name = "tiny"
kT = 0.1
dt = 0.01

[[group]]
name = "visible"
shape = [{}, {}]
J2 = 1.0
J4 = 1.0
pattern = "data"

[[group]]
name = "hidden"
shape = [{}]
J2 = 1.0
J4 = 1.0
pattern = "repeat"

[[coupling]]
between = ["visible", "hidden"]

[[coupling]]
between = ["hidden", "hidden"]

[[bias]]
group = "hidden"

[[protocol.noising]]
duration = {duration}
drive = {{ visible = 2.0, hidden = 2.0 }}

[[protocol.noising]]
duration = {duration}
drive = {{ visible = [[0.0, 2.0], [0.75, 0.0]], hidden = [[0.0, 2.0], [0.75, 0.0]] }}
learned = true

[[protocol.generation]]
duration = {duration}

[[protocol.generation]]
duration = {duration}
couplings = "learned"
)",
                     height, width, hidden, fmt::arg("duration", 0.01 * steps));
}

// Two images of unlike shape: a filled left half, and a bright diagonal; labels 4 and 9.
inline std::vector<uint8_t> tiny_pixels(int height = 4, int width = 4) {
  std::vector<uint8_t> pixels;
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) pixels.push_back(column < width / 2 ? 255 : 0);
  }
  for (int row = 0; row < height; ++row) {
    for (int column = 0; column < width; ++column) pixels.push_back(row == column ? 255 : 0);
  }
  return pixels;
}

// The tiny design with everything that a protocol can have: drives, temperatures, clamped units, couplings on and off.
inline std::string busy_design() {
  return tiny_design() + R"(
[[protocol.busy]]
duration = 0.7
drive = { visible = [[0.0, 0.0], [1.0, 2.0]] }

[[protocol.busy]]
duration = 1.1
couplings = "learned"
kT = [[0.0, 0.3], [0.5, 0.05], [1.0, 0.2]]
clamp = ["visible"]

[[protocol.busy]]
duration = 0.9
couplings = "learned"
drive = { hidden = [[0.0, 1.0], [1.0, -1.0]] }
)";
}

inline DataSet tiny_images(int height = 4, int width = 4) {
  DataSet set;
  set.shape = {height, width};
  for (const uint8_t pixel : tiny_pixels(height, width)) set.values.push_back(2.0 * pixel / 255.0 - 1.0);
  set.labels = {4, 9};
  set.source = "test";
  return set;
}

// An IDX file of unsigned bytes.
inline std::string idx_text(const std::vector<uint32_t>& shape, const std::vector<uint8_t>& values) {
  std::string text("\0\0\x08", 3);
  text += static_cast<char>(shape.size());
  for (const uint32_t extent : shape) {
    for (int byte = 3; byte >= 0; --byte) text += static_cast<char>((extent >> (8 * byte)) & 0xff);
  }
  text.append(values.begin(), values.end());
  return text;
}

}  // namespace swell::test
