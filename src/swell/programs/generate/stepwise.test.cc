#include "swell/programs/generate/stepwise.h"

#include <gtest/gtest.h>

#include "swell/base/errors.h"
#include "swell/model/design.h"
#include "swell/programs/generate/train.h"

namespace swell::generate {

namespace {

Trained two_bars(const std::string& more = "") {
  const std::string design = R"(name = "bars"
dt = 0.01
kT = 0.1
[[group]]
name = "visible"
shape = [4, 4]
J2 = 1
J4 = 1
pattern = "data"
[[group]]
name = "hidden"
shape = [6]
J2 = 1
J4 = 1
pattern = "repeat"
[[coupling]]
between = ["visible", "hidden"]
[[bias]]
group = "hidden"
[[protocol.noising]]
duration = 1
drive = { visible = 2, hidden = 2 }
[[protocol.noising]]
duration = 1
drive = { visible = [[0.0, 2.0], [1.0, 0.0]], hidden = [[0.0, 2.0], [1.0, 0.0]] }
learned = true
[[protocol.generation]]
name = "noise"
duration = 0.5
[[protocol.generation]]
name = "reverse"
duration = 1
couplings = "learned"
)" + more;
  DataSet images{{4, 4}, {}, {}, {}, 0, "bars"};
  for (int k = 0; k < 32; ++k) images.values.push_back((k < 16 ? k % 4 < 2 : k / 4 % 4 < 2) ? 1.0 : -1.0);
  TrainReport report;
  return train(parse_design(design, "bars"), images, {}, report);
}

SampleOptions nine_images() {
  SampleOptions options;
  options.samples = 9;
  options.seed = 5;
  options.film_samples = 0;
  return options;
}

}  // namespace

TEST(stepwise, parts_of_any_length_end_in_the_same_images) {
  const Trained trained = two_bars();
  for (const Precision precision : {Precision::f32, Precision::bf16}) {
    SampleOptions options = nine_images();
    options.precision = precision;
    const Samples whole = generate(trained, options);
    for (const int64_t part : {1, 7, 25, 50, 1000}) {  // 50: the couplings are switched on there
      StepwiseGeneration generation(trained, options);
      EXPECT_EQ(generation.steps(), 150);
      while (!generation.finished()) generation.advance(part);
      const Samples samples = generation.samples();
      EXPECT_EQ(samples.values, whole.values) << part;
      EXPECT_EQ(samples.quality.cosine, whole.quality.cosine);
      for (int64_t t = 0; t < options.samples; ++t) EXPECT_NEAR(samples.entropy[t], whole.entropy[t], 1e-9) << part;
      for (int s = 0; s < 2; ++s)
        EXPECT_NEAR(samples.work_of_segment[s].mean, whole.work_of_segment[s].mean, 1e-9) << part << " " << s;
      EXPECT_NE(samples.work_of_segment[1].mean, 0);
      EXPECT_EQ(*samples.bill.draws, *whole.bill.draws);
      EXPECT_EQ(*samples.bill.multiply_adds, *whole.bill.multiply_adds);
    }
  }
}

TEST(stepwise, the_first_law_holds_at_every_step) {
  const Trained trained = two_bars();
  StepwiseGeneration generation(trained, nine_images());
  while (!generation.finished()) {
    generation.advance(13);
    const swell::Run& run = generation.run();
    for (int64_t t = 0; t < run.trajectories; ++t) {
      double sum = 0;
      for (int64_t s = 0; s < run.segments; ++s) sum += run.book(t, s).work - run.book(t, s).heat;
      EXPECT_NEAR(run.end_energy[t] - run.start_energy[t], sum, 1e-4) << generation.done();
    }
    EXPECT_EQ(generation.phase(), generation.done() <= 50 ? "noise" : "reverse");
  }
}

TEST(stepwise, temperatures_that_change_within_a_segment_are_those_of_the_whole) {
  for (const char* const integrator : {"euler-maruyama", "leimkuhler-matthews"}) {
    Trained trained = two_bars(R"([[protocol.generation]]
name = "cool"
duration = 0.5
couplings = "learned"
kT = [[0.0, 0.1], [0.3, 0.2], [1.0, 0.0]]
)");
    trained.design.integrator =
        std::string(integrator) == "euler-maruyama" ? Integrator::euler_maruyama : Integrator::leimkuhler_matthews;
    const SampleOptions options = nine_images();
    const Samples whole = generate(trained, options);
    for (const int64_t part : {1, 7, 50, 1000}) {
      StepwiseGeneration generation(trained, options);
      while (!generation.finished()) generation.advance(part);
      const Samples samples = generation.samples();
      EXPECT_EQ(samples.values, whole.values) << part << " " << integrator;
      for (int64_t t = 0; t < options.samples; ++t) EXPECT_NEAR(samples.entropy[t], whole.entropy[t], 1e-8) << part;
    }
  }
}

TEST(stepwise, drives_that_change_within_a_segment_are_refused) {
  Trained trained = two_bars();
  trained.design.patterns[1] = PatternMap::ones;
  for (Protocol& protocol : trained.design.protocols) {
    if (protocol.name == "generation") protocol.segments[1].drive[1] = {{{0.0, 0.0}, {1.0, 1.0}}};
  }
  try {
    StepwiseGeneration generation(trained, nine_images());
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "protocol 'generation': a drive of segment 'reverse' changes within it, so it cannot be run in parts");
  }
}

}  // namespace swell::generate
