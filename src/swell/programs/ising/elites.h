#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "swell/random/sequence.h"

namespace swell::ising {

// The best different states that a search has found, to be recombined. Not thread-safe.
class Elites {
 public:
  // `mirrored`: a state and its negative are the same one (no fields).
  Elites(size_t most, bool mirrored) : most_(most), mirrored_(mirrored) {}

  // Takes a state in where it is better than the worst and no copy of one that is there.
  void offer(std::span<const int8_t> spins, double energy);
  size_t size() const { return states_.size(); }
  // One of them; nothing while there is none.
  std::vector<int8_t> any(Sequence& draws) const;
  // So many different ones, or all.
  std::vector<std::vector<int8_t>> some(int64_t number, Sequence& draws) const;

 private:
  struct State {
    double energy;
    std::vector<int8_t> spins;
  };
  bool alike(std::span<const int8_t> a, std::span<const int8_t> b) const;

  size_t most_;
  bool mirrored_;
  std::vector<State> states_;
};

}  // namespace swell::ising
