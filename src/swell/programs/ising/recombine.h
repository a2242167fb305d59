#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/model/ising.h"
#include "swell/random/sequence.h"

namespace swell::ising {

// Units on which two states agree, up to a change of sign, move together as one block: each connected set of units with
// the same relative orientation in both. Blocks are p-bits again, with the couplings between them summed (J. Houdayer,
// O. C. Martin, Phys. Rev. Lett. 83, 1030 (1999)).
struct Blocks {
  IsingModel model;               // of the blocks; all +1 is `state`
  std::vector<int32_t> block_of;  // [units]
};
Blocks contract(const IsingModel& model, std::span<const int8_t> state, std::span<const int8_t> other);

// Replaces `state` by the best state found that is made of blocks of the two: exactly the best where reduction
// (reduce.h) leaves nothing, else by a search over the blocks. Never a worse one. Returns the change of energy, <= 0.
double recombine(const IsingModel& model, std::span<int8_t> state, std::span<const int8_t> other, Sequence& draws,
                 const std::function<bool()>& go_on);

// The quick form: takes over from `other` every connected set of units in which the two differ that does not raise the
// energy of `state`. No two of them are neighbours, so their changes add up. Without fields `other` may be turned over
// first. Returns the change of energy, <= 0.
double take_better_clusters(const IsingModel& model, std::span<int8_t> state, std::span<const int8_t> other);

}  // namespace swell::ising
