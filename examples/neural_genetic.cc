// Genetic training with hardware in the loop: the trainer only asks a device for answers. Here the device is the
// simulation with a fault that the trainer is not told of, one hidden unit that always reads its input backwards.
//   neural_genetic designs/cosine.toml

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/programs/neural/train.h"

int main(int argc, char** argv) try {
  using namespace swell;
  if (argc != 2) {
    fmt::print(stderr, "usage: neural_genetic DESIGN\n");
    return 2;
  }
  neural::NeuralDesign design = neural::neural_design(read_design(argv[1]));
  const DataSet examples = neural::cosine_task(21, design);
  const AdjointMachine simulation(design, find_protocol(design, "answer"), design.neural.output);
  neural::TrainOptions options;
  options.method = neural::Method::genetic;
  options.batch = 0;
  options.noise_samples = 16;
  options.evolution.generations = 30;
  options.device = [&](std::span<const float> parameters, const AdjointMachine::Batch& batch) {
    std::vector<float> faulty(parameters.begin(), parameters.end());
    faulty[0] = -faulty[0];  // the coupling of the input to the first hidden unit
    return simulation.answer(faulty, batch, hardware_threads());
  };
  options.progress = [](const swell::Progress& at) {
    fmt::print("generation {} of {}: loss {:.4f}\n", at.done, at.total, at.figure);
    return true;
  };
  const neural::TrainReport report = neural::train(design, examples, options);
  fmt::print("{} trajectories, {:.1f} s\n", report.evaluations, report.wall_s);
  return 0;
} catch (const swell::Error& error) {
  fmt::print(stderr, "neural_genetic: {}\n", error.what());
  return error.exit_code();
}
