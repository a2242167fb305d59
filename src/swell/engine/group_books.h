#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/engine/run.h"
#include "swell/engine/timeline.h"

namespace swell {

// Heat and work of each group of a Computer, step by step, for trajectories that one thread advances together
// (Observables::by_group). Heat is that of physics/unit_heat.h, summed over the units of a group. Work of a group is
// that of its drive, -(A_g - A_g') sum_i pattern_i x_i where the amplitude goes from A_g' to A_g. Work of changes of
// couplings and of clamps belongs to no group: it is what the run's work has besides.
class GroupBooks {
 public:
  // pattern: [units][trajectories], or empty.
  GroupBooks(const Computer& computer, const std::vector<SegmentTimeline>& timelines, int64_t trajectories,
             std::vector<double> pattern);

  // The states [units][trajectories] that the caller fills before a step (clamped units at their patterns) and after
  // it.
  std::span<double> before() { return before_; }
  std::span<double> after() { return after_; }

  // Adds step k of a segment: sums(t) + where.group_heat(g) gets the heat of a trajectory, and the place behind it the
  // work of the change of drive with which the step began.
  template <class Sums>
  void add(size_t segment, int64_t k, const ObservedSums& where, Sums sums) {
    compute(segment, k);
    const auto groups = static_cast<int64_t>(computer_.groups.size());
    for (int64_t t = 0; t < trajectories_; ++t) {
      double* const at = sums(t) + where.group_heat(0);
      for (int64_t g = 0; g < groups; ++g) {
        at[2 * g] += heat_[g * trajectories_ + t];
        at[2 * g + 1] += work_[g * trajectories_ + t];
      }
    }
  }

 private:
  void compute(size_t segment, int64_t k);
  void sum_fields(const CouplingSet& set);
  // Amplitude of the drive of a group in the step before this one; its own in the first step of the run.
  double last_drive(size_t segment, int64_t k, size_t group) const;

  const Computer& computer_;
  const std::vector<SegmentTimeline>& timelines_;
  int64_t trajectories_;
  std::vector<double> pattern_, before_, after_, middle_, field_;  // [units][trajectories]
  std::vector<double> heat_, work_;                                // [groups][trajectories] of one step
};

}  // namespace swell
