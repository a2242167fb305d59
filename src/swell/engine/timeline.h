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

// An empty result of the right sizes for these options: books zero, snapshots allocated, their times filled.
Run make_run(const Computer& computer, const std::vector<SegmentTimeline>& timelines, const RunOptions& options);

// The number of the snapshot that is due before this global step, or -1.
int64_t snapshot_number(const Snapshots& snapshots, int64_t step);
// The first step after this one before which a snapshot is due.
int64_t next_snapshot(const Snapshots& snapshots, int64_t step);

// Throws InputError where the options do not fit the computer.
void check_options(const Computer& computer, const Protocol& protocol, const RunOptions& options);

}  // namespace swell
