#pragma once

#include <string>

#include "swell/cmd/command.h"
#include "swell/cmd/image_flags.h"
#include "swell/programs/neural/examples.h"

namespace swell::cmd {

// The parts of `swell neural`, one per file.
Command neuron_command();
Command neural_train_command();
Command neural_test_command();
Command neural_compare_command();

// Questions and answers, as train and test take them.
struct NeuralDataFlags {
  std::string data, task;
  int64_t points = 21;
  int64_t most = 0;
  ImageFlags images;
};
void add_neural_data_flags(CLI::App& app, NeuralDataFlags& flags);
// norm: of the training set where this is a test, else 0. Says what was done to images on reading.
DataSet load_examples(const NeuralDataFlags& flags, const neural::NeuralDesign& design, bool training, double norm,
                      const Common& common);

}  // namespace swell::cmd
