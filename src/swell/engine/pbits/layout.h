#pragma once

#include <memory>
#include <vector>

#include "swell/engine/pbits/colouring.h"
#include "swell/engine/pbits/kernel.h"
#include "swell/engine/pbits/pbits.h"

namespace swell {

// A number aligned for the kernels' registers.
template <class T>
struct AlignedArray {
  explicit AlignedArray(size_t count) : memory_(new (std::align_val_t{64}) T[count]()) {}
  T* data() { return memory_.get(); }
  T& operator[](size_t i) { return memory_[i]; }
  const T& operator[](size_t i) const { return memory_[i]; }

 private:
  struct Free {
    void operator()(T* p) const { ::operator delete[](p, std::align_val_t{64}); }
  };
  std::unique_ptr<T[], Free> memory_;
};

// A model laid out in slots, for every coding that can hold it.
struct Pbits::Layout {
  explicit Layout(const IsingModel& model);
  Layout(const Layout&) = delete;

  IsingModel model;
  Colouring colouring;
  bool exact = false;  // sums of couplings are exact in single precision

  // Reals, by slot.
  std::vector<int64_t> row_start;
  std::vector<pbits::Bond> bonds;
  std::vector<pbits::Bond> told;  // of directed couplings: what each slot adds to the fields of its neighbours
  std::vector<float> h;

  // Bits: couplings in multiples of `scale`, 0 where they are none or too many.
  double scale = 0;
  int32_t most_bonds = 0;
  std::vector<uint32_t> bond_ends;
  std::vector<pbits::BondRow> bond_rows;
  pbits::BitPlan bit_plan{};

  pbits::Colours colours() const;
  pbits::RealPlan real_plan(FlipRule update) const;

 private:
  // A lattice whose checkerboard the colouring is.
  bool is_even_lattice() const;
  void lay_out_reals();
  void lay_out_bits();
};

// The threshold for 32 random bits of a unit whose m I is `aligned` multiples of `scale`.
uint64_t bit_threshold(FlipRule update, double beta, double scale, int64_t aligned);

}  // namespace swell
