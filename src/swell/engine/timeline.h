#pragma once

#include <algorithm>
#include <vector>

#include "swell/engine/run.h"

namespace swell {

// A protocol laid out on steps: the control is constant during a step and takes the schedule's value at the time
// when the step begins. Both engines read it, so that they agree on what each step does.
struct SegmentTimeline {
  int64_t first_step = 0;  // global number of its first step
  int64_t steps = 0;
  int couplings = kNoCouplings;
  const CouplingSet* set = nullptr;  // of a Computer
  std::vector<char> clamped;         // [groups]
  std::vector<double> drive;         // [steps][groups] amplitudes
  std::vector<double> kT;            // [steps]
  bool driven = false;               // any amplitude is not zero
};

// Whether Langevin units and p-bits have books: their forces have a potential, and their noise is white and of one kT.
bool keeps_books(const System& system);

// Time of a step: dt, or its mean where steps of several lengths take turns; one sweep of p-bits.
double step_length(const System& system, const RunOptions& options);
// Time after so many steps.
double time_after(const System& system, const RunOptions& options, int64_t steps);

std::vector<SegmentTimeline> lay_out(const System& system, const Protocol& protocol, double dt);

constexpr int kMaxObservedGroups = 64;

// An empty result of the right sizes for these options: books zero, snapshots allocated, their times filled.
Run make_run(const System& system, const std::vector<SegmentTimeline>& timelines, const RunOptions& options);

// The number of the snapshot that is due before this global step, or -1.
int64_t snapshot_number(const Snapshots& snapshots, int64_t step);
// Whether one is due so many steps after a snapshot (Snapshots::lag).
bool is_later_snapshot(const Snapshots& snapshots, int64_t step);
// The first step after this one before which a snapshot is due, or one that follows a snapshot.
int64_t next_snapshot(const Snapshots& snapshots, int64_t step);

// Whether observables are taken after so many steps, and the next one that is later.
bool is_observed(const Observables& observables, int64_t step);
int64_t next_observation(const Observables& observables, int64_t step);

// What is where in the sums of a trajectory; units only with observations.
ObservedSums observed_sums(const System& system, const Observables& observables, int64_t points);

// Steps taken before the points of a course: every so many, 0 and the ends of the segments. None for 0.
std::vector<int64_t> course_steps(const std::vector<int64_t>& segment_steps, int64_t every);
// The first of these that is later than this step; INT64_MAX after the last.
int64_t next_point(const std::vector<int64_t>& course_steps, int64_t step);
// The point after so many steps, or -1.
int64_t point_at(const std::vector<int64_t>& course_steps, int64_t step);

// Writes a point of the course into the sums of a trajectory; `books` are those of the whole run so far.
template <class State>
void record(std::span<const Group> groups, const ObservedSums& where, int64_t point, const SegmentBooks& books,
            double energy, State x, double* sums) {
  sums[where.work(point)] = books.work;
  sums[where.heat(point)] = books.heat;
  sums[where.entropy(point)] = books.entropy;
  sums[where.course_energy(point)] = energy;
  for (size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    double total = 0, squares = 0;
    for (int64_t i = group.first; i < group.first + group.size; ++i) {
      const auto value = static_cast<double>(x(i));
      total += value;
      squares += value * value;
    }
    const auto at = where.course_mean(point, static_cast<int64_t>(g));
    sums[at] = total / static_cast<double>(group.size);
    sums[at + 1] = squares / static_cast<double>(group.size);
  }
  if (where.by_group)
    std::copy_n(sums + where.group_heat(0), 2 * groups.size(), sums + where.course_group_heat(point, 0));
}

// Adds an observation to the sums of a trajectory; x(i) is the state of a unit.
template <class State>
void observe(std::span<const Group> groups, const Observables& observables, const ObservedSums& where, State x,
             double energy, double* sums) {
  sums[where.energy] += energy;
  sums[where.energy_square] += energy * energy;
  double* const mean = sums + where.group(0);
  double now[kMaxObservedGroups];
  for (size_t g = 0; g < groups.size(); ++g) {
    const Group& group = groups[g];
    double total = 0;
    for (int64_t i = group.first; i < group.first + group.size; ++i) total += static_cast<double>(x(i));
    now[g] = total / static_cast<double>(group.size);
    mean[g] += now[g];
    for (size_t h = 0; h <= g; ++h) sums[where.product(g, h)] += now[g] * now[h];
  }
  for (int64_t u = 0; u < where.units; ++u) {
    const auto value = static_cast<double>(x(observables.first_unit + u));
    sums[where.unit(u)] += value;
    sums[where.unit(u) + 1] += value * value;
  }
}

// Throws InputError where the options do not fit the machine.
void check_options(const System& system, const Protocol& protocol, const RunOptions& options);

}  // namespace swell
