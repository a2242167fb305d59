#pragma once

#include <functional>
#include <vector>

#include "swell/engine/run.h"

namespace swell {

// Bytes that a run takes of a source from outside (RunOptions::noise.entropy), where every draw comes from it: 4 for
// each unit, step and trajectory, units rounded up to fours; one step more where noise is averaged over two. With keys,
// 8 for each 2^steps_per_key_log2 steps.
double bytes_of_draws(const System& system, const Protocol& protocol, const RunOptions& options);

// The part of a source that one run has, laid out as a tape.
class RunDraws {
 public:
  // Throws InputError where the source is known to hold less than the run takes.
  RunDraws(const System& system, const Protocol& protocol, const RunOptions& options);

  const Tape& tape() const { return tape_; }
  // Waits for the keys, or, with `all`, for every draw of the run; asks now and then whether to go on. Throws
  // Interrupted where the answer is no, or the source ends before.
  void wait(bool all, const std::function<bool()>& go_on);

 private:
  Entropy& source_;
  uint64_t place_ = 0, count_ = 0;  // bytes of the source
  std::vector<uint64_t> keys_;
  Tape tape_;
};

// Waits for the draws of `count` trajectories from number `first` of the run on. False where they will not come, or
// go_on said no.
bool wait_for_draws(const NoiseKey& noise, int64_t first, int64_t count, const std::function<bool()>& go_on);

}  // namespace swell
