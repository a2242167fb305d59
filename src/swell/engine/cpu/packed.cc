#include "swell/engine/cpu/packed.h"

#include <algorithm>
#include <cmath>

namespace swell::cpu {

namespace {

// For each group, which groups it is coupled to.
std::vector<std::vector<char>> coupled_groups(const Computer& computer, const CouplingSet& set) {
  const size_t groups = computer.groups.size();
  std::vector<std::vector<char>> coupled(groups, std::vector<char>(groups, 0));
  for (const CouplingBlock& block : set.blocks) {
    coupled[block.row_group][block.column_group] = 1;
    coupled[block.column_group][block.row_group] = 1;
  }
  return coupled;
}

}  // namespace

int64_t padded_units(int64_t units) { return (units + kSlabRows - 1) / kSlabRows * kSlabRows; }

PackedCouplings::PackedCouplings(const Computer& computer, const CouplingSet& set) {
  const int64_t n = computer.units(), rows = padded_units(n);
  const auto coupled = coupled_groups(computer, set);
  const std::vector<double> J = dense_matrix(computer, set);
  const auto wanted = [&](int64_t first_row, int g) {
    bool any = false;
    for (int64_t row = first_row; row < std::min(first_row + kPanelRows, n); ++row)
      any = any || coupled[group_of_unit(computer, row)][g];
    return any;
  };
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const int64_t end = computer.groups[g].first + computer.groups[g].size;
    for (int64_t column = computer.groups[g].first; column < end; column += kPieceColumns) {
      for (int64_t row = 0; row < rows; row += kPanelRows) {
        if (!wanted(row, static_cast<int>(g))) continue;
        const int64_t last = std::min(column + kPieceColumns, end);
        pieces_.push_back(
            {nullptr, static_cast<int32_t>(row), static_cast<int32_t>(column), static_cast<int32_t>(last)});
        for (int64_t k = column; k < last; ++k) {
          for (int64_t i = row; i < row + kPanelRows; ++i)
            weights_.push_back(i < n ? static_cast<float>(J[i * n + k]) : 0.0f);
        }
      }
    }
  }
  const float* weights = weights_.data();
  for (Piece& piece : pieces_) {
    piece.weights = weights;
    weights += (piece.last - piece.first) * kPanelRows;
  }
}

PackedUnits::PackedUnits(const Computer& computer, const SegmentTimeline& timeline, double dt) {
  const int64_t n = computer.units(), padded = padded_units(n);
  for (auto* values : {&J2_, &J3_, &J4_, &bias_, &mobility_dt_, &noise_scale_}) values->resize(padded, 0.0f);
  for (auto* values : {&J2_book_, &J3_book_, &J4_book_, &bias_book_}) values->resize(padded, 0.0);
  group_.resize(padded, 0);
  for (int64_t i = 0; i < n; ++i) {
    const int group = group_of_unit(computer, i);
    const bool clamped = timeline.clamped[group];
    J2_book_[i] = computer.J2[i];
    J3_book_[i] = computer.J3[i];
    J4_book_[i] = computer.J4[i];
    bias_book_[i] = timeline.set ? timeline.set->bias[i] : 0.0;
    J2_[i] = static_cast<float>(J2_book_[i]);
    J3_[i] = static_cast<float>(J3_book_[i]);
    J4_[i] = static_cast<float>(J4_book_[i]);
    bias_[i] = static_cast<float>(bias_book_[i]);
    mobility_dt_[i] = clamped ? 0.0f : static_cast<float>(computer.mobility[i] * dt);
    noise_scale_[i] = clamped ? 0.0f : static_cast<float>(std::sqrt(2 * computer.mobility[i] * dt));
    group_[i] = group;
  }
}

UnitTable PackedUnits::table() const {
  return {J2_.data(),          J3_.data(),          J4_.data(),      bias_.data(),
          J2_book_.data(),     J3_book_.data(),     J4_book_.data(), bias_book_.data(),
          mobility_dt_.data(), noise_scale_.data(), group_.data()};
}

}  // namespace swell::cpu
