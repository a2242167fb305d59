#include "swell/programs/ising/local_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "swell/model/protocol.h"
#include "swell/physics/metropolis.h"

namespace swell::ising {

LocalSearch::LocalSearch(const IsingModel& model, std::span<const int8_t> spins)
    : model_(model), cost_(model.units), listed_(model.units, 0) {
  double largest = 0;
  if (!has_exact_sums(model)) {
    for (int64_t i = 0; i < model.units; ++i) largest = std::max(largest, largest_field(model, i));
  }
  grain_ = 1e-12 * largest;
  reset(spins);
}

void LocalSearch::reset(std::span<const int8_t> spins) {
  spins_.assign(spins.begin(), spins.end());
  for (int64_t i = 0; i < model_.units; ++i) cost_[i] = 2 * spins_[i] * local_field(model_, spins_, i);
  energy_ = ising_energy(model_, spins_);
  trail_.clear();
}

void LocalSearch::flip(int64_t unit) {
  const double push = -4.0 * spins_[unit];
  energy_ += cost_[unit];
  cost_[unit] = -cost_[unit];
  spins_[unit] = static_cast<int8_t>(-spins_[unit]);
  ++flips_;
  for (int64_t k = model_.row_start[unit]; k < model_.row_start[unit + 1]; ++k) {
    const int32_t j = model_.neighbour[k];
    cost_[j] += push * model_.J[k] * spins_[j];
    if (cost_[j] < -grain_ && !listed_[j]) {
      listed_[j] = 1;
      unstable_.push_back(j);
    }
  }
}

// Flips the unit that gains most, until none gains; one unit may be held.
void LocalSearch::relax(int64_t held) {
  while (true) {
    constexpr size_t kNone = SIZE_MAX;
    size_t best = kNone;
    double lowest = -grain_;
    for (size_t k = 0; k < unstable_.size();) {
      const int32_t i = unstable_[k];
      if (cost_[i] >= -grain_) {
        listed_[i] = 0;
        unstable_[k] = unstable_.back();
        unstable_.pop_back();
        continue;
      }
      if (i != held && cost_[i] < lowest) {
        lowest = cost_[i];
        best = k;
      }
      ++k;
    }
    if (best == kNone) return;
    trail_.push_back(unstable_[best]);
    flip(unstable_[best]);
  }
}

double LocalSearch::descend() {
  const double start = energy_;
  for (const int32_t i : unstable_) listed_[i] = 0;
  unstable_.clear();
  for (int64_t i = 0; i < model_.units; ++i) {
    if (cost_[i] < -grain_) flip(i);
  }
  for (int64_t i = 0; i < model_.units; ++i) {
    if (cost_[i] < -grain_ && !listed_[i]) {
      listed_[i] = 1;
      unstable_.push_back(static_cast<int32_t>(i));
    }
  }
  // In the order of the list: a search for the steepest would take as long as the list each time.
  for (size_t k = 0; k < unstable_.size(); ++k) {
    const int32_t i = unstable_[k];
    listed_[i] = 0;
    if (cost_[i] < -grain_) flip(i);
  }
  unstable_.clear();
  trail_.clear();
  return energy_ - start;
}

double LocalSearch::descend_pairs() {
  const double start = energy_;
  descend();
  for (bool better = true; better;) {
    better = false;
    for (int64_t i = 0; i < model_.units; ++i) {
      for (int64_t k = model_.row_start[i]; k < model_.row_start[i + 1]; ++k) {
        const int32_t j = model_.neighbour[k];
        if (j < i || cost_[i] + cost_[j] - 4 * model_.J[k] * spins_[i] * spins_[j] >= -grain_) continue;
        flip(i);
        flip(j);
        better = true;
      }
    }
    if (better) descend();
  }
  return energy_ - start;
}

double LocalSearch::hop(int64_t unit) {
  const double start = energy_;
  trail_.assign(1, static_cast<int32_t>(unit));
  flip(unit);
  if (cost_[unit] < -grain_ && !listed_[unit]) {
    listed_[unit] = 1;
    unstable_.push_back(static_cast<int32_t>(unit));
  }
  relax(unit);
  relax(-1);
  return energy_ - start;
}

void LocalSearch::undo() {
  for (; !trail_.empty(); trail_.pop_back()) flip(trail_.back());
  for (const int32_t i : unstable_) listed_[i] = 0;
  unstable_.clear();
}

HopScale hop_scale(LocalSearch& state, Sequence& draws) {
  std::vector<double> costs;
  const auto units = static_cast<int64_t>(state.spins().size());
  for (int k = 0; k < 400; ++k) {
    const double change = state.hop(draws.below(units));
    if (change > state.grain()) costs.push_back(change);
    state.undo();
  }
  if (costs.empty()) return {1, 0.1, 0};
  std::ranges::sort(costs);
  const double low = costs[costs.size() / 20], middle = costs[costs.size() / 2];
  return {0.5 * middle, std::max(0.2 * low, 1e-3 * middle), middle};
}

void walk_minima(LocalSearch& state, const HopOptions& options, Sequence& draws, const std::function<bool()>& go_on) {
  state.descend();
  const auto units = static_cast<int64_t>(state.spins().size());
  std::vector<int8_t> best(state.spins().begin(), state.spins().end());
  double best_energy = state.energy();
  double kT = options.hot;
  constexpr int64_t kBlock = 256;
  const Schedule cooling{{{0.0, options.hot}, {1.0, options.cold}}, true};
  for (int64_t k = 0; k < options.hops; ++k) {
    if (k % kBlock == 0) {
      kT = cooling(static_cast<double>(k) / static_cast<double>(options.hops));
      if (!go_on()) break;
    }
    const double change = state.hop(draws.below(units));
    if (!metropolis_takes(change, kT, [&] { return draws.uniform(); })) {
      state.undo();
      continue;
    }
    if (state.energy() >= best_energy - state.grain()) continue;
    best_energy = state.energy();
    best.assign(state.spins().begin(), state.spins().end());
  }
  state.reset(best);
}

void tabu(LocalSearch& state, int64_t steps, Sequence& draws, const std::function<bool()>& go_on) {
  const auto units = static_cast<int64_t>(state.spins().size());
  std::vector<int64_t> until(units, 0);
  std::vector<int8_t> best(state.spins().begin(), state.spins().end());
  double best_energy = state.energy();
  const int64_t tenure = std::min<int64_t>(20, units / 4);
  int64_t since = 0;
  for (int64_t step = 1; since < steps; ++step, ++since) {
    if (step % 1024 == 0 && !go_on()) break;
    double lowest = std::numeric_limits<double>::infinity();
    int64_t chosen = -1, ties = 0;
    for (int64_t i = 0; i < units; ++i) {
      const double cost = state.cost(i);
      if (cost > lowest) continue;
      if (until[i] > step && state.energy() + cost >= best_energy - state.grain()) continue;
      if (cost < lowest) {
        lowest = cost;
        chosen = i;
        ties = 1;
      } else if (draws.below(++ties) == 0) {
        chosen = i;
      }
    }
    if (chosen < 0) continue;
    state.flip(chosen);
    until[chosen] = step + 1 + tenure + draws.below(10);
    if (state.energy() < best_energy - state.grain()) {
      best_energy = state.energy();
      best.assign(state.spins().begin(), state.spins().end());
      since = 0;
    }
  }
  state.reset(best);
}

EnergyOrder energy_order(const IsingModel& model) {
  return {LocalSearch(model, std::vector<int8_t>(model.units, 1)).grain()};
}

}  // namespace swell::ising
