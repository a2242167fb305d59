#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "swell/engine/cuda/bits.h"
#include "swell/engine/cuda/memory.h"

namespace swell::cuda {

// The bonds of a model's slots, colour after colour. Pointers are the caller's, and read by the constructor alone.
struct BitBonds {
  int64_t colours, slots;
  const int64_t* first;        // [colours] its first slot
  const int64_t* units;        // [colours]
  const pbits::BondRow* rows;  // [slots]
  int32_t most_bonds;
};

// Tiles of replicas of p-bits in bits on a device, advanced by sweeps. The bits are those of the cpu engine.
class BitTiles {
 public:
  // `isa` as in RunOptions; x: [tiles][slots + 1][kTileWords], the last slot of each tile all ones.
  BitTiles(std::string_view isa, const BitBonds& model, NoiseKey key, uint32_t first_lane, std::span<const uint32_t> x);

  void set_table(const pbits::AcceptanceTable& table);
  void sweep(int64_t number);
  void wait() const { device_.wait(); }
  std::vector<uint32_t> spins() const { return x_.get(x_.size()); }
  std::vector<int64_t> flips() const { return flips_.get(flips_.size()); }  // [tiles][pbits::kBitReplicas]

 private:
  const DeviceCalls& device_;
  std::vector<int64_t> first_, count_;  // slots of the colours
  Array<uint32_t> x_, ends_;
  Array<int64_t> start_, flips_;
  Array<int32_t> padded_, bonds_;
  Array<pbits::AcceptanceTable> table_;
  BitSweep sweep_{};
};

}  // namespace swell::cuda
