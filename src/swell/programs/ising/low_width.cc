#include "swell/programs/ising/low_width.h"

#include <algorithm>
#include <cmath>

namespace swell::ising {

LowWidth::LowWidth(const IsingModel& model, int width)
    : model_(model),
      width_(width),
      rows_(model.units),
      others_(model.units),
      marked_(model.units, 0),
      up_(size_t{1} << width),
      down_(size_t{1} << width),
      map_(size_t{1} << width) {}

void LowWidth::choose(Sequence& draws) {
  for (auto& bucket : buckets_) bucket.clear();
  gone_.clear();
  alive_.assign(model_.units, 1);
  chosen_.assign(model_.units, 0);
  for (int64_t i = 0; i < model_.units; ++i) {
    rows_[i].assign(model_.neighbour.begin() + model_.row_start[i], model_.neighbour.begin() + model_.row_start[i + 1]);
  }
  for (int64_t i = 0; i < model_.units; ++i) update(static_cast<int32_t>(i));
  size_t fewest = 0;
  for (left_ = model_.units; left_ > 0;) {
    while (fewest < buckets_.size() && buckets_[fewest].empty()) ++fewest;
    if (fewest > static_cast<size_t>(width_)) {
      hold_one(draws);
      fewest = 0;
      continue;
    }
    auto& bucket = buckets_[fewest];
    const auto at = draws.below(static_cast<int64_t>(bucket.size()));
    const int32_t unit = bucket[at];
    bucket[at] = bucket.back();
    bucket.pop_back();
    if (!alive_[unit] || rows_[unit].size() != fewest) continue;
    eliminate(unit);
    fewest = fewest > 0 ? fewest - 1 : 0;
  }
  sort_into_trees();
}

void LowWidth::update(int32_t unit) {
  const size_t length = rows_[unit].size();
  if (length >= buckets_.size()) buckets_.resize(length + 1);
  buckets_[length].push_back(unit);
}

// All that the unit was coupled to are coupled to each other from now on.
void LowWidth::eliminate(int32_t unit) {
  --left_;
  alive_[unit] = 0;
  chosen_[unit] = 1;
  gone_.push_back(unit);
  const auto& others = others_[unit] = rows_[unit];
  for (const int32_t i : others) {
    auto& row = rows_[i];
    std::erase(row, unit);
    for (const int32_t j : row) marked_[j] = 1;
    marked_[i] = 1;
    for (const int32_t j : others) {
      if (!marked_[j]) row.push_back(j);
    }
    for (const int32_t j : row) marked_[j] = 0;
    marked_[i] = 0;
    update(i);
  }
}

void LowWidth::hold_one(Sequence& draws) {
  while (true) {
    while (buckets_.back().empty()) buckets_.pop_back();
    auto& bucket = buckets_.back();
    const auto at = draws.below(static_cast<int64_t>(bucket.size()));
    const int32_t unit = bucket[at];
    bucket[at] = bucket.back();
    bucket.pop_back();
    if (!alive_[unit] || rows_[unit].size() + 1 != buckets_.size()) continue;
    --left_;
    alive_[unit] = 0;
    for (const int32_t i : rows_[unit]) {
      std::erase(rows_[i], unit);
      update(i);
    }
    return;
  }
}

// A unit's table goes into that of the first of its scope to go. Leaves first: then tables are used in the order of a
// stack.
void LowWidth::sort_into_trees() {
  std::vector<int32_t> place(model_.units, -1), head(model_.units, -1), next(model_.units, -1), stack;
  for (size_t k = 0; k < gone_.size(); ++k) place[gone_[k]] = static_cast<int32_t>(k);
  order_.clear();
  for (auto unit = gone_.rbegin(); unit != gone_.rend(); ++unit) {
    auto& others = others_[*unit];
    std::erase_if(others, [&](int32_t i) { return !chosen_[i]; });
    std::ranges::sort(others, [&](int32_t a, int32_t b) { return place[a] > place[b]; });
    if (others.empty()) {
      stack.push_back(*unit);
    } else {
      next[*unit] = head[others.back()];
      head[others.back()] = *unit;
    }
  }
  // Roots first, each followed by all that hangs on it; then turned round.
  while (!stack.empty()) {
    const int32_t unit = stack.back();
    stack.pop_back();
    order_.push_back(unit);
    for (int32_t child = head[unit]; child >= 0; child = next[child]) stack.push_back(child);
  }
  std::ranges::reverse(order_);
  children_.clear();
  first_.assign(1, 0);
  scope_.clear();
  bond_.clear();
  for (const int32_t unit : order_) {
    int32_t children = 0;
    for (int32_t child = head[unit]; child >= 0; child = next[child]) ++children;
    children_.push_back(children);
    for (const int32_t other : others_[unit]) {
      const auto row = model_.neighbour.begin();
      const auto end = row + model_.row_start[unit + 1];
      const auto found = std::lower_bound(row + model_.row_start[unit], end, other);
      scope_.push_back(other);
      bond_.push_back(found != end && *found == other ? model_.J[found - row] : 0);
    }
    first_.push_back(static_cast<int64_t>(scope_.size()));
  }
}

double LowWidth::relax(LocalSearch& state, double kT, Sequence& draws) {
  const double start = state.energy();
  const auto spins = state.spins();
  tables_.clear();
  pending_.clear();
  answers_.clear();
  answers_at_.clear();
  for (size_t node = 0; node < order_.size(); ++node) {
    const int32_t unit = order_[node];
    double field = model_.h[unit];
    for (int64_t k = model_.row_start[unit]; k < model_.row_start[unit + 1]; ++k) {
      if (!chosen_[model_.neighbour[k]]) field += model_.J[k] * spins[model_.neighbour[k]];
    }
    for (int64_t k = first_[node]; k < first_[node + 1]; ++k) field -= bond_[k];
    down_[0] = field;
    int64_t size = 1;
    for (int64_t k = first_[node]; k < first_[node + 1]; ++k, size *= 2) {
      const double push = 2 * bond_[k];
      for (int64_t i = 0; i < size; ++i) down_[size + i] = down_[i] + push;
    }
    for (int64_t i = 0; i < size; ++i) up_[i] = -down_[i];
    for (int32_t c = 0; c < children_[node]; ++c) add_child(pending_.size() - 1 - c, node, size);
    if (children_[node] > 0) {
      pending_.resize(pending_.size() - children_[node]);
      tables_.resize(pending_.empty() ? 0
                                      : pending_.back().at + (int64_t{1} << (first_[pending_.back().node + 1] -
                                                                             first_[pending_.back().node])));
    }
    combine(size, kT, draws.bits());
    pending_.push_back({node, static_cast<int64_t>(tables_.size()) - size});
  }
  // The other way round: what a unit depends on is known before it.
  spins_.assign(spins.begin(), spins.end());
  for (size_t node = order_.size(); node-- > 0;) {
    int64_t index = 0;
    for (int64_t k = first_[node]; k < first_[node + 1]; ++k) {
      if (spins_[scope_[k]] > 0) index |= int64_t{1} << (k - first_[node]);
    }
    spins_[order_[node]] = answers_[answers_at_[node] + index] != 0 ? 1 : -1;
  }
  for (const int32_t unit : order_) {
    if (spins_[unit] != spins[unit]) state.flip(unit);
  }
  return state.energy() - start;
}

void LowWidth::add_child(size_t child, size_t node, int64_t size) {
  const int64_t first = first_[pending_[child].node], bits = first_[pending_[child].node + 1] - first - 1;
  const double* down = &tables_[pending_[child].at];
  const double* up = down + (int64_t{1} << bits);
  const int64_t own = first_[node], own_bits = first_[node + 1] - own;
  // Where the first units of both scopes are the same, entries stand side by side.
  int64_t same = 0;
  while (same < bits && scope_[first + same] == scope_[own + same]) ++same;
  const int64_t run = int64_t{1} << same;
  map_[0] = 0;
  int64_t filled = 1, bit = same;
  for (int64_t k = same; k < own_bits; ++k, filled *= 2) {
    const bool shared = bit < bits && scope_[first + bit] == scope_[own + k];
    const auto step = static_cast<int32_t>(shared ? int64_t{1} << bit : 0);
    bit += shared;
    for (int64_t i = 0; i < filled; ++i) map_[filled + i] = map_[i] + step;
  }
  if (same == 0) {
    for (int64_t i = 0; i < size; ++i) {
      down_[i] += down[map_[i]];
      up_[i] += up[map_[i]];
    }
    return;
  }
  for (int64_t block = 0; block < filled; ++block) {
    const double* from_down = down + map_[block];
    const double* from_up = up + map_[block];
    double* to_down = &down_[block * run];
    double* to_up = &up_[block * run];
    for (int64_t i = 0; i < run; ++i) to_down[i] += from_down[i];
    for (int64_t i = 0; i < run; ++i) to_up[i] += from_up[i];
  }
}

// The unit is summed out. One draw serves all entries: only one of them will be asked for.
void LowWidth::combine(int64_t size, double kT, uint32_t draw) {
  const auto at = static_cast<int64_t>(tables_.size());
  answers_at_.push_back(static_cast<int64_t>(answers_.size()));
  tables_.resize(at + size);
  answers_.resize(answers_.size() + size);
  double* table = &tables_[at];
  char* answer = &answers_[answers_at_.back()];
  if (kT == 0) {
    const char tie = static_cast<char>(draw & 1);
    for (int64_t i = 0; i < size; ++i) {
      table[i] = std::min(up_[i], down_[i]);
      answer[i] = static_cast<char>((up_[i] < down_[i]) | ((up_[i] == down_[i]) & tie));
    }
    return;
  }
  // Up with probability 1 / (1 + exp((up - down) / kT)).
  const double uniform = (draw + 0.5) * 0x1p-32, threshold = kT * std::log((1 - uniform) / uniform);
  for (int64_t i = 0; i < size; ++i) {
    const double gap = up_[i] - down_[i];
    answer[i] = static_cast<char>(gap < threshold);
    table[i] = std::min(up_[i], down_[i]) - kT * std::log1p(std::exp(-std::abs(gap) / kT));
  }
}

}  // namespace swell::ising
