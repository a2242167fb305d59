#pragma once

#include <functional>
#include <vector>

#include "swell/engine/run.h"
#include "swell/learn/learned_protocol.h"

namespace swell {

// The published training (S. Whitelam, Phys. Rev. Lett. 136, 037101 (2026)): gradient ascent of ln P~, the probability
// of the reversed noising trajectory, one trajectory per update, images in turn:
//   theta += rate * d ln P~ / d theta,  summed over the trajectory's learned steps; published rate dt / tf.
struct GradientOptions {
  Integrator integrator = Integrator::euler_maruyama;
  double dt = 1e-3;
  NoiseKey noise;
  int updates = 100;
  double rate = 0;  // 0: one over the number of learned steps (dt / tf)
  int threads = 1;
  // Updates done and the loss of the last; false stops: what was learned so far is kept.
  std::function<bool(int update, double loss)> progress;
};

struct GradientResult {
  std::vector<double> loss;  // [updates] -ln P~ per learned step and unit, before the update; its floor is 1/2
  bool interrupted = false;
};

// Learns the couplings and biases of `set` (in place, from the values that it has). patterns: one row per image.
// Throws InputError where the noising protocol couples or clamps units, Diverged where the update makes them
// non-finite.
GradientResult train_by_gradient(const Computer& computer, const LearnedProtocol& noising, const Patterns& patterns,
                                 const GradientOptions& options, CouplingSet& set);

}  // namespace swell
