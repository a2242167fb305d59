#include "swell/learn/stage_training.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "conformance/thread_ranks.h"
#include "swell/base/errors.h"
#include "swell/learn/stage_gate.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

Design small_design(int stages, const std::string& more = "label = \"label\"\n", int hidden = 24,
                    const std::string& labels = "2") {
  return parse_design(
      "name = \"small\"\nkT = 1.0\ndt = 4e-3\n"
      "[[group]]\nname = \"visible\"\nshape = [3, 3]\nJ2 = 0.5\npattern = \"data\"\n"
      "[[group]]\nname = \"hidden\"\nshape = [" +
          std::to_string(hidden) +
          "]\nJ2 = 1.0\nJ4 = 1.0\nmobility = 5.0\n"
          "[[group]]\nname = \"label\"\nshape = [" +
          labels +
          "]\nJ2 = 0.5\npattern = \"label\"\n"
          "[stages]\ncount = " +
          std::to_string(stages) + "\namplitude = 8.0\nnoise = [4.0, 0.2]\ncool = 0.1\n" + more,
      "small.toml");
}

double uniform(uint64_t row, int64_t k) {
  return 0.5 * std::erfc(-static_cast<double>(draw_normal({3, stream::kTesting}, row, 0, static_cast<uint64_t>(k))) /
                         std::sqrt(2.0));
}

DataSet random_images(int64_t rows) {
  DataSet images;
  images.shape = {3, 3};
  images.source = "random numbers";
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t i = 0; i < 9; ++i) images.values.push_back(2 * uniform(row, i) - 1);
    images.labels.push_back(static_cast<int>(row % 2));
  }
  return images;
}

StageTrainingOptions options(int64_t updates, int threads = 1) {
  StageTrainingOptions result;
  result.updates = updates;
  result.threads = threads;
  result.rate = 1e-2;
  return result;
}

TrainingState trained(StageTrainer& trainer) {
  TrainingState state;
  const TrainingControl control;
  const TrainingCourse course(control, state);
  EXPECT_TRUE(trainer.train(state, course));
  return state;
}

// The least loss that any force can have in a stage, for images whose mean given x is known: the mean over times of
// |image - mean|^2 in the loss's units, by draws of its own.
template <class PosteriorMean>
double least_loss(const Stages& stages, int64_t stage, const DataSet& images, PosteriorMean mean_of) {
  const int64_t V = images.width(), draws = 20000;
  double spread = 0;
  std::vector<double> mean(V, 0.0);
  for (int64_t row = 0; row < images.rows(); ++row) {
    for (int64_t i = 0; i < V; ++i) mean[i] += 0.5 * (images.row(row)[i] + 1) / static_cast<double>(images.rows());
  }
  for (int64_t row = 0; row < images.rows(); ++row) {
    for (int64_t i = 0; i < V; ++i) {
      const double d = 0.5 * (images.row(row)[i] + 1) - mean[i];
      spread += d * d / static_cast<double>(images.rows() * V);
    }
  }
  const double middle = stages.middle(stage), rho_middle = stages.rho(middle);
  const double wiener = spread * rho_middle * rho_middle / (spread + rho_middle * rho_middle);
  const double f = 2 * stages.decay(middle) / stages.variance(middle);
  double sum = 0;
  for (int64_t d = 0; d < draws; ++d) {
    const double t =
        stages.time[stage + 1] + (stages.time[stage] - stages.time[stage + 1]) * (static_cast<double>(d) + 0.5) / draws;
    const int64_t row = d % images.rows();
    std::vector<double> image(V), z(V);
    for (int64_t i = 0; i < V; ++i) {
      image[i] = 0.5 * (images.row(row)[i] + 1) - mean[i];
      z[i] = image[i] + stages.rho(t) * static_cast<double>(draw_normal({11, stream::kTesting}, d, 1, i));
    }
    const std::vector<double> best = mean_of(z, stages.rho(t), mean);
    const double weight = 2 * stages.decay(t) / stages.variance(t) / f;
    for (int64_t i = 0; i < V; ++i)
      sum += weight * weight * (image[i] - best[i]) * (image[i] - best[i]) / (static_cast<double>(V * draws) * wiener);
  }
  return sum;
}

}  // namespace

