#pragma once

#include <functional>
#include <string>
#include <vector>

#include "swell/learn/moments.h"
#include "swell/learn/trained.h"

namespace swell::generate {

enum class Method { exact, gradient };

struct TrainOptions {
  Method method = Method::exact;
  uint64_t seed = 1;
  int threads = 1;
  double tolerance = 1e-6;  // exact: relative residual to stop at
  int updates = 100;        // gradient
  double rate = 0;          // gradient: 0 for dt/tf
  // What is going on, how far it is (done of total), and a figure that it watches; false stops.
  std::function<bool(const std::string& stage, double done, double total, double figure)> progress;
};

struct TrainReport {
  std::vector<double> curve;  // exact: relative residual per iteration; gradient: loss per step and unit, per update
  bool converged = true;      // exact: the residual reached the tolerance
  bool interrupted = false;   // stopped early, the parameters are those learned so far
  MomentReport accuracy;      // exact
  double solve_s = 0;         // exact
  double wall_s = 0;
};

// Learns the couplings that make the reverse of the design's protocol "noising" as likely as possible, for these
// images. The design needs the protocols "noising" and "generation" and exactly one coupling set.
Trained train(const Design& design, const DataSet& images, const TrainOptions& options, TrainReport& report);

}  // namespace swell::generate
