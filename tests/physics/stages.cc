// The books of a machine of many stages, whose couplings, biases and stiffnesses change from stage to stage.

#include <gtest/gtest.h>

#include <cmath>

#include "swell/engine/run.h"
#include "swell/ledger/first_law.h"
#include "swell/model/test_stages.h"

namespace swell {

// Stiffness, couplings and biases change from stage to stage: what the change of V takes is work, and the books close,
// in both engines alike.
TEST(stage_books, close_and_engines_agree) {
  Design design = parse_design(test::kStagesDesign, "s.toml");
  test::fill_at_random(design);
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
