#include "swell/engine/group_books.h"

#include <algorithm>
#include <utility>

#include "swell/physics/potential.h"
#include "swell/physics/unit_heat.h"

namespace swell {

GroupBooks::GroupBooks(const Computer& computer, const std::vector<SegmentTimeline>& timelines, int64_t trajectories,
                       std::vector<double> pattern)
    : computer_(computer), timelines_(timelines), trajectories_(trajectories), pattern_(std::move(pattern)) {
  for (auto* values : {&before_, &after_, &middle_, &field_}) values->resize(computer.units() * trajectories);
  for (auto* values : {&heat_, &work_}) values->resize(computer.groups.size() * trajectories);
}

double GroupBooks::last_drive(size_t segment, int64_t k, size_t group) const {
  const size_t groups = computer_.groups.size();
  if (k > 0) return timelines_[segment].drive[(k - 1) * groups + group];
  if (segment > 0) return timelines_[segment - 1].drive[(timelines_[segment - 1].steps - 1) * groups + group];
  return timelines_[0].drive[group];
}

void GroupBooks::sum_fields(const CouplingSet& set) {
  const int64_t n = trajectories_;
  for (size_t i = 0; i < middle_.size(); ++i) middle_[i] = 0.5 * (before_[i] + after_[i]);
  visit_couplings(computer_, set, [&](int64_t i, int64_t j, double J) {
    if (J == 0) return;
    const double* const from = middle_.data() + j * n;
    double* const to = field_.data() + i * n;
    for (int64_t t = 0; t < n; ++t) to[t] += J * from[t];
  });
}

void GroupBooks::compute(size_t segment, int64_t k) {
  const SegmentTimeline& timeline = timelines_[segment];
  const size_t groups = computer_.groups.size();
  const int64_t n = trajectories_;
  std::ranges::fill(field_, 0.0);
  std::ranges::fill(heat_, 0.0);
  std::ranges::fill(work_, 0.0);
  if (timeline.set) sum_fields(*timeline.set);
  for (size_t g = 0; g < groups; ++g) {
    const Group& group = computer_.groups[g];
    const double drive = timeline.drive[k * groups + g], change = drive - last_drive(segment, k, g);
    double* const heat = heat_.data() + g * n;
    double* const work = work_.data() + g * n;
    for (int64_t i = group.first; i < group.first + group.size; ++i) {
      const double J2 = quadratic(computer_, timeline.set, i), bias = timeline.set ? timeline.set->bias[i] : 0.0;
      for (int64_t t = 0; t < n; ++t) {
        const int64_t at = i * n + t;
        const double pattern = pattern_.empty() ? 0.0 : pattern_[at];
        work[t] -= change * pattern * before_[at];
        if (timeline.clamped[g]) continue;
        heat[t] +=
            unit_heat(before_[at], after_[at], field_[at], J2, computer_.J3[i], computer_.J4[i], bias, drive * pattern);
      }
    }
  }
}

}  // namespace swell
