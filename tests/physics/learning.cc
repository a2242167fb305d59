// Trained machines: the path-ratio identity along their runs, and images that come back out of thermal noise.

#include <gtest/gtest.h>

#include <cmath>

#include "cli/tiny_machine.h"
#include "physics/machines.h"
#include "physics/statistics.h"
#include "swell/base/threads.h"
#include "swell/engine/reference/reference.h"
#include "swell/physics/path_probability.h"
#include "swell/physics/potential.h"
#include "swell/programs/generate/read_images.h"
#include "swell/programs/generate/sample.h"
#include "swell/programs/generate/train.h"

namespace swell::test {

namespace {

Trained trained_on(const DataSet& images, const std::string& text) {
  generate::TrainReport report;
  generate::TrainOptions options;
  options.threads = 2;
  auto trained = generate::train(parse_design(text, "test"), images, options, report);
  EXPECT_TRUE(report.converged);
  return trained;
}

DataSet random_images(int height, int width, int count) {
  DataSet set{{height, width}, {}, {}, {}, 0, "random"};
  for (int k = 0; k < count * height * width; ++k) set.values.push_back(fixed_normal(90, k) > 0 ? 1 : -1);
  return set;
}

}  // namespace

// ln P0/P~ of a whole noising trajectory under the trained couplings: as the difference of the two sums of squares, and
// as minus half the entropy-like sum over the steps, written out here from the formula of physics.md 3 with the drive
// force in V0. Rounding of sums of about 4000 squares of order one: 1e-16 x 4000, times a margin; a wrong factor
// changes terms of order 1 to 1000.
TEST(learning, path_ratio_identity_holds_along_every_trajectory_of_a_trained_machine) {
  const auto trained = trained_on(random_images(5, 5, 3), tiny_design(5, 5, 15));
  const Computer& computer = trained.design.computer;
  const Protocol& noising = find_protocol(trained.design, "noising");
  const Patterns patterns = generate::make_patterns(trained.design, trained.images);
  RunOptions options = run_options(trained.design.dt, 12, 84);
  options.patterns = &patterns;
  const int64_t n = computer.units();
  std::vector<double> ratio(12, 0.0), squares(12, 0.0), size(12, 0.0);
  reference::run(computer, noising, options, [&](int64_t t, int64_t step, auto x, auto next) {
    const Segment& segment = noising.segments[step < 100 ? 0 : 1];
    std::vector<double> force(n), dx(n), back(n);
    for (int64_t i = 0; i < n; ++i) {
      const double amplitude = segment.drive[group_of_unit(computer, i)](static_cast<double>(step % 100) / 100);
      force[i] = amplitude * patterns.values[(t % 3) * n + i];
      dx[i] = next[i] - x[i];
      back[i] = -dx[i];
    }
    const auto g0 = gradient(computer, {nullptr, force}, x), g = gradient(computer, {&computer.sets[0], {}}, next);
    const double up = step_loss(computer, back, g, computer.kT, options.dt);
    const double down = step_loss(computer, dx, g0, computer.kT, options.dt);
    squares[t] += up - down;
    size[t] += up + down;
    const double beta = 1 / computer.kT;
    for (int64_t i = 0; i < n; ++i) {
      ratio[t] -= 0.5 * beta * dx[i] * (g0[i] + g[i]);
      ratio[t] += 0.25 * beta * options.dt * computer.mobility[i] * (g[i] * g[i] - g0[i] * g0[i]);
    }
  });
  for (int t = 0; t < 12; ++t) {
    EXPECT_GT(size[t], 1000);
    EXPECT_NEAR(ratio[t], squares[t], 1e-11 * size[t]) << t;
  }
}

// A machine of 64 + 384 units trained on a standing and a lying bar. Visible units have no biases, so it takes enough
// hidden ones to tell an image from its negative (with 32, 155 of 400 are negatives; with 384, none of 6000: a rate
// below 1e-3, five of 400 by chance below 1e-6). Mean cosine 0.892 +- 0.004; half of the samples are of either class,
// 10 of 400 standard error: six errors leave 140. Untrained units have cosine 0.1 and 200 negatives.
TEST(learning, trained_machine_regenerates_its_images) {
  DataSet bars{{8, 8}, {}, {0, 1}, {}, 0, "bars"};
  for (const bool lying : {false, true}) {
    for (int k = 0; k < 64; ++k) bars.values.push_back((lying ? k / 8 : k % 8) / 2 == 2 ? 1 : -1);
  }
  const auto trained = trained_on(bars, tiny_design(8, 8, 384, 250));
  generate::SampleOptions options;
  options.samples = 400;
  options.threads = 2;
  const auto samples = generate::generate(trained, options);
  EXPECT_GT(samples.quality.nearest_cosine.mean, 0.86);
  EXPECT_LE(samples.quality.negatives, 4);
  for (const auto& [label, count] : samples.quality.class_counts) EXPECT_GE(count, 140) << label;
}

// The published machine, trained exactly on its three digits, 1000 samples. Measured: cosine 0.859 +- 0.004, no
// negatives, classes about a third each, 1.1e3 kT (standard error 10) where 2.9e3 kT were published.
TEST(LongGenerate, published_machine_writes_digits) {
  const Design design = read_design(std::string(SWELL_SOURCE_DIR) + "/designs/whitelam2026.toml");
  generate::TrainReport report;
  generate::TrainOptions train_options;
  train_options.threads = hardware_threads();
  const auto trained = generate::train(design, generate::embedded_digits(), train_options, report);
  EXPECT_TRUE(report.converged);
  generate::SampleOptions options;
  options.samples = 1000;
  options.threads = hardware_threads();
  const auto samples = generate::generate(trained, options);
  EXPECT_GE(samples.quality.nearest_cosine.mean, 0.85);
  EXPECT_EQ(samples.quality.negatives, 0);
  ASSERT_EQ(samples.quality.class_counts.size(), 3u);
  for (const auto& [label, count] : samples.quality.class_counts) EXPECT_GE(count, 250) << label;
  EXPECT_LE(samples.bill.heat_kT->mean, 1.2e3);
  EXPECT_GT(samples.bill.heat_kT->mean, 0);
}

}  // namespace swell::test
