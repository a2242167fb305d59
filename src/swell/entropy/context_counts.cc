#include "swell/entropy/context_counts.h"

#include <utility>

namespace swell::entropy {

namespace {

// The finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014).
uint64_t mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

uint64_t low_bytes(int count) { return count <= 0 ? 0 : count >= 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * count)) - 1; }

constexpr size_t kFirstPlaces = 1024;

}  // namespace

SymbolCounts::SymbolCounts(int length, int /*alphabet*/)
    : near_mask_(low_bytes(length)),
      far_mask_(low_bytes(length - 8)),
      string_at_(kFirstPlaces, -1),
      transition_at_(kFirstPlaces) {}

size_t SymbolCounts::place_of_string(uint64_t near, uint64_t far) const {
  const size_t mask = string_at_.size() - 1;
  size_t place = mixed(near ^ mixed(far)) & mask;
  while (string_at_[place] >= 0) {
    const String& there = strings_[static_cast<size_t>(string_at_[place])];
    if (there.near == near && there.far == far) break;
    place = (place + 1) & mask;
  }
  return place;
}

size_t SymbolCounts::place_of_transition(uint64_t key) const {
  const size_t mask = transition_at_.size() - 1;
  size_t place = mixed(key) & mask;
  while (transition_at_[place].key != 0 && transition_at_[place].key != key) place = (place + 1) & mask;
  return place;
}

Prediction SymbolCounts::look(const History& history) {
  near_ = history.near & near_mask_;
  far_ = history.far & far_mask_;
  string_ = string_at_[place_of_string(near_, far_)];
  return string_ < 0 ? Prediction{} : strings_[static_cast<size_t>(string_)].best;
}

bool SymbolCounts::follow(uint8_t symbol, bool may_grow) {
  if (string_ >= 0) {
    const uint64_t key = 1 + static_cast<uint64_t>(string_) * 256 + symbol;
    const bool fresh = transition_at_[place_of_transition(key)].key == 0;
    if (!fresh || may_grow) count(symbol);
    return fresh && may_grow;
  }
  if (may_grow) {
    add_string();
    count(symbol);
  }
  return may_grow;
}

bool SymbolCounts::follow_string(uint8_t symbol, bool may_grow) {
  const bool fresh = string_ < 0;
  if (fresh && !may_grow) return false;
  if (fresh) add_string();
  count(symbol);
  return fresh;
}

void SymbolCounts::add_string() {
  if (2 * strings_.size() >= string_at_.size()) grow_strings();
  string_ = static_cast<int32_t>(strings_.size());
  string_at_[place_of_string(near_, far_)] = string_;
  strings_.push_back({near_, far_, {}});
}

void SymbolCounts::count(uint8_t symbol) {
  const uint64_t key = 1 + static_cast<uint64_t>(string_) * 256 + symbol;
  size_t place = place_of_transition(key);
  if (transition_at_[place].key == 0) {
    if (2 * ++transitions_ > transition_at_.size()) {
      grow_transitions();
      place = place_of_transition(key);
    }
    transition_at_[place].key = key;
  }
  const uint32_t count = ++transition_at_[place].count;
  Prediction& best = strings_[static_cast<size_t>(string_)].best;
  if (count > best.count || (count == best.count && symbol > best.symbol)) best = {symbol, count};
}

void SymbolCounts::grow_strings() {
  string_at_.assign(2 * string_at_.size(), -1);
  for (size_t i = 0; i < strings_.size(); ++i) {
    string_at_[place_of_string(strings_[i].near, strings_[i].far)] = static_cast<int32_t>(i);
  }
}

void SymbolCounts::grow_transitions() {
  std::vector<Transition> old(2 * transition_at_.size());
  std::swap(old, transition_at_);
  for (const Transition& transition : old) {
    if (transition.key != 0) transition_at_[place_of_transition(transition.key)] = transition;
  }
}

}  // namespace swell::entropy
