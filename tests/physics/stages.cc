// The books of a machine of many stages, whose couplings, biases and stiffnesses change from stage to stage.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "swell/engine/run.h"
#include "swell/ledger/first_law.h"
#include "swell/model/design.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr const char* kDesign = R"(name = "s"
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
void fill_at_random(Design& design) {
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
  fill(s.label_visible, 3 * 2 * 4, 1, 0);
  fill(s.label_hidden, 3 * 2 * 3, 1, 0);
  fill(s.mean, 4, 0.1f, 0.5f);
  round_stages(s);
  fill_stages(s, design.computer);
}

}  // namespace

// Stiffness, couplings and biases change from stage to stage: what the change of V takes is work, and the books close,
// in both engines alike.
TEST(stage_books, close_and_engines_agree) {
  Design design = parse_design(kDesign, "s.toml");
  fill_at_random(design);
  Patterns patterns{2, std::vector<double>(2 * 9, 0.0)};
  patterns.values[7] = patterns.values[9 + 8] = 1;
  RunOptions options;
  options.dt = design.dt;
  options.trajectories = 4;
  options.patterns = &patterns;
  const Protocol& protocol = find_protocol(design, "generation");
  const auto fast = run(design.computer, protocol, options);
  options.engine = EngineKind::reference;
  const auto reference = run(design.computer, protocol, options);
  EXPECT_LT(first_law(reference).residual, 1e-9);
  EXPECT_LT(first_law(fast).residual, 1e-4);
  for (size_t k = 0; k < reference.states.size(); ++k) EXPECT_NEAR(fast.states[k], reference.states[k], 2e-3) << k;
  for (int64_t t = 0; t < 4; ++t) {
    double work = 0;
    for (int64_t s = 0; s < 5; ++s) {
      EXPECT_NEAR(fast.book(t, s).work, reference.book(t, s).work, 5e-3) << t << " " << s;
      EXPECT_NEAR(fast.book(t, s).heat, reference.book(t, s).heat, 2e-2) << t << " " << s;
      work += std::abs(reference.book(t, s).work);
    }
    EXPECT_GT(work, 0.1);
  }
}

}  // namespace swell
