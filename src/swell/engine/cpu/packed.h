#pragma once

#include <cstdint>
#include <vector>

#include "swell/engine/cpu/kernel.h"
#include "swell/engine/timeline.h"

namespace swell::cpu {

// A coupling set laid out for the kernels: pieces of six rows and a few columns, only where groups are
// coupled, weights rounded to single precision. Packed once, read by every thread and step.
class PackedCouplings {
 public:
  PackedCouplings(const Computer& computer, const CouplingSet& set);
  const std::vector<Piece>& pieces() const { return pieces_; }
  // Multiply-adds of one field evaluation of one trajectory, over the stored weights.
  int64_t multiply_adds() const { return static_cast<int64_t>(weights_.size()); }

 private:
  std::vector<float> weights_;
  std::vector<Piece> pieces_;
};

// Constants of the units under one segment, padded to whole slabs.
class PackedUnits {
 public:
  PackedUnits(const Computer& computer, const SegmentTimeline& timeline, double dt);
  UnitTable table() const;

 private:
  std::vector<float> J2_, J3_, J4_, bias_, mobility_dt_, noise_scale_;
  std::vector<double> J2_book_, J3_book_, J4_book_, bias_book_;
  std::vector<int32_t> group_;
};

int64_t padded_units(int64_t units);

}  // namespace swell::cpu