namespace {

// Along the steepest direction in each part of the parameters, against the difference of two losses.
void expect_derivatives(const Design& design, const std::vector<int64_t>& parts, double least) {
  const DataSet images = random_images(200);
  StageTrainer trainer(design, images, options(10));
  const std::vector<float> start = trainer.initial_parameters();
  std::vector<float> slope, ignored;
  trainer.gradient(start, 0, slope);
  int64_t first = 0;
  for (const int64_t size : parts) {
    constexpr double kStep = 2e-2;
    std::vector<float> up = start, down = start;
    double along = 0, norm = 0;
    std::vector<double> direction(size);
    for (int64_t i = 0; i < size; ++i) {
      direction[i] = static_cast<double>(slope[first + i]);  // its derivative is far above rounding
      norm += direction[i] * direction[i];
    }
    ASSERT_GT(norm, 0) << first;
    for (int64_t i = 0; i < size; ++i) {
      direction[i] /= std::sqrt(norm);
      along += direction[i] * static_cast<double>(slope[first + i]);
      up[first + i] += static_cast<float>(kStep * direction[i]);
      down[first + i] -= static_cast<float>(kStep * direction[i]);
    }
    const double difference = (trainer.gradient(up, 0, ignored) - trainer.gradient(down, 0, ignored)) / (2 * kStep);
    EXPECT_NEAR(along, difference, 0.01 * std::abs(difference) + least) << "part at " << first;
    first += size;
  }
  EXPECT_EQ(first, static_cast<int64_t>(start.size()));
}

}  // namespace

// W; couplings of labels; of each stage gain, bias and label gain of hidden units, bias and label gain of visible ones,
// own share.
TEST(stage_training, derivatives_are_those_of_finite_differences) {
  std::vector<int64_t> parts{24 * 9, 2 * 24, 2 * 9};
  for (int k = 0; k < 3; ++k) parts.insert(parts.end(), {24, 24, 24, 9, 9, 1});
  expect_derivatives(
      small_design(3, "label = \"label\"\nwindows = [1.0, 2.0]\nbegin = \"images\"\nlocal = 0.5\nlinear = 4\n"), parts,
      2e-5);
}

// Bands with windows of 128 of 200 hidden units, the last one longer; two styles of each class.
TEST(stage_training, derivatives_with_bands_and_styles) {
  std::vector<int64_t> parts{200 * 9, 4 * 200, 4 * 9};
  for (int k = 0; k < 5; ++k) {
    const int64_t units = k < 3 ? 128 : 136;
    parts.insert(parts.end(), {units, units, units, 9, 9, 1});
  }
  expect_derivatives(small_design(5, "label = \"label\"\nbands = 2\nshare = 0.5\n", 200, "2, 2"), parts, 2e-5);
}

TEST(stage_training, the_same_bytes_for_any_threads_and_after_a_resume) {
  const Design design =
      small_design(5, "label = \"label\"\nbands = 2\nshare = 0.5\nbegin = \"images\"\nlinear = 4\n", 130, "2, 3");
  const DataSet images = random_images(100);
  StageTrainer one(design, images, options(20));
  const TrainingState whole = trained(one);
  StageTrainer three(design, images, options(20, 3));
  EXPECT_EQ(trained(three).parameters, whole.parameters);
  StageTrainer stopped(design, images, options(20));
  TrainingState state;
  TrainingControl control;
  control.progress = [](const Progress& at) { return at.done < 7; };
  EXPECT_FALSE(stopped.train(state, TrainingCourse(control, state)));
  EXPECT_EQ(state.update, 7);
  StageTrainer again(design, images, options(20, 2));
  const TrainingControl on;
  EXPECT_TRUE(again.train(state, TrainingCourse(on, state)));
  EXPECT_EQ(state.parameters, whole.parameters);
  EXPECT_EQ(state.memory, whole.memory);
  EXPECT_EQ(state.loss, whole.loss);
}

