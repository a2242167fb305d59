#pragma once

#include "swell/engine/cuda/memory.h"
#include "swell/engine/timeline.h"
#include "swell/model/computer.h"

namespace swell::cuda {

constexpr int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

bool has_dense(const CouplingSet& set);
bool has_sparse(const CouplingSet& set);

// Numbers in a row of states: whole tiles of the kernel.
constexpr int64_t padded_units(int64_t units, Element element) { return round_up(units, tile_units(element)); }
// Of operands of so many rows.
int64_t operand_bytes(Element element, int64_t rows, int64_t units);

// A set in the memory of a device: dense couplings as one symmetric matrix, sparse ones as compressed rows.
class Couplings {
 public:
  Couplings(const DeviceCalls& device, const Computer& computer, const CouplingSet& set, Element element);

  bool dense() const { return J_.size() > 0; }
  // J and the sizes; the operands are the caller's.
  Dense product() const { return product_; }
  SparseRows sparse() const { return {row_start_.data(), column_.data(), weight_.data()}; }

 private:
  void pack_dense(const DeviceCalls& device, const Computer& computer, const CouplingSet& set);
  void pack_sparse(const DeviceCalls& device, const Computer& computer, const CouplingSet& set);

  Array<char> J_;
  Dense product_{};
  Array<int64_t> row_start_;
  Array<int32_t> column_;
  Array<float> weight_;
};

// Constants of all units in one segment.
class UnitConstants {
 public:
  UnitConstants(const DeviceCalls& device, const Computer& computer, const SegmentTimeline& timeline, double dt,
                int64_t padded);
  UnitArrays arrays() const {
    return {J2_.data(), J3_.data(), J4_.data(), bias_.data(), mobility_dt_.data(), noise_scale_.data(), group_.data()};
  }

 private:
  Array<float> J2_, J3_, J4_, bias_, mobility_dt_, noise_scale_;
  Array<int32_t> group_;
};

}  // namespace swell::cuda
