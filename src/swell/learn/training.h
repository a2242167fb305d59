#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "swell/base/progress.h"

namespace swell {

// What trainings have in common, whatever they learn: a state from which they go on, and what ends them early.

// All that is needed to stop a training and take it up again.
struct TrainingState {
  std::vector<float> parameters;
  std::vector<double> exact;  // the parameters of a training in double precision, in place of `parameters`
  // What the trainer remembers besides: descent, the running mean and square of the gradient; evolution, its best
  // machines.
  std::vector<std::vector<float>> memory;
  int64_t update = 0;        // taken so far
  std::vector<double> loss;  // [update]
  int64_t evaluations = 0;   // trajectories simulated
  double wall_s = 0;
};

// Called after each update; false stops, and the state can be taken up again.
using AfterUpdate = std::function<bool(const TrainingState& state)>;

// What a user of a training may ask of it; options of every trainer that goes update by update.
struct TrainingControl {
  double budget_s = 0;         // stop after so many seconds of training, those before a resume included; 0 for never
  TrainingState resumed;       // a training to go on with; empty for a new one
  ProgressCallback progress;   // updates; the figure is the loss or the residual
  std::function<bool()> stop;  // asked within updates as well, by any thread; true ends training with the last update
  std::function<void(const TrainingState& state)> keep;  // called after each update, to write a checkpoint now and then
};

// Whether a training goes on: asked within updates and after each.
class TrainingCourse {
 public:
  // Both must outlive it.
  TrainingCourse(const TrainingControl& control, const TrainingState& state)
      : control_(control), earlier_s_(state.wall_s) {}

  bool out_of_time() const;
  // Within an update, which is then given up. The first one is never cut short by the time, so that there is an answer.
  std::function<bool()> halted(int64_t update) const;
  // After an update of a stage with so many of them in all: whether to go on, and what else there is to do, keep()
  // first.
  bool goes_on(const std::string& stage, int64_t total, const TrainingState& state) const;
  void keep(const TrainingState& state) const;
  AfterUpdate after_update(std::string stage, int64_t total) const;

 private:
  using Clock = std::chrono::steady_clock;
  const TrainingControl& control_;
  double earlier_s_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace swell
