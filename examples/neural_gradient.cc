// Gradient training: a machine learns cos(2 pi z), read at t = 1, through its own noisy dynamics.
//   neural_gradient designs/cosine.toml

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/programs/neural/functions.h"
#include "swell/programs/neural/train.h"

int main(int argc, char** argv) try {
  using namespace swell;
  if (argc != 2) {
    fmt::print(stderr, "usage: neural_gradient DESIGN\n");
    return 2;
  }
  neural::NeuralDesign design = neural::neural_design(read_design(argv[1]));
  const DataSet examples = neural::cosine_task(21, design);
  neural::TrainOptions options;
  options.method = neural::Method::gradient;
  options.threads = hardware_threads();
  options.batch = 0;           // all 21 values of z in each update
  options.noise_samples = 16;  // the error is that of the mean of so many runs
  options.updates = 1000;
  options.rate = 0.02;
  const neural::TrainReport report = neural::train(design, examples, options);
  fmt::print("loss {:.4f} after {} trajectories, {:.1f} s\n", report.final_loss, report.evaluations, report.wall_s);
  neural::FunctionOptions how;
  how.threads = hardware_threads();
  const neural::FunctionReport test = neural::test_function(design, examples, how);
  for (const auto& value : test.values)
    fmt::print("{:7.3f} -> {:7.3f} +- {:.3f}, target {:7.3f}\n", value.input[0], value.answer.mean,
               value.answer.stderr_of_mean, value.target);
  fmt::print("root mean square error {:.4f}; the best time to read is {:g}\n", test.at_end.of_mean, test.best_time);
  return 0;
} catch (const swell::Error& error) {
  fmt::print(stderr, "neural_gradient: {}\n", error.what());
  return error.exit_code();
}