// Ranks share pieces, couplings and labels of an update; one that asks to stop stops all, and another number of them
// goes on, whether label units' images are learned or stay as they are.
TEST(stage_training, the_same_bytes_for_any_number_of_ranks) {
  const DataSet images = random_images(100);
  for (const std::string more : {"", "from = \"label\"\n"}) {
    const Design design = small_design(
        5, "label = \"label\"\nbands = 2\nshare = 0.5\nbegin = \"images\"\nlinear = 4\n" + more, 200, "2, 3");
    StageTrainer one(design, images, options(60));
    const TrainingState whole = trained(one);
    for (const int size : {2, 3, 7}) {
      const auto at_each = [&](int job, int64_t updates, const std::function<void(Ranks&, StageTrainer&)>& work) {
        test::ThreadRanks ranks(job);
        for (const std::exception_ptr& failure : ranks.each([&](Ranks& rank) {
               StageTrainingOptions shared = options(updates);
               shared.ranks = &rank;
               StageTrainer trainer(design, images, shared);
               work(rank, trainer);
             }))
          EXPECT_FALSE(failure);
      };
      at_each(size, 60, [&](Ranks&, StageTrainer& trainer) {
        const TrainingState state = trained(trainer);
        EXPECT_EQ(state.parameters, whole.parameters);
        EXPECT_EQ(state.memory, whole.memory);
        EXPECT_EQ(state.loss, whole.loss);
      });
      std::vector<TrainingState> kept(size);
      at_each(size, 60, [&](Ranks& rank, StageTrainer& trainer) {
        TrainingControl control;
        control.progress = [&](const Progress& at) { return rank.rank() != size - 1 || at.done < 7; };
        control.keep = [&](const TrainingState& state) { kept[rank.rank()] = state; };
        TrainingState state;
        EXPECT_FALSE(trainer.train(state, TrainingCourse(control, state)));
      });
      for (const TrainingState& state : kept) {
        EXPECT_EQ(state.update, 7);
        EXPECT_EQ(state.memory, kept[0].memory);
      }
      at_each(size == 2 ? 3 : 2, 60, [&](Ranks&, StageTrainer& trainer) {
        TrainingState state = kept[0];
        const TrainingControl on;
        EXPECT_TRUE(trainer.train(state, TrainingCourse(on, state)));
        EXPECT_EQ(state.parameters, whole.parameters);
        EXPECT_EQ(state.memory, whole.memory);
      });
    }
  }
}

// Two images: the mean of the image given x is a hyperbolic tangent of its overlap with their difference. Training
// comes close to the least loss of any force, from above. Where noise is small that force is all but a jump between the
// two, which units that answer by a cube root at large fields only come near.
TEST(stage_training, two_images_are_learned_to_the_closed_form) {
  const Design design = small_design(4, "", 32);
  DataSet images;
  images.shape = {3, 3};
  images.source = "two";
  const std::vector<double> a{1, -1, 1, 1, -1, -1, 1, 1, -1};
  for (int k = 0; k < 40; ++k) {
    for (const double value : a) images.values.push_back(k % 2 ? value : -value);
  }
  StageTrainer trainer(design, images, options(1500));
  const StageLosses losses = trainer.losses(trained(trainer), 4096);
  for (int64_t k = 0; k < 4; ++k) {
    const double least = least_loss(*design.stages, k, images, [&](const auto& z, double rho, const auto&) {
      double overlap = 0;
      for (size_t i = 0; i < z.size(); ++i) overlap += 0.5 * a[i] * z[i];
      std::vector<double> mean(z.size());
      for (size_t i = 0; i < z.size(); ++i) mean[i] = 0.5 * a[i] * std::tanh(overlap / (rho * rho));
      return mean;
    });
    EXPECT_GT(losses.loss[k], least - 4 * losses.error[k] - 0.02 * least) << k;
    EXPECT_LT(losses.loss[k], k < 2 ? 1.15 * least + 4 * losses.error[k] + 0.01 : 0.15) << k;
  }
}

