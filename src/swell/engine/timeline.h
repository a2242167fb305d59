#pragma once

#include <vector>

#include "swell/engine/run.h"

namespace swell {

// A protocol laid out on steps: the control is constant during a step and takes the schedule's value at the time
// when the step begins. Both engines read it, so that they agree on what each step does.
struct SegmentTimeline {
  int64_t first_step = 0;  // global number of its first step
  int64_t steps = 0;
  const CouplingSet* set = nullptr;
  std::vector<char> clamped;  // [groups]
  std::vector<double> drive;  // [steps][groups] amplitudes
  std::vector<double> kT;     // [steps]
  bool driven = false;        // any amplitude is not zero
};

std::vector<SegmentTimeline> lay_out(const Computer& computer, const Protocol& protocol, double dt);

constexpr int kMaxObservedGroups = 64;

// An empty result of the right sizes for these options: books zero, snapshots allocated, their times filled.
Run make_run(const Computer& computer, const std::vector<SegmentTimeline>& timelines, const RunOptions& options);

// The number of the snapshot that is due before this global step, or -1.
int64_t snapshot_number(const Snapshots& snapshots, int64_t step);
// The first step after this one before which a snapshot is due.
int64_t next_snapshot(const Snapshots& snapshots, int64_t step);

// Whether there is a moment for observables after so many steps, and the next one that is later.
bool is_moment(const Observables& observables, int64_t step);
int64_t next_moment(const Observables& observables, int64_t step);
// Adds a moment to the sums of a trajectory; x(i) is the state of a unit.
template <class State>
void observe(const Computer& computer, const Observables& observables, const ObservedSums& where, State x,
             double energy, double* sums) {
  sums[where.energy] += energy;
  sums[where.energy_square] += energy * energy;
  double* const mean = sums + where.group(0);
  double now[kMaxObservedGroups];
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const Group& group = computer.groups[g];
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

// Throws InputError where the options do not fit the computer.
void check_options(const Computer& computer, const Protocol& protocol, const RunOptions& options);

}  // namespace swell
