#pragma once

#include <vector>

#include "swell/learn/device_training.h"
#include "swell/learn/moments.h"
#include "swell/learn/stage_gate.h"
#include "swell/learn/stage_training.h"
#include "swell/learn/trained.h"
#include "swell/learn/training.h"

namespace swell::generate {

enum class Method {
  exact,     // least squares from Fokker-Planck moments
  gradient,  // the published update
  score,     // denoising score matching, of machines of stages
};

// The limits and the checkpoint of TrainingControl are of training update by update; the exact one takes seconds.
struct TrainOptions : TrainingControl {
  Method method = Method::exact;
  Seed seed = 1;
  int threads = 1;
  Ranks* ranks = nullptr;      // exact: that share the sums over images; null for this process alone
  double tolerance = 1e-6;     // exact: relative residual to stop at
  CouplingFactor factor;       // exact: what chips make of couplings, to train for all of them
  int64_t updates = 0;         // gradient, score; 0 for 100, 20000
  double rate = 0;             // gradient: 0 for dt/tf; score: 0 for 3e-3
  int64_t rows = 32;           // score: examples of each stage in an update
  bool bf16 = false;           // score: products of numbers rounded to bf16
  int64_t gate_examples = 64;  // score: of each stage, on which the noisy machine is checked
};

struct TrainReport {
  std::vector<double> curve;  // exact: relative residual per iteration; gradient: loss per step and unit, per update
  bool converged = true;      // exact: the residual reached the tolerance
  bool interrupted = false;   // stopped early, the parameters are those learned so far
  MomentReport accuracy;      // exact
  double solve_s = 0;         // exact
  double wall_s = 0;          // with that of the parts before a resume
  TrainingState state;        // gradient, score: from which it goes on
  StageLosses losses;         // score: of each stage, on images that were not learned from
  StageGate gate;             // score: whether the noisy machine agrees; empty where training was interrupted
};

// Learns the couplings that make the reverse of the design's protocol "noising" as likely as possible, for these
// images. The design needs the protocols "noising" and "generation" and exactly one coupling set; or it is a machine of
// stages, whose forces take a noising process back.
Trained train(const Design& design, const DataSet& images, const TrainOptions& options, TrainReport& report);

}  // namespace swell::generate
