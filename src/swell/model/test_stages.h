#pragma once

#include <cstdint>
#include <vector>

#include "swell/model/design.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

// A machine of three stages, four visible and three hidden units and two labels, that tests share.
namespace swell::test {

inline constexpr const char* kStagesDesign = R"(name = "s"
kT = 1.0
dt = 2e-3
[[group]]
name = "visible"
shape = [2, 2]
J2 = 0.5
pattern = "data"
[[group]]
name = "hidden"
shape = [3]
J4 = 1.0
mobility = 10.0
[[group]]
name = "label"
shape = [2]
J2 = 0.5
pattern = "label"
[stages]
label = "label"
count = 3
amplitude = 8.0
noise = [2.0, 0.1]
fill = 1.0
cool = 0.2
)";

// Numbers of moderate size everywhere.
inline void fill_at_random(Design& design) {
  Stages& s = *design.stages;
  uint64_t part = 0;
  const auto fill = [&](std::vector<float>& values, int64_t count, float scale, float shift) {
    values.clear();
    for (int64_t k = 0; k < count; ++k)
      values.push_back(shift + scale * draw_normal({1, stream::kTesting}, part, 0, static_cast<uint64_t>(k)));
    ++part;
  };
  fill(s.W, 3 * 4, 0.5f, 0);
  fill(s.gain, 3 * 3, 0.2f, 1);
  fill(s.visible_J2, 3, 0.1f, 1.5f);
  fill(s.hidden_J2, 3, 0.1f, 0.5f);
  fill(s.visible_bias, 3 * 4, 1, 0);
  fill(s.hidden_bias, 3 * 3, 1, 0);
  fill(s.label_visible, 2 * 4, 1, 0);
  fill(s.label_visible_gain, 3 * 4, 0.2f, 1);
  fill(s.label_hidden, 2 * 3, 1, 0);
  fill(s.label_hidden_gain, 3 * 3, 0.2f, 1);
  s.style_share = {1, 1};
  fill(s.mean, 4, 0.1f, 0.5f);
  round_stages(s);
  fill_stages(s, design.computer);
}

}  // namespace swell::test
