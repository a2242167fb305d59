#include "swell/programs/generate/sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "cli/tiny_machine.h"
#include "swell/base/errors.h"
#include "swell/physics/potential.h"
#include "swell/programs/generate/on_chips.h"
#include "swell/programs/generate/train.h"
#include "swell/random/streams.h"

namespace swell::generate {

namespace {

const Trained& tiny_trained() {
  static const Trained trained = [] {
    TrainReport report;
    return train(parse_design(test::tiny_design(), "tiny"), test::tiny_images(), {}, report);
  }();
  return trained;
}

SampleOptions options(int64_t samples) {
  SampleOptions result;
  result.samples = samples;
  result.film_samples = 3;
  result.film_frames = 10;
  return result;
}

// Two images of four pixels at right angles.
DataSet two_images(std::vector<int> labels) { return {{2, 2}, {1, 1, -1, -1, 1, -1, 1, -1}, labels, {}, 0, "test"}; }

}  // namespace

// By hand, with a = (1, 1, -1, -1) and b = (1, -1, 1, -1): half of a; -a (cosine 0 with b, -1 with a: a negative);
// b; a + b (1/sqrt 2 with both, the first wins); nothing; -b + small a.
TEST(sample, judge_finds_the_nearest_image_and_counts_negatives) {
  const std::vector<float> samples{0.5f, 0.5f, -0.5f, -0.5f, -1, -1, 1, 1, 1,     -1,   1,     -1,
                                   2,    0,    0,     -2,    0,  0,  0, 0, -0.9f, 1.1f, -1.1f, 0.9f};
  const Quality quality = judge(samples, 6, two_images({7, 3}));
  const double c = 1 / std::sqrt(2.0), last = 0.4 / std::sqrt(4 * 4.04);
  const std::vector<double> cosine{1, 0, 1, c, 0, last};
  ASSERT_EQ(quality.cosine.size(), 6u);
  for (int s = 0; s < 6; ++s) EXPECT_NEAR(quality.cosine[s], cosine[s], 1e-6) << s;  // single precision
  EXPECT_EQ(quality.nearest, (std::vector<int64_t>{0, 1, 1, 0, 0, 0}));
  EXPECT_EQ(quality.class_counts, (std::map<int, int64_t>{{3, 2}, {7, 4}}));
  EXPECT_EQ(quality.negatives, 2);
  EXPECT_NEAR(quality.nearest_cosine.mean, (2 + c + last) / 6, 1e-6);
}

TEST(sample, classes_without_labels_are_image_numbers_and_empty_ones_are_listed) {
  const std::vector<float> samples{1, -1, 1, -1};
  EXPECT_EQ(judge(samples, 1, two_images({})).class_counts, (std::map<int, int64_t>{{0, 0}, {1, 1}}));
  EXPECT_EQ(judge(samples, 1, two_images({5, 5})).class_counts, (std::map<int, int64_t>{{5, 1}}));
}

// Draws are addressed by trajectory, so neither threads nor tiles nor the number of samples show in a sample.
TEST(sample, threads_tiles_and_count_do_not_change_a_bit) {
  const Samples whole = generate(tiny_trained(), options(21));
  for (const int threads : {2, 7}) {
    for (const int tile : {1, 5, 16}) {
      SampleOptions how = options(21);
      how.threads = threads;
      how.tile = tile;
      const Samples other = generate(tiny_trained(), how);
      EXPECT_EQ(whole.values, other.values);
      EXPECT_EQ(whole.entropy, other.entropy);
      EXPECT_EQ(whole.film, other.film);
    }
  }
  const Samples first = generate(tiny_trained(), options(8));
  EXPECT_TRUE(std::equal(first.values.begin(), first.values.end(), whole.values.begin()));
  EXPECT_TRUE(std::equal(first.entropy.begin(), first.entropy.end(), whole.entropy.begin()));
  SampleOptions reseeded = options(8);
  reseeded.seed = 2;
  EXPECT_NE(generate(tiny_trained(), reseeded).values, first.values);
}

TEST(sample, another_step_is_that_of_a_design_with_it) {
  Trained half = tiny_trained();
  half.design.dt /= 2;
  SampleOptions how = options(4);
  how.dt = half.design.dt;
  const Samples asked = generate(tiny_trained(), how), expected = generate(half, options(4));
  EXPECT_EQ(asked.values, expected.values);
  EXPECT_EQ(asked.entropy, expected.entropy);
  EXPECT_EQ(*asked.bill.time_s, *generate(tiny_trained(), options(4)).bill.time_s);
  EXPECT_EQ(*asked.bill.draws, 2 * *generate(tiny_trained(), options(4)).bill.draws);
}

// Single and double precision states go apart by rounding; over 200 steps of a relaxing machine less than 1e-4.
TEST(sample, engines_agree_on_samples_and_heat) {
  SampleOptions plain = options(6);
  plain.engine = EngineKind::reference;
  const Samples fast = generate(tiny_trained(), options(6)), slow = generate(tiny_trained(), plain);
  for (size_t k = 0; k < fast.values.size(); ++k) ASSERT_NEAR(fast.values[k], slow.values[k], 1e-4);
  for (size_t k = 0; k < 6; ++k) ASSERT_NEAR(fast.entropy[k], slow.entropy[k], 1e-2);  // kT, of about 50
}

TEST(sample, film_ends_in_the_samples_and_begins_in_nothing) {
  const Samples samples = generate(tiny_trained(), options(5));
  ASSERT_EQ(samples.film_samples, 3);
  ASSERT_EQ(samples.film.size(), samples.film_times.size() * 3 * 16);
  EXPECT_EQ(samples.film_times.front(), 0);
  EXPECT_NEAR(samples.film_times.back(), 2.0, 1e-9);  // two segments of 100 steps of 0.01
  for (size_t k = 0; k < 48; ++k) {
    EXPECT_EQ(samples.film[k], 0);
    EXPECT_EQ(samples.film[samples.film.size() - 48 + k], samples.values[k]);
  }
}

// Constant couplings do no work and turn the drop of V into heat; before, V is that of the units alone, from V(0) = 0.
// Switching the couplings on is work. States between the segments come from a run that ends there.
TEST(sample, heat_and_work_are_the_energies_at_the_ends_of_the_segments) {
  const Trained& trained = tiny_trained();
  const Computer& computer = trained.design.computer;
  const Protocol& whole = find_protocol(trained.design, "generation");
  RunOptions how;
  how.dt = trained.design.dt;
  how.noise = {1, stream::kGeneration};
  how.trajectories = 5;
  const auto middle = run(computer, {"first half", {whole.segments[0]}}, how), end = run(computer, whole, how);
  const Samples samples = generate(trained, options(5));
  double preparation = 0, work = 0;
  for (int64_t t = 0; t < 5; ++t) {
    const double alone = energy(computer, {}, middle.state(t)),
                 before = energy(computer, {&computer.sets[0], {}}, middle.state(t)),
                 after = energy(computer, {&computer.sets[0], {}}, end.state(t));
    // The books take the coupling field in single precision: 1e-6 of energies of about 10, over kT = 0.1.
    EXPECT_NEAR(samples.entropy[t], (before - after) / computer.kT, 1e-3) << t;
    preparation -= alone / computer.kT / 5;
    work += (before - alone) / computer.kT / 5;
  }
  EXPECT_NEAR(samples.bill.preparation_kT->mean, preparation, 1e-3);
  EXPECT_NEAR(samples.bill.work_kT->mean, work, 1e-3);
}

// The bill's counts follow from the design: 16 values to read, 16 x 6 + 15 couplings and 6 biases to write, 200 steps
// of 0.01 microseconds.
TEST(sample, bill_counts_what_the_design_says) {
  SampleOptions how = options(4);
  how.prices.time_unit_s = 1e-6;
  const Samples samples = generate(tiny_trained(), how);
  EXPECT_EQ(*samples.bill.readouts, 16);
  EXPECT_EQ(*samples.bill.writes, 16 * 6 + 15 + 6);
  EXPECT_NEAR(*samples.bill.time_s, 2e-6, 1e-15);
  EXPECT_EQ(*samples.bill.draws, 4 * 200 * (16 + 6));  // a normal for each image, step and unit
  EXPECT_EQ(samples.bill.results, 4);
  EXPECT_EQ(samples.entropy.size(), 4u);
  EXPECT_DOUBLE_EQ(samples.bill.heat_kT->mean, estimate(samples.entropy).mean);
  EXPECT_LT(samples.bill.preparation_kT->mean, 0);  // from x = 0 units can only take energy from the bath
  EXPECT_EQ(samples.shape, (std::vector<int64_t>{4, 4}));
  EXPECT_TRUE(samples.judged);
}

// What a chip's converter of two bits lets through: four levels, of images and of the film, and the judgement is of
// those. A file does not hold it.
TEST(sample, images_of_a_chip_are_read_through_its_converter) {
  hardware::Imperfections spec;
  spec.readout_bits = 2;
  spec.readout_range = 1.5;
  const Trained chip = on_chip(tiny_trained(), spec, 3);
  const Samples bare = generate(tiny_trained(), options(6)), read = generate(chip, options(6));
  ASSERT_EQ(read.values.size(), bare.values.size());
  ASSERT_EQ(read.film.size(), bare.film.size());
  const auto level = [](float x) { return std::clamp(std::floor(static_cast<double>(x)) + 0.5, -1.5, 1.5); };
  for (size_t k = 0; k < bare.values.size(); ++k) EXPECT_EQ(read.values[k], level(bare.values[k]));
  for (size_t k = 0; k < bare.film.size(); ++k) EXPECT_EQ(read.film[k], level(bare.film[k]));
  EXPECT_EQ(read.quality.cosine, judge(read.values, 6, chip.images).cosine);
  EXPECT_NE(read.quality.cosine, bare.quality.cosine);
  EXPECT_THROW(encode_trained(chip), InputError);
}

}  // namespace swell::generate
