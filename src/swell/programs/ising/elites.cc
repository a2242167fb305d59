#include "swell/programs/ising/elites.h"

#include <algorithm>

namespace swell::ising {

namespace {

constexpr size_t kAlike = 200;  // states that differ in fewer than one of so many units are copies

}  // namespace

bool Elites::alike(std::span<const int8_t> a, std::span<const int8_t> b) const {
  size_t different = 0;
  for (size_t i = 0; i < a.size(); ++i) different += a[i] != b[i];
  if (mirrored_) different = std::min(different, a.size() - different);
  return different * kAlike < a.size() || different == 0;
}

void Elites::offer(std::span<const int8_t> spins, double energy) {
  for (State& state : states_) {
    if (!alike(state.spins, spins)) continue;
    if (energy < state.energy) state = {energy, {spins.begin(), spins.end()}};
    return;
  }
  if (states_.size() < most_) {
    states_.push_back({energy, {spins.begin(), spins.end()}});
    return;
  }
  const auto worst = std::ranges::max_element(states_, {}, &State::energy);
  if (energy < worst->energy) *worst = {energy, {spins.begin(), spins.end()}};
}

std::vector<int8_t> Elites::any(Sequence& draws) const {
  if (states_.empty()) return {};
  return states_[static_cast<size_t>(draws.below(static_cast<int64_t>(states_.size())))].spins;
}

std::vector<std::vector<int8_t>> Elites::some(int64_t number, Sequence& draws) const {
  std::vector<std::vector<int8_t>> chosen;
  int64_t wanted = std::min(number, static_cast<int64_t>(states_.size()));
  for (size_t k = 0; wanted > 0; ++k) {
    if (draws.below(static_cast<int64_t>(states_.size() - k)) >= wanted) continue;
    chosen.push_back(states_[k].spins);
    --wanted;
  }
  return chosen;
}

}  // namespace swell::ising
