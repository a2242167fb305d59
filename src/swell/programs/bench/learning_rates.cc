#include "swell/programs/bench/learning_rates.h"

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/kernels/operands.h"
#include "swell/learn/stage_training.h"
#include "swell/programs/bench/steady.h"
#include "swell/random/streams.h"

namespace swell::bench {

namespace {

constexpr int kWindows = 5;
constexpr int64_t kRowsAtOnce = 128;   // of the left side, as in training
constexpr int64_t kUpdatesAtOnce = 4;  // so that beginning and ending a training weigh little

// Whole windows of work: as many calls in each as the time allows.
std::vector<double> rates_of(double seconds, const std::function<bool()>& go_on, const std::function<void()>& work) {
  work();  // touches the memory
  const double once = std::max(1e-6, seconds_of(work));
  const auto calls = std::max<int64_t>(1, static_cast<int64_t>(seconds / kWindows / once));
  std::vector<double> rates;
  for (int window = 0; window < kWindows; ++window) {
    const double took = seconds_of([&] {
      for (int64_t call = 0; call < calls; ++call) {
        if (!go_on()) throw Interrupted("the benchmark was interrupted");
        work();
      }
    });
    rates.push_back(static_cast<double>(calls) / took);
  }
  return rates;
}

constexpr const char* kDesign = R"(name = "learning"
kT = 1.0
dt = 2.5e-4
[[group]]
name = "visible"
shape = [28, 28]
J2 = 0.5
pattern = "data"
[[group]]
name = "hidden"
shape = [1280]
J4 = 1.0
mobility = 40.0
[[group]]
name = "label"
shape = [10, 10]
J2 = 0.5
pattern = "label"
[stages]
label = "label"
count = 16
amplitude = 16.0
noise = [6.0, 0.06]
)";

// Images of noise, ten of each style: the time does not depend on what they show.
DataSet noise_images() {
  DataSet images;
  images.shape = {28, 28};
  images.source = "noise";
  for (uint64_t image = 0; image < 1000; ++image) {
    images.labels.push_back(static_cast<int>(image % 10));
    for (uint64_t i = 0; i < kLearningVisible; ++i)
      images.values.push_back(static_cast<double>(draw_normal({1, stream::kTesting}, image, 0, i)));
  }
  return images;
}

}  // namespace

std::vector<double> learning_product_rates(bool bf16, int threads, double seconds, const std::function<bool()>& go_on) {
  const int64_t rows = kLearningStages * kLearningRows, ldc = padded_width(kLearningHidden);
  std::vector<float> numbers(kLearningHidden * kLearningVisible);
  for (size_t k = 0; k < numbers.size(); ++k) numbers[k] = draw_normal({1, stream::kTesting}, 0, 1, k);
  Operand left(Side::left, bf16, rows, kLearningVisible), right(Side::right, bf16, kLearningHidden, kLearningVisible);
  left.fill_width(0, rows, numbers.data(), kLearningVisible);
  right.fill_width(0, kLearningHidden, numbers.data(), kLearningVisible);
  AlignedVector<float> fields(rows * ldc);
  return rates_of(seconds, go_on, [&] {
    parallel_for(rows / kRowsAtOnce, threads, [&](int64_t part) {
      multiply(left, part * kRowsAtOnce, kRowsAtOnce, right, fields.data() + part * kRowsAtOnce * ldc, ldc);
    });
  });
}

std::vector<double> update_rates(bool bf16, int threads, double seconds, const std::function<bool()>& go_on) {
  const Design design = parse_design(kDesign, "learning (built in)");
  const DataSet images = noise_images();
  StageTrainingOptions options;
  options.rows = kLearningRows;
  options.bf16 = bf16;
  options.threads = threads;
  options.updates = int64_t{1} << 30;
  StageTrainer trainer(design, images, options);
  TrainingState state;
  state.parameters = trainer.initial_parameters();
  std::vector<double> rates = rates_of(seconds, go_on, [&] {
    const int64_t last = state.update + kUpdatesAtOnce;
    TrainingControl control;
    control.progress = [&](const Progress&) { return state.update < last; };
    const TrainingCourse course(control, state);
    trainer.train(state, course);
  });
  for (double& rate : rates) rate *= static_cast<double>(kUpdatesAtOnce);
  return rates;
}

}  // namespace swell::bench
