#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/model/ising.h"
#include "swell/random/sequence.h"

namespace swell::ising {

// Units on which states agree, up to a change of sign, move together as one block: each connected set of units with the
// same relative orientation in all of them. Blocks are p-bits again, with the couplings between them summed (J.
// Houdayer, O. C. Martin, Phys. Rev. Lett. 83, 1030 (1999)).
constexpr size_t kMostOthers = 32;  // states beside the first
struct Blocks {
  IsingModel model;               // of the blocks; all +1 is `state`
  std::vector<int32_t> block_of;  // [units]
};
Blocks contract(const IsingModel& model, std::span<const int8_t> state, std::span<const std::vector<int8_t>> others);

// Replaces `state` by the best state found that is made of blocks of all: exactly the best where reduction (reduce.h)
// leaves nothing or what it leaves is of low width (low_width.h), else by a search over the blocks, on sparse ones by
// parts of low width (as tours are merged: W. Cook, P. Seymour, INFORMS J. Comput. 15, 233 (2003)). Never a worse one.
// Returns the change of energy, <= 0.
double recombine(const IsingModel& model, std::span<int8_t> state, std::span<const std::vector<int8_t>> others,
                 Sequence& draws, const std::function<bool()>& go_on);

// The quick form: takes over from `other` every connected set of units in which the two differ that does not raise the
// energy of `state`. No two of them are neighbours, so their changes add up. Without fields `other` may be turned over
// first. Returns the change of energy, <= 0.
double take_better_clusters(const IsingModel& model, std::span<int8_t> state, std::span<const int8_t> other);

}  // namespace swell::ising
