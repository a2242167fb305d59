// The books of a machine of many stages, whose couplings, biases and stiffnesses change from stage to stage.

#include <gtest/gtest.h>

#include <cmath>
#include <string>

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

// Before the first stage visible units go from 0 to the law that the images of the label's style would have if they
// were all alike: of mean A e^-t image and variance 1 - e^-2t.
TEST(stage_start, is_the_law_of_a_noisy_image) {
  std::string text = test::kStagesDesign;
  text.replace(text.find("label = \"label\""), 15, "label = \"label\"\nfrom = \"label\"");
  Design design = parse_design(text, "s.toml");
  test::fill_at_random(design);
  const Stages& s = *design.stages;
  Patterns patterns{2, std::vector<double>(2 * 9, 0.0)};
  patterns.values[7] = patterns.values[9 + 8] = 1;
  constexpr int64_t kTrajectories = 8000;
  RunOptions options;
  options.dt = design.dt;
  options.integrator = Integrator::leimkuhler_matthews;
  options.trajectories = kTrajectories;
  options.patterns = &patterns;
  const Protocol& whole = find_protocol(design, "generation");
  const auto begun = run(design.computer, {"begin", {whole.segments[0]}}, options);
  const double v = s.variance(s.time[0]);
  for (int64_t label = 0; label < 2; ++label) {
    for (int64_t i = 0; i < 4; ++i) {
      double sum = 0, squares = 0;
      for (int64_t t = label; t < kTrajectories; t += 2) {
        const auto x = static_cast<double>(begun.state(t)[i]);
        sum += x;
        squares += x * x;
      }
      const double n = kTrajectories / 2, mean = sum / n, variance = squares / n - mean * mean;
      const double wanted = s.decay(s.time[0]) * static_cast<double>(s.label_visible[label * 4 + i]);
      EXPECT_NEAR(mean, wanted, 5 * std::sqrt(v / n) + 3e-3 * std::abs(wanted)) << label << " " << i;
      EXPECT_NEAR(variance, v, 5 * v * std::sqrt(2 / n)) << label << " " << i;
    }
  }
}

}  // namespace swell
