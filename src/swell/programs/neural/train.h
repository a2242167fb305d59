#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/learn/adjoint_machine.h"
#include "swell/learn/evolution.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/neural/examples.h"

namespace swell::neural {

// Three ways to the couplings of a machine that answers.
enum class Method {
  exact,     // classes: least squares along guide trajectories of a teacher (learn/guide.h); no machine is simulated
  gradient,  // through the simulated dynamics (learn/adjoint_machine.h); shapes hidden units by itself
  genetic,   // scores of perturbed machines alone (learn/evolution.h), which a device could give as well
};

struct TrainOptions : TrainingControl {  // its limits and its checkpoint: of gradient and genetic
  Method method = Method::gradient;
  uint64_t seed = 1;
  int threads = 1;
  // exact
  double tolerance = 1e-4;  // relative residual to stop at
  int max_iterations = 2000;
  int teacher_epochs = 10;
  // Of its parameters: units that stay where tanh is nearly linear are ones that a machine's linear forces can follow.
  double teacher_decay = 0.01;
  // gradient and genetic
  int64_t batch = 128;        // examples of an update, 0 for all
  int64_t noise_samples = 1;  // trajectories for each of them; functions take the error of their mean
  // What may change: couplings "GROUP-GROUP" and biases "GROUP"; empty for all.
  std::vector<std::string> only;
  // gradient
  int64_t updates = 10000;
  double rate = 3e-3;
  EvolutionOptions evolution;
  // Runs a machine on the questions of a batch: the simulation, unless there is a device. [rows][outputs].
  std::function<std::vector<float>(std::span<const float> parameters, const AdjointMachine::Batch& batch)> device;

  std::vector<float> start;  // parameters to begin with instead of random ones; empty for none
};

struct TrainReport {
  Method method = Method::gradient;
  std::vector<double> curve;  // exact: relative residual by iteration; others: loss by update
  bool interrupted = false;
  int64_t evaluations = 0;  // trajectories simulated
  double wall_s = 0;
  double teacher_accuracy = -1;  // of the digital teacher on the training set; -1 without one
  double teacher_wall_s = 0;
  int64_t teacher_multiply_adds = 0;
  double final_loss = 0;  // exact: mean square of the unexplained force, E0^2
  TrainingState state;
};

// Fills the coupling set of the design's protocol "answer". Throws InputError where the design or the examples do not
// fit the method.
TrainReport train(NeuralDesign& design, const DataSet& examples, const TrainOptions& options);

nlohmann::ordered_json to_json(const TrainReport& report);
const char* name_of(Method method);

// Classes: cross entropy with the design's logit_scale; values: square of the deviation of the mean over `samples` rows
// that answer one question, so that samples divides AdjointMachine::kTileRows. rows: which example each question is.
AdjointMachine::Loss make_loss(const NeuralDesign& design, const DataSet& examples, std::vector<int64_t> rows,
                               int64_t samples);

}  // namespace swell::neural
