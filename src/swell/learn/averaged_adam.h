#pragma once

#include <cstdint>

#include "swell/learn/training.h"

namespace swell {

// What trainings of many images do with a derivative: Adam (D. Kingma, J. Ba, arXiv:1412.6980), a warm-up of 200
// updates at most and a fall of the rate along a cosine, and a running average of the parameters, which is what is
// used. `memory` of the state has the running means of the derivative and of its square, and that average.

// The share of the full rate at an update out of so many.
double share_of_rate(int64_t update, int64_t updates);

// Room for it in a state whose parameters are there; a new state gets its own.
void prepare_adam(TrainingState& state);

// One update of a state, part by part, by any number of threads at once.
class AdamStep {
 public:
  explicit AdamStep(TrainingState& state);
  // Parameters [from, from + count) by their derivative.
  void operator()(int64_t from, int64_t count, const float* derivative, double rate) const;

 private:
  TrainingState& state_;
  float unbias_mean_, unbias_square_, follow_;
};

}  // namespace swell
