#include "swell/programs/route/plan.h"

#include <algorithm>
#include <cmath>

#include "swell/physics/metropolis.h"

namespace swell::route {

namespace {

bool served(const RoundTask& task, size_t s) {
  return task.must[s] || (task.rewards && task.network.streets[s].reward > 0);
}

}  // namespace

std::vector<int64_t> junctions_of_plan(const RoundTask& task) {
  std::vector<char> in(task.network.junctions.size(), 0);
  in[task.start] = 1;
  if (task.end) in[*task.end] = 1;
  for (size_t s = 0; s < task.must.size(); ++s) {
    if (served(task, s)) in[task.network.streets[s].a] = in[task.network.streets[s].b] = 1;
  }
  std::vector<int64_t> junctions;
  for (size_t j = 0; j < in.size(); ++j) {
    if (in[j]) junctions.push_back(static_cast<int64_t>(j));
  }
  return junctions;
}

Plan::Plan(const RoundTask& task, const Ways& ways) : task_(task), ways_(ways), symmetric_(task.network.symmetric()) {
  double length = 0, reward = 0;
  for (size_t s = 0; s < task.must.size(); ++s) {
    if (!served(task, s)) continue;
    const auto& street = task.network.streets[s];
    length += street.shorter();
    reward += street.reward;
    const Service service = {static_cast<int64_t>(s), street.back < street.length};
    (task.must[s] ? order_ : outside_).push_back(service);
  }
  const auto count = static_cast<double>(std::max<int64_t>(1, size()));
  unit_ = task.rewards ? reward / count : length / count;
  dear_ = task.rewards ? reward / std::max(length, 1e-300) : 0;
  measure();
  keep_best();
}

void Plan::follow(const Round& round) {
  std::vector<Service> all = order_;
  all.insert(all.end(), outside_.begin(), outside_.end());
  std::vector<char> wanted(task_.must.size(), 0);
  for (const Service& service : all) wanted[service.street] = 1;
  order_.clear();
  outside_.clear();
  for (const auto& [street, back] : round.steps) {
    if (!wanted[street]) continue;
    wanted[street] = 0;
    order_.push_back({street, back});
  }
  for (const Service& service : all) {
    if (wanted[service.street]) (task_.must[service.street] ? order_ : outside_).push_back(service);
  }
  measure();
  keep_best();
}

void Plan::shuffle(Sequence& draws) {
  for (auto k = static_cast<int64_t>(order_.size()) - 1; k > 0; --k) std::swap(order_[k], order_[draws.below(k + 1)]);
  measure();
}

int64_t Plan::left_at(int64_t place) const { return place == 0 ? task_.start : to(order_[place - 1]); }

double Plan::way(int64_t a, int64_t place) const {
  if (place < static_cast<int64_t>(order_.size())) return ways_.length(a, from(order_[place]));
  return task_.end ? ways_.length(a, *task_.end) : 0;
}

double Plan::price(double length, double reward) const {
  if (!task_.rewards) return length;
  return dear_ * (5 * std::max(0.0, length - task_.most_length) + 1e-3 * length) - reward;
}

void Plan::measure() {
  length_ = reward_ = 0;
  for (int64_t place = 0; place < static_cast<int64_t>(order_.size()); ++place) {
    length_ += way(left_at(place), place) + own(order_[place]);
    reward_ += task_.network.streets[order_[place].street].reward;
  }
  length_ += way(left_at(static_cast<int64_t>(order_.size())), static_cast<int64_t>(order_.size()));
  cost_ = price(length_, reward_);
}

void Plan::keep_best() {
  if (cost_ >= best_cost_ - 1e-9 * unit_ || length_ > task_.most_length * (1 + 1e-12)) return;
  measure();  // sums of changes drift
  if (measure_.value(length_) > task_.most_length) return;
  best_ = order_;
  best_cost_ = cost_;
}

bool Plan::take(double change, double reward, double kT, Sequence& draws) {
  const double cost = price(length_ + change, reward_ + reward);
  if (!metropolis_takes(cost - cost_, kT, [&] { return draws.uniform(); })) return false;
  length_ += change;
  reward_ += reward;
  cost_ = cost;
  return true;
}

// A stretch the other way round.
bool Plan::reverse(double kT, Sequence& draws) {
  const auto n = static_cast<int64_t>(order_.size());
  int64_t i = draws.below(n), j = symmetric_ ? draws.below(n) : std::min<int64_t>(n - 1, i + draws.below(30));
  if (i > j) std::swap(i, j);
  const int64_t before = left_at(i);
  double change =
      ways_.length(before, to(order_[j])) - way(before, i) + way(from(order_[i]), j + 1) - way(to(order_[j]), j + 1);
  if (!symmetric_) {
    for (int64_t k = i; k <= j; ++k) {
      if (!turns(order_[k])) return false;
      const Service turned = {order_[k].street, !order_[k].back};
      change += own(turned) - own(order_[k]);
      if (k > i)
        change += ways_.length(from(order_[k]), to(order_[k - 1])) - ways_.length(to(order_[k - 1]), from(order_[k]));
    }
  }
  if (!take(change, 0, kT, draws)) return false;
  std::reverse(order_.begin() + i, order_.begin() + j + 1);
  for (int64_t k = i; k <= j; ++k) order_[k].back = !order_[k].back;
  return true;
}

// A stretch of up to three streets elsewhere, either way round where that is allowed.
bool Plan::relocate(double kT, Sequence& draws) {
  const auto n = static_cast<int64_t>(order_.size());
  const int64_t i = draws.below(n), count = std::min<int64_t>(1 + draws.below(3), n - i);
  int64_t place = draws.below(n + 1);
  if (place >= i && place <= i + count) return false;
  const bool turned = draws.bits() >> 31;
  std::vector<Service> part(order_.begin() + i, order_.begin() + i + count);
  double change = 0;
  if (turned) {
    std::reverse(part.begin(), part.end());
    for (Service& service : part) {
      if (!turns(service)) return false;
      change -= own(service);
      service.back = !service.back;
      change += own(service);
    }
    if (!symmetric_) {
      for (int64_t k = 1; k < count; ++k)
        change +=
            ways_.length(to(part[k - 1]), from(part[k])) - ways_.length(to(order_[i + k - 1]), from(order_[i + k]));
    }
  }
  const int64_t before = left_at(i), last = to(order_[i + count - 1]), there = left_at(place);
  change += way(before, i + count) - way(before, i) - way(last, i + count);
  change += ways_.length(there, from(part[0])) + way(to(part.back()), place) - way(there, place);
  if (!take(change, 0, kT, draws)) return false;
  if (place > i) {
    std::rotate(order_.begin() + i, order_.begin() + i + count, order_.begin() + place);
    place -= count;
  } else {
    std::rotate(order_.begin() + place, order_.begin() + i, order_.begin() + i + count);
  }
  std::copy(part.begin(), part.end(), order_.begin() + place);
  return true;
}

bool Plan::turn(double kT, Sequence& draws) {
  const int64_t i = draws.below(static_cast<int64_t>(order_.size()));
  Service& service = order_[i];
  if (!turns(service)) return false;
  const Service turned = {service.street, !service.back};
  const double change = ways_.length(left_at(i), from(turned)) + own(turned) + way(to(turned), i + 1) -
                        way(left_at(i), i) - own(service) - way(to(service), i + 1);
  if (!take(change, 0, kT, draws)) return false;
  service = turned;
  return true;
}

Plan::Place Plan::place_for(int64_t street, Sequence& draws) const {
  const auto n = static_cast<int64_t>(order_.size());
  // Of longer plans a part of the places is tried.
  const int64_t tries = std::min<int64_t>(n + 1, 24), first = draws.below(n + 1);
  Place best = {INFINITY, 0, false};
  for (int64_t k = 0; k < tries; ++k) {
    const int64_t place = (first + k) % (n + 1), before = left_at(place);
    for (const bool back : {false, true}) {
      const Service service = {street, back};
      if (back && !turns(service)) continue;
      const double change =
          ways_.length(before, from(service)) + own(service) + way(to(service), place) - way(before, place);
      if (change < best.change) best = {change, place, back};
    }
  }
  return best;
}

bool Plan::insert(double kT, Sequence& draws) {
  if (outside_.empty()) return false;
  const int64_t which = draws.below(static_cast<int64_t>(outside_.size())), street = outside_[which].street;
  const Place place = place_for(street, draws);
  if (!take(place.change, task_.network.streets[street].reward, kT, draws)) return false;
  std::swap(outside_[which], outside_.back());
  outside_.pop_back();
  order_.insert(order_.begin() + place.place, {street, place.back});
  return true;
}

bool Plan::remove(double kT, Sequence& draws) {
  const int64_t i = draws.below(static_cast<int64_t>(order_.size()));
  const Service service = order_[i];
  if (task_.must[service.street]) return false;
  const double change = way(left_at(i), i + 1) - way(left_at(i), i) - own(service) - way(to(service), i + 1);
  if (!take(change, -task_.network.streets[service.street].reward, kT, draws)) return false;
  outside_.push_back(service);
  order_.erase(order_.begin() + i);
  return true;
}

// One street out, another in where it fits best.
bool Plan::exchange(double kT, Sequence& draws) {
  if (outside_.empty()) return false;
  const int64_t i = draws.below(static_cast<int64_t>(order_.size())),
                which = draws.below(static_cast<int64_t>(outside_.size()));
  const Service out = order_[i];
  const int64_t street = outside_[which].street;
  if (task_.must[out.street]) return false;
  const double less = way(left_at(i), i + 1) - way(left_at(i), i) - own(out) - way(to(out), i + 1);
  order_.erase(order_.begin() + i);
  const Place place = place_for(street, draws);
  const auto& all = task_.network.streets;
  if (!take(less + place.change, all[street].reward - all[out.street].reward, kT, draws)) {
    order_.insert(order_.begin() + i, out);
    return false;
  }
  order_.insert(order_.begin() + place.place, {street, place.back});
  outside_[which] = out;
  return true;
}

bool Plan::move(double kT, Sequence& draws) {
  const int64_t kind = draws.below(task_.rewards ? 8 : 4);
  bool taken = false;
  if (kind == 4 || kind == 5 || order_.empty()) {
    taken = insert(kT, draws);
  } else if (kind == 0) {
    taken = reverse(kT, draws);
  } else if (kind == 1) {
    taken = turn(kT, draws);
  } else if (kind <= 3) {
    taken = relocate(kT, draws);
  } else if (kind == 6) {
    taken = remove(kT, draws);
  } else {
    taken = exchange(kT, draws);
  }
  if (taken) keep_best();
  return taken;
}

Round Plan::walk(const std::vector<Service>& services) const {
  Round round;
  int64_t at = task_.start;
  for (const Service& service : services) {
    ways_.append(at, from(service), round.steps);
    round.steps.push_back({service.street, service.back});
    at = to(service);
  }
  if (task_.end) ways_.append(at, *task_.end, round.steps);
  round.length = length_of(task_.network, round.steps);
  return round;
}

}  // namespace swell::route
