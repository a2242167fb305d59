#pragma once

#include "swell/engine/run.h"
#include "swell/learn/learned_protocol.h"
#include "swell/learn/training.h"

namespace swell {

// The published training (S. Whitelam, Phys. Rev. Lett. 136, 037101 (2026)): gradient ascent of ln P~, the probability
// of the reversed noising trajectory, one trajectory per update, images in turn:
//   theta += rate * d ln P~ / d theta,  summed over the trajectory's learned steps; published rate dt / tf.
struct GradientOptions {
  RunOptions run;  // of the noising trajectories: integrator, dt, noise, threads; how many and which is the training's
  int updates = 100;
  double rate = 0;  // 0: one over the number of learned steps (dt / tf)
  AfterUpdate after_update;
};

// Learns the couplings and biases of `set`, in place, from the values that it has; where `state` is of a training that
// was stopped, from there. patterns: one row per image. The loss of an update is -ln P~ per learned step and unit
// before it, whose floor is 1/2. Returns false where after_update stopped it: what was learned so far is in `set` and
// `state`. Throws InputError where the noising protocol couples or clamps units or the state is of another machine,
// Diverged where the update makes parameters non-finite; `set` is then as it was.
bool train_by_gradient(const Computer& computer, const LearnedProtocol& noising, const Patterns& patterns,
                       const GradientOptions& options, CouplingSet& set, TrainingState& state);

}  // namespace swell
