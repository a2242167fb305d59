#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "swell/model/ising.h"

namespace swell::ising {

// A smaller model whose ground states give ground states of the whole, by steps that are exact (the first and the last
// are well known for max-cut: S. Ferizovic et al., ALENEX 2020; the star-triangle relation of the Ising model: L.
// Onsager 1944):
// - a bond that outweighs all others at one of its ends holds in some ground state: the two units become one;
// - so does a field that outweighs all bonds of a unit: the unit is fixed;
// - a unit with three bonds (a field counts as one) becomes a triangle of bonds between its neighbours.
// Units with at most three bonds go in any case. All new couplings are sums, or halves, of the old ones.
class Reduction {
 public:
  // `model` outlives the reduction: where nothing can be reduced, it is not copied.
  explicit Reduction(const IsingModel& model);

  // What is left. May have no units at all.
  const IsingModel& model() const { return reduced_ ? *reduced_ : whole_; }
  int64_t units() const { return static_cast<int64_t>(kept_.size()); }
  // A state of the whole model with the lowest energy that this state of the reduced one allows.
  std::vector<int8_t> expand(std::span<const int8_t> reduced) const;
  // The reduced part of a state of the whole model.
  std::vector<int8_t> project(std::span<const int8_t> whole) const;

 private:
  struct Step {
    int32_t unit;
    int32_t other[3];  // in which terms: m_unit = sign(sum weight m_other); the ghost is number `units`
    double weight[3];
  };
  friend class Reducer;
  const IsingModel& whole_;
  std::optional<IsingModel> reduced_;
  std::vector<int32_t> kept_;  // [reduced units] number in the whole model
  std::vector<Step> steps_;    // in the order in which units went
};

}  // namespace swell::ising
