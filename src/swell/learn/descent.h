#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace swell {

// A training that goes on: all that is needed to stop it and take it up again.
struct TrainingState {
  std::vector<float> parameters;
  // What the trainer remembers besides: descent, the running mean and square of the gradient; evolution, its best
  // machines.
  std::vector<std::vector<float>> memory;
  int64_t update = 0;        // taken so far
  std::vector<double> loss;  // [update]
  int64_t evaluations = 0;   // trajectories simulated
  double wall_s = 0;
};

// Asked after each update; false stops, and the state can be taken up again.
using TrainingProgress = std::function<bool(const TrainingState& state)>;

struct DescentOptions {
  int64_t updates = 1000;
  double rate = 1e-3;     // of the first updates; it falls to zero along a quarter of a cosine
  double warm_up = 0.02;  // share of the updates in which the rate rises from zero
  TrainingProgress progress;
};

// Sets the derivative of the mean loss by each parameter, returns the loss; `evaluations` is the trajectories it took.
using Objective = std::function<double(int64_t update, std::span<const float> parameters, std::vector<float>& gradient,
                                       int64_t& evaluations)>;

// Adam (D. Kingma, J. Ba, arXiv 1412.6980) with decays 0.9 and 0.999. Throws InputError where the loss is
// not finite. Returns false where progress stopped it.
bool descend(const Objective& objective, const DescentOptions& options, TrainingState& state);

}  // namespace swell
