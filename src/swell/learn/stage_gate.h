#pragma once

#include <cstdint>
#include <vector>

#include "swell/engine/run.h"
#include "swell/learn/stage_training.h"

namespace swell {

// Whether a machine of stages does what it was trained to do. Training takes hidden units for their mean responses, by
// quadrature; here they are simulated, noise and all, with the visible units clamped at noisy images that were not
// learned from, and the force that they exert on average is held against the wanted one.
struct GateOptions : RunSettings {  // progress: stages; where it stops the work, Interrupted is thrown
  int64_t examples = 64;            // of each stage
  double settle = 0.4;              // time before averages are taken, units of 1/mu
  double average = 1.2;             // time over which they are
  Seed seed = 1;
};

struct StageGate {
  // [stages] the loss of the simulated force and of the force by quadrature, on the same examples. Two runs of each
  // example make the first free of the noise of its averages: the product of their errors is taken in place of a
  // square.
  std::vector<double> simulated, trained;
  std::vector<double> ratio, error;  // simulated / trained, and its standard error
  double worst() const;              // the ratio farthest above 1
};

constexpr double kGateTolerance = 0.1;  // simulated losses are at most so much above the trained ones

StageGate check_stages(const Design& design, const StageTrainer& trainer, const GateOptions& options);

}  // namespace swell
