#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/learn/training.h"

namespace swell {

struct DescentOptions {
  int64_t updates = 1000;
  double rate = 1e-3;     // of the first updates; it falls to zero along a quarter of a cosine
  double warm_up = 0.02;  // share of the updates in which the rate rises from zero
  AfterUpdate after_update;
};

// Sets the derivative of the mean loss by each parameter, returns the loss; `evaluations` is the trajectories it took.
using Objective = std::function<double(int64_t update, std::span<const float> parameters, std::vector<float>& gradient,
                                       int64_t& evaluations)>;

// Adam (D. Kingma, J. Ba, arXiv 1412.6980) with decays 0.9 and 0.999. Throws InputError where the loss is
// not finite. Returns false where after_update stopped it.
bool descend(const Objective& objective, const DescentOptions& options, TrainingState& state);

}  // namespace swell
