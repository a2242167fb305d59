#include "swell/engine/group_books.h"

#include <algorithm>
#include <utility>
#include <variant>

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
  const auto couple = [&](int64_t row, int64_t column, double J) {
    const double* const from = middle_.data() + column * n;
    double* const to = field_.data() + row * n;
    for (int64_t t = 0; t < n; ++t) to[t] += J * from[t];
  };
  for (const CouplingBlock& block : set.blocks) {
    const Group& rows = computer_.groups[block.row_group];
    const Group& columns = computer_.groups[block.column_group];
    const bool mirrored = block.row_group != block.column_group;
    const auto add = [&](int64_t row, int64_t column, double J) {
      if (J == 0) return;
      couple(rows.first + row, columns.first + column, J);
      if (mirrored) couple(columns.first + column, rows.first + row, J);
    };
    if (const auto* sparse = std::get_if<SparseWeights>(&block.weights)) {
      for (int64_t row = 0; row < rows.size; ++row) {
        for (int64_t e = sparse->row_start[row]; e < sparse->row_start[row + 1]; ++e)
          add(row, sparse->column[e], sparse->values[e]);
      }
    } else {
      const auto& dense = std::get<DenseWeights>(block.weights);
      for (int64_t row = 0; row < rows.size; ++row) {
        for (int64_t column = 0; column < columns.size; ++column)
          add(row, column, dense.values[row * columns.size + column]);
      }
    }
  }
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
