#include "swell/programs/route/tour_chain.h"

#include <algorithm>
#include <cmath>

#include "swell/physics/metropolis.h"

namespace swell::route {

namespace {

constexpr int kBreadth[TourChain::kDepth] = {8, 5, 3, 2, 1};  // candidates tried for each new edge
constexpr int64_t kKick = 30, kWalk = 30;                     // longest of the stretches that a kick exchanges
constexpr int64_t kLook = 1000;                               // cities between two looks at the clock

}  // namespace

TourChain::TourChain(const TourMap& map, std::span<const int32_t> order)
    : map_(map),
      cities_(static_cast<int32_t>(map.cities())),
      order_(order.begin(), order.end()),
      place_(cities_),
      waits_(cities_, 0) {
  for (int32_t k = 0; k < cities_; ++k) {
    place_[order_[k]] = k;
    length_ += map.between(order_[k], order_[k + 1 == cities_ ? 0 : k + 1]);
  }
}

void TourChain::descend(std::span<const int32_t> cities, const std::function<bool()>& go_on) {
  for (const int32_t city : cities) push(city);
  while (settle()) {
    windows_.clear();
    old_.clear();
    if (!go_on()) break;
  }
  windows_.clear();
  old_.clear();
}

void TourChain::push(int32_t city) {
  if (waits_[city]) return;
  waits_[city] = 1;
  waiting_.push_back(city);
}

// Descends from the waiting cities; false when none waits any more.
bool TourChain::settle() {
  for (int64_t looks = 0; first_waiting_ < waiting_.size(); ++looks) {
    if (looks == kLook) return true;
    const int32_t city = waiting_[first_waiting_++];
    waits_[city] = 0;
    while (improve(city)) {
    }
  }
  waiting_.clear();
  first_waiting_ = 0;
  return false;
}

bool TourChain::improve(int32_t city) {
  for (const bool forward : {true, false}) {
    const int32_t next = forward ? after(city) : before(city);
    if (map_.held(city, next)) continue;
    city_[0] = city;
    city_[1] = next;
    later_[0] = !forward;
    later_[1] = forward;
    cut_[0] = place_[forward ? city : next];
    if (deepen(1, map_.between(city, next))) return true;
  }
  return false;
}

// `cuts` edges are out, `cuts` - 1 in, which leaves `gain`: tries each next edge in and edge out. True where an
// exchange that shortens the tour was made.
bool TourChain::deepen(int cuts, int64_t gain) {
  const int32_t last = city_[2 * cuts - 1];
  const auto near = map_.near(last);
  const int32_t last_after = after(last), last_before = before(last);
  int tried = 0;
  for (const auto& [city, distance] : near) {
    const int64_t left = gain - distance;
    if (tried++ == kBreadth[cuts - 1]) break;
    if (left <= 0 || city == last_after || city == last_before) continue;
    for (const bool forward : {true, false}) {
      const int32_t next = forward ? after(city) : before(city);
      const int32_t cut = place_[forward ? city : next];
      if (std::find(cut_, cut_ + cuts, cut) != cut_ + cuts || map_.held(city, next)) continue;
      city_[2 * cuts] = city;
      city_[2 * cuts + 1] = next;
      later_[2 * cuts] = !forward;
      later_[2 * cuts + 1] = forward;
      cut_[cuts] = cut;
      const int64_t open = left + map_.between(city, next);
      const int64_t closed = open - map_.between(next, city_[0]);
      if (closed > 0 && closes(cuts + 1)) {
        exchange(cuts + 1);
        length_ -= closed;
        return true;
      }
      if (cuts + 1 < kDepth && deepen(cuts + 1, open)) return true;
    }
  }
  return false;
}

// Whether the exchange with these cuts is a tour; then parts_ is its order.
bool TourChain::closes(int cuts) {
  int rank[kDepth], at[kDepth];  // of a cut among the places; the cut of a rank
  for (int k = 0; k < cuts; ++k) {
    int r = k;
    for (; r > 0 && cut_[at[r - 1]] > cut_[k]; --r) at[r] = at[r - 1];
    at[r] = k;
  }
  for (int r = 0; r < cuts; ++r) rank[at[r]] = r;
  // End 2 r is the earlier one of the cut of rank r, 2 r + 1 the later; the part r runs from end 2 r + 1 to the earlier
  // end of the next cut.
  int partner[2 * kDepth];
  const auto end_of = [&](int k) { return 2 * rank[k / 2] + later_[k]; };
  for (int k = 1; k < 2 * cuts; k += 2) {
    const int a = end_of(k), b = end_of(k + 1 == 2 * cuts ? 0 : k + 1);
    partner[a] = b;
    partner[b] = a;
  }
  int end = 1;
  for (int count = 0; count < cuts; ++count) {
    const bool forward = end & 1;
    const int part = forward ? end / 2 : (end / 2 + cuts - 1) % cuts;
    const int32_t begin = cut_[at[part]] + 1 == cities_ ? 0 : cut_[at[part]] + 1, stop = cut_[at[(part + 1) % cuts]];
    int32_t size = stop - begin + 1;
    if (size <= 0) size += cities_;
    parts_[count] = {begin, size, !forward};
    const int other = forward ? 2 * ((part + 1) % cuts) : 2 * part + 1;
    end = partner[other];
    if (end == 1) return count + 1 == cuts;
  }
  return false;
}

// Makes the exchange that closes() has found: the longest part stays, the others are written anew.
void TourChain::exchange(int cuts) {
  int longest = 0;
  for (int k = 1; k < cuts; ++k) {
    if (parts_[k].size > parts_[longest].size) longest = k;
  }
  std::rotate(parts_, parts_ + longest, parts_ + cuts);
  if (parts_[0].reversed) {
    std::reverse(parts_ + 1, parts_ + cuts);
    for (int k = 0; k < cuts; ++k) parts_[k].reversed = !parts_[k].reversed;
  }
  int32_t from = parts_[0].from + parts_[0].size;
  if (from >= cities_) from -= cities_;
  // What stands where it stood at either end of the window stays too.
  int first = 1, last = cuts;
  while (first < last && !parts_[first].reversed && parts_[first].from == from) {
    from += parts_[first++].size;
    if (from >= cities_) from -= cities_;
  }
  int32_t stop = parts_[0].from;
  while (first < last && !parts_[last - 1].reversed) {
    int32_t end = parts_[last - 1].from + parts_[last - 1].size;
    if (end >= cities_) end -= cities_;
    if (end != stop) break;
    stop = parts_[--last].from;
  }
  new_.clear();
  for (int k = first; k < last; ++k) {
    int32_t place = parts_[k].from;
    if (parts_[k].reversed) {
      place += parts_[k].size - 1;
      if (place >= cities_) place -= cities_;
      for (int32_t left = parts_[k].size; left > 0; --left) {
        new_.push_back(order_[place]);
        place = place == 0 ? cities_ - 1 : place - 1;
      }
    } else {
      for (int32_t left = parts_[k].size; left > 0; --left) {
        new_.push_back(order_[place]);
        if (++place == cities_) place = 0;
      }
    }
  }
  rewrite(from, new_);
  for (int k = 0; k < 2 * cuts; ++k) push(city_[k]);
}

void TourChain::rewrite(int32_t from, std::span<const int32_t> cities) {
  windows_.push_back({from, static_cast<int32_t>(cities.size())});
  for (const int32_t city : cities) {
    old_.push_back(order_[from]);
    order_[from] = city;
    place_[city] = from;
    if (++from == cities_) from = 0;
  }
}

void TourChain::undo() {
  while (!windows_.empty()) {
    auto [from, size] = windows_.back();
    windows_.pop_back();
    const size_t begin = old_.size() - static_cast<size_t>(size);
    for (size_t k = begin; k < old_.size(); ++k) {
      order_[from] = old_[k];
      place_[old_[k]] = from;
      if (++from == cities_) from = 0;
    }
    old_.resize(begin);
  }
}

// Three stretches in a row, short ones, or those between four cities that walks along candidates lead to. False where
// the walks end in one place.
bool TourChain::choose(Sequence& draws) {
  int32_t cuts[4];
  if (draws.bits() >> 31) {
    const int64_t longest = std::min<int64_t>(kKick, (cities_ - 1) / 3);
    cuts[0] = static_cast<int32_t>(draws.below(cities_));
    for (int k = 1; k < 4; ++k) cuts[k] = cuts[k - 1] + 1 + static_cast<int32_t>(draws.below(longest));
  } else {
    const auto start = static_cast<int32_t>(draws.below(cities_));
    for (int k = 0; k < 4; ++k) {
      int32_t city = start;
      for (int64_t steps = k == 0 ? 0 : 1 + draws.below(kWalk); steps > 0; --steps) {
        const auto near = map_.near(city);
        if (!near.empty()) city = near[draws.below(static_cast<int64_t>(near.size()))].city;
      }
      cuts[k] = place_[city];
    }
    std::sort(cuts, cuts + 4);
    // What is left out is the longest stretch.
    int last = 3;
    int32_t longest = cuts[0] + cities_ - cuts[3];
    for (int k = 0; k < 3; ++k) {
      if (cuts[k] == cuts[k + 1]) return false;
      if (cuts[k + 1] - cuts[k] > longest) {
        longest = cuts[k + 1] - cuts[k];
        last = k;
      }
    }
    for (int k = 0; k <= last; ++k) cuts[k] += cities_;
    std::rotate(cuts, cuts + (last + 1) % 4, cuts + 4);
  }
  for (int k = 0; k < 3; ++k) parts_[k] = {(cuts[k] + 1) % cities_, cuts[k + 1] - cuts[k], false};
  return true;
}

// The double bridge: three stretches in a row change places, the last first. False where a held edge is in the way.
bool TourChain::kick(Sequence& draws, int64_t& cost) {
  if (!choose(draws)) return false;
  const auto& parts = parts_;
  int32_t ends[8];  // before the first stretch, first and last of each, after the last
  ends[0] = order_[parts[0].from == 0 ? cities_ - 1 : parts[0].from - 1];
  int32_t place = 0;
  for (int k = 0; k < 3; ++k) {
    ends[2 * k + 1] = order_[parts[k].from];
    place = (parts[k].from + parts[k].size - 1) % cities_;
    ends[2 * k + 2] = order_[place];
  }
  ends[7] = order_[place + 1 == cities_ ? 0 : place + 1];
  for (int k = 0; k < 8; k += 2) {
    if (map_.held(ends[k], ends[k + 1])) return false;
    cost -= map_.between(ends[k], ends[k + 1]);
  }
  cost += map_.between(ends[0], ends[5]) + map_.between(ends[6], ends[3]) + map_.between(ends[4], ends[1]) +
          map_.between(ends[2], ends[7]);
  new_.clear();
  for (const int k : {2, 1, 0}) {
    int32_t at = parts[k].from;
    for (int32_t left = parts[k].size; left > 0; --left) {
      new_.push_back(order_[at]);
      if (++at == cities_) at = 0;
    }
  }
  rewrite(parts[0].from, new_);
  for (const int32_t city : ends) push(city);
  return true;
}

bool TourChain::step(double kT, Sequence& draws) {
  const int64_t before = length_;
  windows_.clear();
  old_.clear();
  if (cities_ < 8 || !kick(draws, length_)) {
    length_ = before;
    return false;
  }
  while (settle()) {
  }
  const int64_t cost = length_ - before;
  if (metropolis_takes(static_cast<double>(cost), kT, [&] { return draws.uniform(); })) return true;
  undo();
  length_ = before;
  return false;
}

}  // namespace swell::route
