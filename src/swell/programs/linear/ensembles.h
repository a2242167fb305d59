#pragma once

#include <functional>
#include <span>
#include <vector>

#include "swell/base/ranks.h"
#include "swell/engine/run.h"
#include "swell/programs/linear/readout.h"

namespace swell::linear {

// The replicas of a sampling, from z = 0. They advance by runs of the engine, each of which goes on where the last one
// ended.
class Ensembles {
 public:
  // `halted` is asked often, by any thread: whether to stop. Refers to task and options.
  Ensembles(const SamplingTask& task, const SamplingOptions& options, std::function<bool()> halted);
  Ensembles(const Ensembles&) = delete;

  // Of steps from now on; of exact steps it can be doubled. A lag may have steps of its own.
  void set_step(double length);
  void double_step();
  void set_lag_step(double length);
  double step() const { return transitions_[0].h; }
  const Transition& transition() const { return transitions_[0]; }  // of the first machine

  // So many steps. False where they were stopped.
  bool walk(int64_t steps);
  // So many samples: after `gap` steps each replica is read by its group, and after `lag` more steps once again.
  bool sample(int64_t times, int64_t gap, int64_t lag, std::vector<Readings>& groups);

  int64_t steps() const { return steps_; }                  // of each replica
  int64_t multiply_adds() const { return multiply_adds_; }  // here
  int64_t draws() const { return draws_; }
  std::vector<double> states() const;  // [replicas][size]; of all ranks, which call this together

  // The groups of this rank.
  const Portion& groups() const { return groups_; }

 private:
  // The replicas here of one machine: those of all groups, or of one where each group has couplings of its own.
  struct Ensemble {
    System system;
    int64_t first = 0, count = 0;  // groups
    std::vector<double> states;    // [replicas][size]
  };

  // Whether this rank has replicas of the machine.
  bool has(size_t machine) const;
  void hand_out();
  RunOptions run_options(const Ensemble& ensemble) const;
  bool advance(int64_t steps, std::span<const Turn> turns, const Snapshots& shots, std::vector<Readings>* groups);
  bool walk_in_turn(int64_t steps, double length);
  void read(const Ensemble& ensemble, const StatesAt& states, std::vector<Readings>& groups) const;
  void read_all(bool later, std::vector<Readings>& groups) const;
  // Of a lag, which may be that of all others.
  double lag_step() const { return lag_.size() > 0 ? lag_.h : step(); }

  const SamplingTask& task_;
  const SamplingOptions& options_;
  const std::function<bool()> halted_;
  const int64_t each_;  // replicas of a group
  const Portion groups_;
  std::vector<Transition> transitions_;  // [machines]
  Transition lag_;                       // of the one machine; empty where lags have the same steps
  std::vector<PreparedTransitions> prepared_;
  std::vector<Ensemble> ensembles_;
  int64_t steps_ = 0, multiply_adds_ = 0, draws_ = 0;
};

}  // namespace swell::linear
