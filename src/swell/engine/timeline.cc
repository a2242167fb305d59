#include "swell/engine/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/npy_stream.h"

namespace swell {

namespace {

// Steps of one round of turns.
int64_t steps_of_round(const RunOptions& options) {
  int64_t steps = 0;
  for (const Turn& turn : options.turns) steps += turn.steps;
  return steps;
}

}  // namespace

bool keeps_books(const System& system) {
  if (const Computer* const computer = system.computer())
    return has_potential(*computer) && computer->warmth.empty() && !computer->memory.remembers();
  return std::ranges::none_of(system.models(), [](const IsingModel& model) { return model.directed; });
}

double step_length(const System& system, const RunOptions& options) {
  if (options.turns.empty()) return system.kind() == System::Kind::pbits ? 1 : options.dt;
  double time = 0;
  for (const Turn& turn : options.turns) time += turn.dt * static_cast<double>(turn.steps);
  return time / static_cast<double>(steps_of_round(options));
}

double time_after(const System& system, const RunOptions& options, int64_t steps) {
  if (options.turns.empty()) return static_cast<double>(steps) * step_length(system, options);
  const int64_t round = steps_of_round(options);
  double time = static_cast<double>(steps / round) * static_cast<double>(round) * step_length(system, options);
  int64_t left = steps % round;
  for (const Turn& turn : options.turns) {
    const int64_t taken = std::min(left, turn.steps);
    time += turn.dt * static_cast<double>(taken);
    left -= taken;
  }
  return time;
}

std::vector<SegmentTimeline> lay_out(const System& system, const Protocol& protocol, double dt) {
  std::vector<SegmentTimeline> timelines;
  int64_t first = 0;
  const size_t groups = system.groups().size();
  const double drift = system.computer() ? system.computer()->memory.kT_drift : 0;
  const auto steps = static_cast<double>(drift != 0 ? count_steps(protocol, dt) : 1);
  for (const Segment& segment : protocol.segments) {
    SegmentTimeline timeline;
    timeline.first_step = first;
    timeline.steps = count_steps(segment, dt);
    timeline.couplings = segment.couplings;
    if (system.computer() && segment.couplings != kNoCouplings)
      timeline.set = &system.computer()->sets[segment.couplings];
    timeline.clamped = segment.clamped;
    timeline.clamped.resize(groups, 0);
    timeline.drive.resize(timeline.steps * groups);
    timeline.kT.resize(timeline.steps);
    const Schedule kT = temperature(segment, system);
    for (int64_t k = 0; k < timeline.steps; ++k) {
      const double fraction = static_cast<double>(k) / static_cast<double>(timeline.steps);
      timeline.kT[k] = kT(fraction);
      if (drift != 0) timeline.kT[k] *= 1 + drift * static_cast<double>(first + k) / steps;
      for (size_t g = 0; g < segment.drive.size(); ++g) {
        timeline.drive[k * groups + g] = segment.drive[g](fraction);
        timeline.driven = timeline.driven || timeline.drive[k * groups + g] != 0;
      }
    }
    first += timeline.steps;
    timelines.push_back(std::move(timeline));
  }
  return timelines;
}

int64_t snapshot_number(const Snapshots& snapshots, int64_t step) {
  if (snapshots.every == 0 || step < snapshots.from_step || (step - snapshots.from_step) % snapshots.every != 0)
    return -1;
  return (step - snapshots.from_step) / snapshots.every;
}

bool is_later_snapshot(const Snapshots& snapshots, int64_t step) {
  return snapshots.lag > 0 && snapshot_number(snapshots, step - snapshots.lag) >= 0;
}

int64_t next_snapshot(const Snapshots& snapshots, int64_t step) {
  if (snapshots.every == 0) return INT64_MAX;
  const auto next = [&](int64_t now) {
    if (now < snapshots.from_step) return snapshots.from_step;
    return snapshots.from_step + ((now - snapshots.from_step) / snapshots.every + 1) * snapshots.every;
  };
  if (snapshots.lag == 0) return next(step);
  return std::min(next(step), next(step - snapshots.lag) + snapshots.lag);
}

bool is_observed(const Observables& observables, int64_t step) {
  return observables.every > 0 && step > observables.from_step &&
         (step - observables.from_step) % observables.every == 0;
}

int64_t next_observation(const Observables& observables, int64_t step) {
  if (observables.every == 0) return INT64_MAX;
  const int64_t past = std::max<int64_t>(0, step - observables.from_step);
  return observables.from_step + (past / observables.every + 1) * observables.every;
}

std::vector<int64_t> course_steps(const std::vector<int64_t>& segment_steps, int64_t every) {
  std::vector<int64_t> steps;
  if (every == 0) return steps;
  int64_t first = 0;
  for (const int64_t length : segment_steps) {
    // Multiples of `every` from the start of the run on, and where the segment ends.
    for (int64_t step = (first + every - 1) / every * every; step < first + length; step += every) {
      if (steps.empty() || step > steps.back()) steps.push_back(step);
    }
    first += length;
    steps.push_back(first);
  }
  return steps;
}

int64_t next_point(const std::vector<int64_t>& course_steps, int64_t step) {
  const auto found = std::upper_bound(course_steps.begin(), course_steps.end(), step);
  return found == course_steps.end() ? INT64_MAX : *found;
}

int64_t point_at(const std::vector<int64_t>& course_steps, int64_t step) {
  const auto found = std::lower_bound(course_steps.begin(), course_steps.end(), step);
  return found != course_steps.end() && *found == step ? found - course_steps.begin() : -1;
}

ObservedSums observed_sums(const System& system, const Observables& observables, int64_t points) {
  ObservedSums sums{static_cast<int64_t>(system.groups().size()), observables.every > 0 ? observables.units : 0};
  sums.points = points;
  sums.by_group = observables.by_group;
  return sums;
}

int64_t count_snapshots(const Snapshots& snapshots, int64_t steps) {
  if (snapshots.every == 0 || snapshots.from_step > steps) return 0;
  return (steps - snapshots.from_step) / snapshots.every + 1;
}

Run make_run(const System& system, const std::vector<SegmentTimeline>& timelines, const RunOptions& options) {
  Run result;
  result.trajectories = options.trajectories;
  result.units = system.units();
  result.segments = static_cast<int64_t>(timelines.size());
  result.steps = timelines.back().first_step + timelines.back().steps;
  if (system.kind() == System::Kind::pbits) {
    result.spins.resize(result.trajectories * result.units);
    result.flips.resize(result.trajectories);
  } else {
    result.states.resize(result.trajectories * result.units);
  }
  result.books.resize(result.trajectories * result.segments);
  result.start_energy.resize(result.trajectories);
  result.end_energy.resize(result.trajectories);
  const Snapshots& shots = options.snapshots;
  if (shots.every > 0) {
    for (int64_t step = shots.from_step; step <= result.steps; step += shots.every) {
      result.snapshot_times.push_back(time_after(system, options, step));
    }
    result.filmed = shots.trajectories;
    if (!shots.file && !shots.take)
      result.snapshots.resize(result.snapshot_times.size() * shots.trajectories * shots.units);
  }
  const Observables& seen = options.observables;
  if (seen.every > 0) {
    result.observations = std::max<int64_t>(0, result.steps - seen.from_step) / seen.every;
  }
  std::vector<int64_t> lengths;
  for (const SegmentTimeline& timeline : timelines) lengths.push_back(timeline.steps);
  result.course_steps = course_steps(lengths, seen.course_every);
  if (seen.every > 0 || seen.course_every > 0) {
    result.sums = observed_sums(system, seen, static_cast<int64_t>(result.course_steps.size()));
    result.observed.resize(result.trajectories * result.sums.size());
  }
  return result;
}

namespace {

void require(bool good, std::string_view what) {
  if (!good) throw InputError(std::string(what));
}

void check_turns(const System& system, const Protocol& protocol, const RunOptions& options) {
  if (options.turns.empty()) return;
  require(system.kind() == System::Kind::linear,
          "steps of several lengths take turns in linear systems only; other machines take steps of one length");
  for (const Turn& turn : options.turns) {
    require(turn.dt > 0 && std::isfinite(turn.dt) && turn.steps >= 1,
            fmt::format("a turn of {} steps of dt = {} is not allowed; at least one step of a positive length is",
                        turn.steps, turn.dt));
  }
  const int64_t round = steps_of_round(options);
  for (const Segment& segment : protocol.segments) {
    const int64_t steps = count_steps(segment, step_length(system, options));
    require(steps % round == 0,
            fmt::format("segment '{}' has {} steps; whole rounds of {} steps are needed, which take "
                        "turns",
                        segment.name, steps, round));
  }
}

}  // namespace

void check_options(const System& system, const Protocol& protocol, const RunOptions& options) {
  validate(protocol, system, "run");
  const int64_t n = system.units();
  require(options.dt > 0 && std::isfinite(options.dt),
          fmt::format("dt = {} is not allowed; a positive number of 1/mu is", options.dt));
  check_turns(system, protocol, options);
  require(
      options.trajectories >= 1 && options.first_trajectory >= 0 &&
          static_cast<uint64_t>(options.first_trajectory) + static_cast<uint64_t>(options.trajectories) < kMaxDrawIndex,
      fmt::format("{} trajectories from number {} are not allowed; at least 1 and numbers below 2^48 are",
                  options.trajectories, options.first_trajectory));
  require(options.threads >= 1 && options.threads <= 4096,
          fmt::format("{} threads are not allowed; 1 to 4096 are", options.threads));
  require(options.start.empty() || static_cast<int64_t>(options.start.size()) == options.trajectories * n,
          fmt::format("the start has {} values; {} trajectories of {} units need {}", options.start.size(),
                      options.trajectories, n, options.trajectories * n));
  require(options.start_spins.empty() || (system.kind() == System::Kind::pbits && options.start.empty() &&
                                          static_cast<int64_t>(options.start_spins.size()) == options.trajectories * n),
          fmt::format("the start has {} spins; p-bits take {} of them, for {} trajectories of {} units, and no other "
                      "start beside them",
                      options.start_spins.size(), options.trajectories * n, options.trajectories, n));
  require(options.first_step == 0 || !system.computer() || system.computer()->memory.kT_drift == 0,
          "a chip whose kT drifts over a run cannot go on from an earlier one");
  require(options.first_step >= 0, fmt::format("the first step {} is not allowed; 0 or more is", options.first_step));
  require(!options.came_from || !options.start.empty() || !options.start_spins.empty(),
          "a run that goes on from an earlier one starts from the states that it left; none are given");
  if (options.came_from) validate({"earlier run", {*options.came_from}}, system, "run");
  require(options.kT_of_trajectory.empty() ||
              (system.kind() == System::Kind::pbits &&
               static_cast<int64_t>(options.kT_of_trajectory.size()) == options.trajectories),
          fmt::format("{} temperatures of trajectories are given; p-bits may have one for each of the {} trajectories, "
                      "other machines none",
                      options.kT_of_trajectory.size(), options.trajectories));
  require(options.integrator != Integrator::exact || system.kind() == System::Kind::linear,
          "exact steps are of linear systems only; Langevin units take euler-maruyama or leimkuhler-matthews");
  require(options.engine != EngineKind::reference || options.precision == Precision::f32,
          "the reference engine has double precision only; f32, bf16x3 and bf16 are of the cpu engine");
  require(options.engine != EngineKind::cpu || options.precision != Precision::tf32,
          "tf32 is of the cuda engine; the cpu engine multiplies in f32, bf16x3 and bf16");
  const Patterns* patterns = options.patterns;
  require(options.kept == Kept::nothing || options.checkpoint.path.empty(),
          "a run with a checkpoint keeps in it what was done; what an interrupted run returns is for those without");
  for (size_t g = 0; options.came_from && g < options.came_from->drive.size(); ++g) {
    require(options.came_from->drive[g].is_zero() || (patterns && patterns->rows > 0),
            fmt::format("the earlier run drove the group '{}' in its last segment, and this run has no patterns to say "
                        "with what; give those of the earlier run",
                        system.groups()[g].name));
  }
  for (const Segment& segment : protocol.segments) {
    for (size_t g = 0; g < segment.drive.size(); ++g) {
      require(segment.drive[g].is_zero() || (patterns && patterns->rows > 0),
              fmt::format("segment '{}' of protocol '{}' drives the group '{}', and there are no patterns to drive it "
                          "by: nothing would move; give RunOptions::patterns with a row of {} values at least",
                          segment.name, protocol.name, system.groups()[g].name, n));
    }
  }
  require(
      !patterns || patterns->rows == 0 || static_cast<int64_t>(patterns->values.size()) == patterns->rows * n,
      fmt::format("the patterns have {} values; {} rows of {} units need {}", patterns ? patterns->values.size() : 0,
                  patterns ? patterns->rows : 0, n, (patterns ? patterns->rows : 0) * n));
  require(!options.observables.by_group || options.observables.course_every > 0,
          "books of each group are kept at the points of the course; this run has none");
  const Snapshots& shots = options.snapshots;
  require(
      shots.every >= 0 && shots.from_step >= 0 &&
          (shots.every == 0 || (shots.first_unit >= 0 && shots.units >= 1 && shots.first_unit + shots.units <= n &&
                                shots.trajectories >= 1 && shots.trajectories <= options.trajectories)),
      fmt::format("snapshots of {} units from {} of {} trajectories do not fit a run of {} trajectories of {} units",
                  shots.units, shots.first_unit, shots.trajectories, options.trajectories, n));
  require(!shots.take || (system.kind() != System::Kind::langevin && !shots.file && shots.units == n),
          "snapshots are handed over of p-bits and linear systems only, all units of them, and then go to no file");
  require(shots.lag == 0 || (shots.take && shots.lag > 0 && shots.lag < shots.every),
          fmt::format("a second snapshot {} steps after each is not allowed; it is for snapshots that are handed over, "
                      "1 to {} steps later",
                      shots.lag, shots.every - 1));
  if (shots.every > 0 && shots.file && !options.share) {
    const int64_t wanted =
        count_snapshots(shots, count_steps(protocol, step_length(system, options))) * shots.trajectories * shots.units;
    require(shots.file->size() == wanted,
            fmt::format("the file for snapshots has room for {} numbers; {} are needed", shots.file->size(), wanted));
  }
  const Observables& observables = options.observables;
  require(observables.every >= 0 && observables.course_every >= 0 && observables.from_step >= 0 &&
              observables.first_unit >= 0 && observables.units >= 0 && observables.first_unit + observables.units <= n,
          fmt::format("observables every {} steps from {} of {} units from {} do not fit a run of {} units",
                      observables.every, observables.from_step, observables.units, observables.first_unit, n));
  require((observables.every == 0 && observables.course_every == 0) || system.groups().size() <= kMaxObservedGroups,
          fmt::format("the machine has {} groups; observables are of at most {}", system.groups().size(),
                      kMaxObservedGroups));
  if (options.checkpoint.path.empty()) return;
  require(shots.every == 0 || shots.file, "a run with a checkpoint needs a file for its snapshots");
  require(options.checkpoint.every_s >= 0,
          fmt::format("a checkpoint every {} s is not allowed; 0 or more seconds are", options.checkpoint.every_s));
}

}  // namespace swell
