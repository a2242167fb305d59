#pragma once

#include <vector>

#include "swell/learn/moments.h"
#include "swell/learn/trained.h"
#include "swell/learn/training.h"

namespace swell::generate {

enum class Method { exact, gradient };

// The limits and the checkpoint of TrainingControl are of the gradient training; the exact one takes seconds.
struct TrainOptions : TrainingControl {
  Method method = Method::exact;
  uint64_t seed = 1;
  int threads = 1;
  double tolerance = 1e-6;  // exact: relative residual to stop at
  int updates = 100;        // gradient
  double rate = 0;          // gradient: 0 for dt/tf
};

struct TrainReport {
  std::vector<double> curve;  // exact: relative residual per iteration; gradient: loss per step and unit, per update
  bool converged = true;      // exact: the residual reached the tolerance
  bool interrupted = false;   // stopped early, the parameters are those learned so far
  MomentReport accuracy;      // exact
  double solve_s = 0;         // exact
  double wall_s = 0;          // with that of the parts before a resume
  TrainingState state;        // gradient: from which it goes on
};

// Learns the couplings that make the reverse of the design's protocol "noising" as likely as possible, for these
// images. The design needs the protocols "noising" and "generation" and exactly one coupling set.
Trained train(const Design& design, const DataSet& images, const TrainOptions& options, TrainReport& report);

}  // namespace swell::generate
