#pragma once

#include <cstdint>
#include <vector>

#include "swell/engine/pbits/kernel.h"
#include "swell/model/ising.h"

namespace swell {

// An order in which units may be updated side by side. Units of one colour are not coupled; each colour is a block of
// slots, padded to a multiple of pbits::kSlotBlock. Units of one degree stand together, so that loops over neighbours
// run equally long one after the other; among them units ascend.
constexpr int32_t kNoUnit = -1;

struct Colouring {
  std::vector<int64_t> first;    // [colours + 1] first slot of each colour
  std::vector<int64_t> count;    // [colours] units of each colour
  std::vector<int32_t> unit;     // [slots], kNoUnit in the padding
  std::vector<int64_t> slot_of;  // [units]
  int64_t slots() const { return static_cast<int64_t>(unit.size()); }
  int64_t colours() const { return static_cast<int64_t>(count.size()); }
};

// Greedy, in ascending order of units: at most one colour more than the largest degree.
Colouring colour(const IsingModel& model);

}  // namespace swell
