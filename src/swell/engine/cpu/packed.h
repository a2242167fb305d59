#pragma once

#include <deque>
#include <vector>

#include "swell/base/memory.h"
#include "swell/engine/cpu/kernel.h"
#include "swell/engine/timeline.h"
#include "swell/model/computer.h"

namespace swell::cpu {

// Units rounded up to what the layout multiplies and updates together.
int64_t padded_units(int64_t units, Layout layout);

// Of a precision, in tiles where the kernels have a tile unit.
Products products_of(Precision precision, bool tiles);
// The same for a run of so many trajectories in a layout.
Products products_of(Precision precision, bool tiles, Layout layout, int64_t trajectories);
constexpr bool in_tiles(Products products) {
  return products == Products::tile_pairs || products == Products::tile_split;
}
constexpr int parts_of(Products products) {
  return products == Products::split || products == Products::tile_split ? 2 : 1;
}

// Whether less than half of the sparse couplings (of some thousand rows) have the same distance between their units as
// one of the row before: a general graph rather than a lattice.
bool mostly_scattered(const CouplingSet& set);

// The couplings of a set in single precision, in the order in which a layout's step reads them; read-only while a run
// lasts. A unit's dense couplings are summed before its sparse ones, each in ascending order of the other unit.
class PackedCouplings {
 public:
  PackedCouplings(const Computer& computer, const CouplingSet& set, Layout layout, Products products);
  PackedCouplings(PackedCouplings&&) = default;

  // Fills the couplings of a plan; valid while this lives.
  void fill(StepPlan& plan) const;
  // Multiply-adds per trajectory and step.
  int64_t multiply_adds() const { return multiply_adds_; }

 private:
  void pack_dense(const Computer& computer, const CouplingSet& set);
  void pack_triangle(const Computer& computer, const CouplingSet& set);
  void pack_rows(const Computer& computer, const CouplingSet& set);
  void pack_slices(int64_t units);
  void pack_saturation(const Computer& computer, const CouplingSet& set);

  Layout layout_;
  Products products_;
  AlignedVector<float> weights_;   // of the dense pieces
  AlignedVector<uint32_t> pairs_;  // of the dense pieces with other products than single ones
  std::vector<Piece> pieces_;
  std::vector<int64_t> row_start_;  // sparse rows; with slices only while packing
  std::vector<int32_t> column_;
  std::vector<float> weight_;
  AlignedVector<float> slice_weights_;
  AlignedVector<int32_t> slice_columns_;
  std::vector<Slice> slices_;
  AlignedVector<float> saturation_;
  bool scattered_;
  int64_t multiply_adds_ = 0;
};

// Constants of all units in one segment, strip by strip. A strip like the one before it takes no memory, so that the
// units of a large uniform group cost none.
class PackedUnits {
 public:
  PackedUnits(const Computer& computer, const SegmentTimeline& timeline, double dt);
  PackedUnits(PackedUnits&&) = default;  // a copy would point into the original

  const UnitStrip* const* strips() const { return strips_.data(); }

 private:
  std::deque<UnitStrip> kept_;
  std::vector<const UnitStrip*> strips_;
};

}  // namespace swell::cpu