// Gaussian images, one direction of large variance: the mean given x is a linear filter.
TEST(stage_training, gaussian_images_are_learned_to_the_closed_form) {
  const Design design = small_design(3, "", 48);
  DataSet images;
  images.shape = {3, 3};
  images.source = "Gaussian";
  const double large = 0.2, small = 0.03;  // standard deviations along (1, ..., 1)/3 and across
  for (int64_t row = 0; row < 4000; ++row) {
    const auto normal = [&](int64_t k) { return static_cast<double>(draw_normal({5, stream::kTesting}, row, 2, k)); };
    double across = 0;
    for (int64_t i = 0; i < 9; ++i) across += normal(i) / 9;
    for (int64_t i = 0; i < 9; ++i)
      images.values.push_back(2 * (0.5 + small * (normal(i) - across) + large * normal(10) / 3) - 1);
  }
  StageTrainer trainer(design, images, options(1500));
  const StageLosses losses = trainer.losses(trained(trainer), 4096);
  for (int64_t k = 0; k < 3; ++k) {
    const double least = least_loss(*design.stages, k, images, [&](const auto& z, double rho, const auto&) {
      double along = 0;
      for (const double value : z) along += value / 9;
      const double keep = large * large / (large * large + rho * rho),
                   rest = small * small / (small * small + rho * rho);
      std::vector<double> mean;
      for (const double value : z) mean.push_back(keep * along + rest * (value - along));
      return mean;
    });
    EXPECT_GT(losses.loss[k], 0.95 * least - 4 * losses.error[k]) << k;
    EXPECT_LT(losses.loss[k], 1.1 * least + 4 * losses.error[k]) << k;
  }
}

// The exported machine, its hidden units simulated by the engine and by quadrature, has the losses of training.
TEST(stage_training, the_noisy_machine_does_what_was_trained) {
  Design design = small_design(3);
  const DataSet images = random_images(100);
  StageTrainer trainer(design, images, options(1200));  // so long that the hidden units have a part in the answer
  const TrainingState state = trained(trainer);
  const StageLosses losses = trainer.losses(state, 2048);
  design.stages = trainer.machine(state);
  fill_stages(*design.stages, design.computer);
  GateOptions gate_options;
  gate_options.average = 4;
  gate_options.examples = 200;
  const StageGate gate = check_stages(design, trainer, gate_options);
  ASSERT_EQ(gate.ratio.size(), 3u);
  for (int64_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(gate.ratio[k], 1, 5 * gate.error[k] + 0.02) << k;
    EXPECT_LT(gate.error[k], 0.05) << k;
    EXPECT_NEAR(gate.trained[k], losses.loss[k], 0.25 * losses.loss[k]) << k;
  }
  // Units that are not what was trained are seen: stiffer ones answer less.
  for (float& J2 : design.stages->hidden_J2) J2 += 3;
  fill_stages(*design.stages, design.computer);
  const StageGate stiff = check_stages(design, trainer, gate_options);
  EXPECT_GT(stiff.simulated[2], 1.02 * gate.simulated[2]);
}

TEST(stage_training, refuses_what_does_not_fit) {
  const Design design = small_design(2);
  DataSet images = random_images(10);
  const auto message = [&](const DataSet& set, StageTrainingOptions asked) -> std::string {
    try {
      StageTrainer(design, set, asked);
    } catch (const InputError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(message(images, options(1)), "");
  StageTrainingOptions odd = options(1);
  odd.rows = 33;
  EXPECT_NE(message(images, odd).find("33 examples"), std::string::npos);
  images.labels[3] = 2;
  EXPECT_NE(message(images, options(1)).find("has the class 2; group 'label' has units for the classes 0 to 1"),
            std::string::npos);
  images.labels.clear();
  EXPECT_NE(message(images, options(1)).find("has no labels"), std::string::npos);
}

}  // namespace swell
