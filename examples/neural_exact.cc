// Exact training: the published classifier learns MNIST from guide trajectories of a small teacher, in one solve.
//   neural_exact designs/guide2026.toml IMAGES LABELS TEST_IMAGES TEST_LABELS

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/programs/neural/classify.h"
#include "swell/programs/neural/read_examples.h"
#include "swell/programs/neural/train.h"

int main(int argc, char** argv) try {
  using namespace swell;
  if (argc != 6) {
    fmt::print(stderr, "usage: neural_exact DESIGN IMAGES LABELS TEST_IMAGES TEST_LABELS\n");
    return 2;
  }
  neural::NeuralDesign design = neural::neural_design(read_design(argv[1]));
  const DataSet training = neural::read_images(argv[2], argv[3], design, 0, 0);
  neural::TrainOptions options;
  options.method = neural::Method::exact;
  options.threads = hardware_threads();
  const neural::TrainReport report = neural::train(design, training, options);
  fmt::print("teacher {:.2f} % of the training set; residual {:.1e}; {:.1f} s\n", 100 * report.teacher_accuracy,
             report.final_loss, report.wall_s);
  // Test images are scaled to the norm of the training set.
  const DataSet test = neural::read_images(argv[4], argv[5], design, training.norm, 0);
  neural::TestOptions how;
  how.threads = hardware_threads();
  how.times = 0;
  const neural::TestReport answers = neural::test_classes(design, test, how);
  fmt::print("{:.2f} % right in one run, {:.2f} % by the mean of {}; {:.3g} kT an answer\n", 100 * answers.single.value,
             100 * answers.averaged.value, how.runs, answers.bill.heat_kT->mean);
  return 0;
} catch (const swell::Error& error) {
  fmt::print(stderr, "neural_exact: {}\n", error.what());
  return error.exit_code();
}
