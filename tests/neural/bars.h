#pragma once

#include <string>

#include "swell/programs/neural/examples.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

// A question small enough to learn in a moment: is the noisy bar in this image of 4 x 4 horizontal or vertical?
namespace swell::test {

inline std::string bars_design() {
  return R"(name = "bars"
kT = 0.2
dt = 0.02
[[group]]
name = "hidden"
shape = [8]
J2 = 1.0
J4 = 1.0
[[group]]
name = "output"
shape = [2]
J2 = 1.0
J4 = 1.0
[[group]]
name = "input"
shape = [4, 4]
J2 = 1.0
pattern = "data"
[[coupling]]
between = ["input", "hidden"]
[[coupling]]
between = ["hidden", "hidden"]
[[coupling]]
between = ["hidden", "output"]
[[coupling]]
between = ["input", "output"]
[[bias]]
group = "hidden"
[[bias]]
group = "output"
[[protocol.answer]]
duration = 0.6
couplings = "learned"
clamp = ["input"]
[neural]
output = "output"
mean = 0.25
sigma = 0.4
logit_scale = 2.0
spread = 2.0
teacher = [8]
guide = { hidden = 10.0, output = 10.0 }
)";
}

// Row `row` shows a bar of class row % 2 in one of four places, with noise on each pixel; numbers from `first` on.
inline DataSet bars(int64_t rows, const neural::NeuralDesign& design, int64_t first = 0) {
  DataSet examples;
  examples.shape = {4, 4};
  examples.source = "bars";
  for (int64_t row = first; row < first + rows; ++row) {
    const int64_t place = row / 2 % 4;
    for (int64_t p = 0; p < 16; ++p) {
      const bool on = row % 2 == 0 ? p / 4 == place : p % 4 == place;
      const double noise = draw_normal({77, stream::kTesting}, row, 0, p), value = on + 0.1 * noise;
      examples.values.push_back(
          static_cast<double>(static_cast<float>((value - design.neural.mean) / design.neural.sigma)));
    }
    examples.labels.push_back(static_cast<int>(row % 2));
  }
  return examples;
}

}  // namespace swell::test
