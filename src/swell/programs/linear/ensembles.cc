#include "swell/programs/linear/ensembles.h"

#include <algorithm>
#include <atomic>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/timeline.h"
#include "swell/random/streams.h"

namespace swell::linear {

namespace {

constexpr int64_t kMostSteps = 1 << 16;  // of one run, whose schedule has a place for each

}  // namespace

Ensembles::Ensembles(const SamplingTask& task, const SamplingOptions& options, std::function<bool()> halted)
    : task_(task),
      options_(options),
      halted_(std::move(halted)),
      each_(options.replicas / kGroups),
      groups_(options.ranks ? portion(kGroups, 1, options.ranks->rank(), options.ranks->size()) : Portion{0, kGroups}) {
  const auto machines = static_cast<int64_t>(task.machines.size());
  prepared_.resize(machines);
  transitions_.resize(machines);
  for (int64_t k = 0; k < machines; ++k) {
    if (!has(k)) continue;
    const Portion part = machines == 1 ? groups_ : Portion{k, 1};
    ensembles_.push_back({System(task.machines[k], &prepared_[k]), part.first, part.count,
                          std::vector<double>(part.count * each_ * task.machines[k].size(), 0.0)});
  }
}

bool Ensembles::has(size_t machine) const {
  if (task_.machines.size() == 1) return groups_.count > 0;
  const auto group = static_cast<int64_t>(machine);
  return group >= groups_.first && group < groups_.first + groups_.count;
}

// The first machine's are looked at everywhere.
void Ensembles::set_step(double length) {
  for (size_t k = 0; k < transitions_.size(); ++k) {
    if (k == 0 || has(k)) transitions_[k] = make_transition(task_.machines[k], task_.how, length, options_.threads);
  }
  hand_out();
}

void Ensembles::double_step() {
  for (size_t k = 0; k < transitions_.size(); ++k) {
    if (k == 0 || has(k)) transitions_[k] = doubled(transitions_[k], options_.threads);
  }
  hand_out();
}

void Ensembles::set_lag_step(double length) {
  lag_ = make_transition(task_.machines[0], task_.how, length, options_.threads);
  hand_out();
}

// To the runs, so that none makes them again.
void Ensembles::hand_out() {
  for (size_t k = 0; k < transitions_.size(); ++k) {
    prepared_[k].how = task_.how;
    prepared_[k].steps = {&transitions_[k]};
    if (lag_.size() > 0) prepared_[k].steps.push_back(&lag_);
  }
}

RunOptions Ensembles::run_options(const Ensemble& ensemble) const {
  const int threads = task_.machines.size() > 1 ? 1 : options_.threads;
  RunOptions how;
  how.integrator = task_.how;
  how.noise = {options_.seed, stream::kLinear};
  how.trajectories = ensemble.count * each_;
  how.first_trajectory = ensemble.first * each_;
  how.threads = threads;
  // A tile for each thread: the taller the product, the more trajectories F serves each time that it is read.
  how.tile = static_cast<int>((ensemble.count + threads - 1) / threads * each_);
  how.start = ensemble.states;
  how.first_step = steps_;
  how.books = false;
  how.one_of_many = true;
  how.progress = [this](const Progress&) { return !halted_(); };
  return how;
}

// Where it is stopped, the replicas stand where they stood; what was read then does not count.
bool Ensembles::advance(int64_t steps, std::span<const Turn> turns, const Snapshots& shots,
                        std::vector<Readings>* groups) {
  Segment segment;
  segment.name = "equilibrium";
  segment.couplings = 0;
  segment.clamped = {0};
  std::atomic<bool> whole{true};
  std::atomic<int64_t> multiply_adds{0}, draws{0};
  std::vector<std::vector<double>> ends(ensembles_.size());
  const auto work = [&] {
    parallel_for(static_cast<int64_t>(ensembles_.size()), options_.threads, [&](int64_t k) {
      const Ensemble& ensemble = ensembles_[k];
      RunOptions how = run_options(ensemble);
      how.turns.assign(turns.begin(), turns.end());
      how.snapshots = shots;
      how.snapshots.units = ensemble.system.units();
      how.snapshots.trajectories = how.trajectories;
      if (groups) how.snapshots.take = [&](const StatesAt& states) { read(ensemble, states, *groups); };
      Protocol protocol{"sampling", {segment}};
      protocol.segments[0].duration = static_cast<double>(steps) * step_length(ensemble.system, how);
      try {
        Run run = swell::run(ensemble.system, protocol, how);
        ends[k] = std::move(run.states);
        multiply_adds += run.multiply_adds;
        draws += run.draws;
      } catch (const Interrupted&) {
        whole = false;
      }
    });
    if (!whole) throw Interrupted("the replicas were stopped");
  };
  try {
    options_.ranks ? do_together(*options_.ranks, work) : work();
  } catch (const Interrupted&) {
    return false;
  }
  for (size_t k = 0; k < ends.size(); ++k) ensembles_[k].states = std::move(ends[k]);
  steps_ += steps;
  multiply_adds_ += multiply_adds;
  draws_ += draws;
  return true;
}

bool Ensembles::walk_in_turn(int64_t steps, double length) {
  for (int64_t left = steps; left > 0; left -= kMostSteps) {
    const Turn turn{length, std::min(left, kMostSteps)};
    if (!advance(turn.steps, {&turn, 1}, {}, nullptr)) return false;
  }
  return true;
}

bool Ensembles::walk(int64_t steps) { return walk_in_turn(steps, step()); }

bool Ensembles::sample(int64_t times, int64_t gap, int64_t lag, std::vector<Readings>& groups) {
  Snapshots shots;
  shots.every = gap + lag;
  shots.from_step = gap;
  shots.lag = lag;
  std::vector<Turn> turns{{step(), gap}};
  if (lag > 0) turns.push_back({lag_step(), lag});
  const int64_t at_once = kMostSteps / shots.every;
  for (int64_t left = times; left > 0;) {
    if (at_once == 0) {
      if (!walk(gap)) return false;
      read_all(false, groups);
      if (lag > 0 && !walk_in_turn(lag, lag_step())) return false;
      if (lag > 0) read_all(true, groups);
      --left;
    } else {
      const int64_t now = std::min(left, at_once);
      if (!advance(now * shots.every, turns, shots, &groups)) return false;
      left -= now;
    }
  }
  return true;
}

// Tiles of runs hold whole groups.
void Ensembles::read(const Ensemble& ensemble, const StatesAt& states, std::vector<Readings>& groups) const {
  const int64_t m = ensemble.system.units();
  for (int64_t k = 0; k < states.count / each_; ++k) {
    Readings& group = groups[ensemble.first + states.first / each_ + k];
    const double* x = states.x.data() + k * each_ * m;
    states.later ? group.read_later(x) : group.read(x);
  }
}

void Ensembles::read_all(bool later, std::vector<Readings>& groups) const {
  for (const Ensemble& ensemble : ensembles_)
    read(ensemble, {steps_, 0, ensemble.count * each_, ensemble.states, later}, groups);
}

std::vector<double> Ensembles::states() const {
  std::vector<double> all;
  for (const Ensemble& ensemble : ensembles_) all.insert(all.end(), ensemble.states.begin(), ensemble.states.end());
  return options_.ranks ? gather_all<double>(*options_.ranks, all) : all;
}

}  // namespace swell::linear
