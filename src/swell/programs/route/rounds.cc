#include "swell/programs/route/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

#include "swell/base/errors.h"
#include "swell/programs/route/matching.h"
#include "swell/random/sequence.h"
#include "swell/random/streams.h"

namespace swell::route {

namespace {

constexpr int64_t kMovesPerLook = 1 << 14;

// Streets at each junction.
std::vector<std::vector<int64_t>> incidence(const Streets& streets) {
  std::vector<std::vector<int64_t>> at(streets.junctions.size());
  for (size_t s = 0; s < streets.streets.size(); ++s) {
    at[streets.streets[s].a].push_back(static_cast<int64_t>(s));
    at[streets.streets[s].b].push_back(static_cast<int64_t>(s));
  }
  return at;
}

int64_t other_end(const Streets::Street& street, int64_t junction) {
  return street.a == junction ? street.b : street.a;
}

}  // namespace

Ways::Ways(const Streets& streets) : streets_(streets), junctions_(static_cast<int64_t>(streets.junctions.size())) {
  if (junctions_ > kMostJunctions)
    throw InputError(fmt::format("the network has {} junctions; allowed are up to {}", junctions_, kMostJunctions));
  const auto at = incidence(streets);
  length_.assign(junctions_ * junctions_, INFINITY);
  last_street_.assign(junctions_ * junctions_, -1);
  for (int64_t from = 0; from < junctions_; ++from) {
    double* length = &length_[from * junctions_];
    using Item = std::pair<double, int64_t>;
    std::priority_queue<Item, std::vector<Item>, std::greater<>> queue;
    length[from] = 0;
    queue.emplace(0.0, from);
    while (!queue.empty()) {
      const auto [far, junction] = queue.top();
      queue.pop();
      if (far > length[junction]) continue;
      for (const int64_t s : at[junction]) {
        const int64_t to = other_end(streets.streets[s], junction);
        const double there = far + streets.streets[s].length;
        if (there >= length[to]) continue;
        length[to] = there;
        last_street_[from * junctions_ + to] = static_cast<int32_t>(s);
        queue.emplace(there, to);
      }
    }
  }
}

void Ways::append(int64_t a, int64_t b, std::vector<int64_t>& streets) const {
  const size_t first = streets.size();
  for (int64_t junction = b; junction != a;) {
    const int64_t s = last_street_[a * junctions_ + junction];
    streets.push_back(s);
    junction = other_end(streets_.streets[s], junction);
  }
  std::reverse(streets.begin() + static_cast<int64_t>(first), streets.end());
}

namespace {

using Pairs = std::vector<std::pair<int64_t, int64_t>>;  // of junctions

std::vector<int64_t> odd_junctions(const Streets& streets) {
  std::vector<int64_t> odd;
  const auto at = incidence(streets);
  for (size_t j = 0; j < at.size(); ++j) {
    if (at[j].size() % 2 == 1) odd.push_back(static_cast<int64_t>(j));
  }
  return odd;
}

// All streets once, and the ways between the pairs once more: an Euler tour (C. Hierholzer, Math. Ann. 6, 30 (1873)).
Round round_through(const Streets& streets, const Ways& ways, const Pairs& pairs) {
  std::vector<int64_t> copies(streets.streets.size());
  std::iota(copies.begin(), copies.end(), 0);
  for (const auto& [a, b] : pairs) ways.append(a, b, copies);
  std::vector<std::vector<size_t>> at(streets.junctions.size());
  Round round;
  for (size_t k = 0; k < copies.size(); ++k) {
    const auto& street = streets.streets[copies[k]];
    at[street.a].push_back(k);
    at[street.b].push_back(k);
    round.length += street.length;
  }
  std::vector<char> used(copies.size(), 0);
  std::vector<std::pair<int64_t, int64_t>> stack = {{streets.depot, -1}};  // junction, street that led there
  while (!stack.empty()) {
    const auto [junction, by] = stack.back();
    auto& open = at[junction];
    while (!open.empty() && used[open.back()]) open.pop_back();
    if (open.empty()) {
      if (by >= 0) round.streets.push_back(by);
      stack.pop_back();
      continue;
    }
    const size_t k = open.back();
    used[k] = 1;
    stack.emplace_back(other_end(streets.streets[copies[k]], junction), copies[k]);
  }
  return round;
}

}  // namespace

Round search_postman(const Streets& streets, const Ways& ways, const SearchOptions& options, SearchFigures& figures) {
  const std::vector<int64_t> odd = odd_junctions(streets);
  const auto count = static_cast<int64_t>(odd.size());
  double mean = 0;
  for (const int64_t a : odd) {
    for (const int64_t b : odd) mean += ways.length(a, b) / static_cast<double>(count * count);
  }
  figures.hot = std::max(1e-12, mean / 2);
  figures.cold = figures.hot / 1000;
  Runs<Pairs> runs(options, figures);
  const Pairs best = runs.best_of([&](int64_t number) {
    Sequence draws({options.seed, stream::kRoute}, static_cast<uint64_t>(number));
    std::vector<int64_t> mate = odd;  // neighbours 2 k and 2 k + 1 are a pair
    for (int64_t k = count - 1; k > 0; --k) std::swap(mate[k], mate[draws.below(k + 1)]);
    const int64_t moves = count < 4 ? 0 : 4000 * count << std::min<int64_t>(number / 4, 6);
    int64_t done = 0, accepted = 0;
    for (; done < moves; ++done) {
      if (done % kMovesPerLook == 0 && !runs.open()) break;
      const double kT =
          figures.hot * std::pow(figures.cold / figures.hot, static_cast<double>(done) / static_cast<double>(moves));
      const int64_t p = draws.below(count), q = draws.below(count);
      if (p / 2 == q / 2) continue;
      // p and q change places.
      const double change = ways.length(mate[p ^ 1], mate[q]) + ways.length(mate[q ^ 1], mate[p]) -
                            ways.length(mate[p ^ 1], mate[p]) - ways.length(mate[q ^ 1], mate[q]);
      if (change > 0 && draws.uniform() >= std::exp(-change / kT)) continue;
      std::swap(mate[p], mate[q]);
      ++accepted;
    }
    runs.count(static_cast<double>(done), static_cast<double>(accepted));
    Pairs pairs;
    double length = 0;
    for (int64_t k = 0; k + 1 < count; k += 2) {
      pairs.emplace_back(mate[k], mate[k + 1]);
      length += ways.length(mate[k], mate[k + 1]);
    }
    runs.offer(pairs, length, number);
  });
  return round_through(streets, ways, best);
}

Round exact_postman(const Streets& streets, const Ways& ways) {
  const std::vector<int64_t> odd = odd_junctions(streets);
  const auto count = static_cast<int64_t>(odd.size());
  // Whole numbers, the longest way 2^40: rounding is below a part in 10^11 of a length.
  double longest = 0;
  for (const int64_t a : odd) {
    for (const int64_t b : odd) longest = std::max(longest, ways.length(a, b));
  }
  std::vector<int64_t> weights;
  for (const int64_t a : odd) {
    for (const int64_t b : odd) weights.push_back(std::llround(ways.length(a, b) / longest * 0x1p40));
  }
  Pairs pairs;
  for (const auto& [a, b] : least_perfect_matching(count, weights)) pairs.emplace_back(odd[a], odd[b]);
  return round_through(streets, ways, pairs);
}

namespace {

// A street of a round's plan: walked from `from` to `to`.
struct Service {
  int64_t street, from, to;
  Service turned() const { return {street, to, from}; }
};

// An order of streets to serve. Its cost is the length, or -reward with every unit of length beyond the limit paid for
// dearly; each move is priced from scratch, which short plans allow.
class Plan {
 public:
  Plan(const Streets& streets, const Ways& ways, Duty duty, double most_length)
      : streets_(streets), ways_(ways), duty_(duty), most_length_(most_length) {
    double reward = 0, length = 0;
    for (size_t s = 0; s < streets.streets.size(); ++s) {
      const auto& street = streets.streets[s];
      reward += street.reward;
      length += street.length;
      if (duty == Duty::rewards ? street.reward > 0 : street.duty || duty == Duty::all)
        outside_.push_back({static_cast<int64_t>(s), street.a, street.b});
    }
    reward_per_length_ = reward / length;
    if (duty != Duty::rewards) order_.swap(outside_);
    cost_ = price();
  }

  double best_cost() const { return best_cost_; }
  // Remembers the plan where it is the best so far that keeps to the limit.
  void keep_best() {
    if (cost_ >= best_cost_ || !feasible()) return;
    best_cost_ = cost_;
    best_ = order_;
  }
  bool feasible() const { return duty_ != Duty::rewards || length() <= most_length_ * (1 + 1e-12); }
  int64_t size() const { return static_cast<int64_t>(order_.size() + outside_.size()); }
  double scale() const { return reward_per_length_; }

  void shuffle(Sequence& draws) {
    for (auto k = static_cast<int64_t>(order_.size()) - 1; k > 0; --k) std::swap(order_[k], order_[draws.below(k + 1)]);
    cost_ = price();
  }

  bool move(double kT, Sequence& draws) {
    const std::vector<Service> order = order_, outside = outside_;
    if (!change(draws)) return false;
    const double cost = price();
    if (cost <= cost_ || draws.uniform() < std::exp((cost_ - cost) / kT)) {
      cost_ = cost;
      return true;
    }
    order_ = order;
    outside_ = outside;
    return false;
  }

  Round round() const {
    Round round;
    int64_t at = streets_.depot;
    for (const Service& service : best_) {
      ways_.append(at, service.from, round.streets);
      round.streets.push_back(service.street);
      at = service.to;
    }
    ways_.append(at, streets_.depot, round.streets);
    for (const int64_t s : round.streets) round.length += streets_.streets[s].length;
    return round;
  }

 private:
  double length() const {
    double sum = 0;
    int64_t at = streets_.depot;
    for (const Service& service : order_) {
      sum += ways_.length(at, service.from) + streets_.streets[service.street].length;
      at = service.to;
    }
    return sum + ways_.length(at, streets_.depot);
  }

  double price() const {
    if (duty_ != Duty::rewards) return length();
    double reward = 0;
    for (const Service& service : order_) reward += streets_.streets[service.street].reward;
    const double walked = length();
    // A little for the length itself, so that of equal rewards the shorter round is kept.
    return reward_per_length_ * (5 * std::max(0.0, walked - most_length_) + 1e-3 * walked) - reward;
  }

  bool change(Sequence& draws) {
    const auto n = static_cast<int64_t>(order_.size()), m = static_cast<int64_t>(outside_.size());
    const int64_t kind = draws.below(duty_ == Duty::rewards ? 6 : 3);
    if (kind >= 3 && kind <= 4 && m > 0) {  // one more; with 4, in place of another
      const int64_t which = draws.below(m);
      Service service = outside_[which];
      if (draws.bits() >> 31) service = service.turned();
      if (kind == 4 && n > 0) {
        const int64_t place = draws.below(n);
        std::swap(order_[place], service);
        outside_[which] = service;
        return true;
      }
      outside_.erase(outside_.begin() + which);
      order_.insert(order_.begin() + draws.below(n + 1), service);
      return true;
    }
    if (n == 0) return false;
    if (kind == 5) {  // one less
      const int64_t place = draws.below(n);
      outside_.push_back(order_[place]);
      order_.erase(order_.begin() + place);
      return true;
    }
    int64_t i = draws.below(n), j = draws.below(n);
    if (i > j) std::swap(i, j);
    if (kind == 0) {  // a stretch the other way round; one street alone is walked the other way
      std::reverse(order_.begin() + i, order_.begin() + j + 1);
      for (int64_t k = i; k <= j; ++k) order_[k] = order_[k].turned();
    } else if (kind == 1) {  // one street elsewhere
      Service service = order_[i];
      order_.erase(order_.begin() + i);
      if (draws.bits() >> 31) service = service.turned();
      order_.insert(order_.begin() + draws.below(n), service);
    } else {
      order_[i] = order_[i].turned();
    }
    return true;
  }

  const Streets& streets_;
  const Ways& ways_;
  const Duty duty_;
  const double most_length_;
  double reward_per_length_ = 0, cost_ = 0, best_cost_ = 1e300;
  std::vector<Service> order_, outside_, best_;
};

}  // namespace

Round search_round(const Streets& streets, const Ways& ways, Duty duty, double most_length,
                   const SearchOptions& options, SearchFigures& figures) {
  double mean = 0;
  for (const auto& street : streets.streets) mean += street.length / static_cast<double>(streets.streets.size());
  const Plan start(streets, ways, duty, most_length);
  const double unit = duty == Duty::rewards ? mean * start.scale() : mean;
  figures.hot = std::max(1e-300, 2 * unit);
  figures.cold = figures.hot / 200;
  Runs<Round> runs(options, figures);
  return runs.best_of([&](int64_t number) {
    Sequence draws({options.seed, stream::kRoute}, static_cast<uint64_t>(number));
    Plan plan = start;  // of rewards: no street yet, which is a round of no length
    plan.keep_best();
    plan.shuffle(draws);
    const int64_t moves = 3000 * (plan.size() + 1) << std::min<int64_t>(number / 4, 6);
    int64_t done = 0, accepted = 0;
    for (; done < moves; ++done) {
      if (done % 2048 == 0 && !runs.open()) break;
      const double kT =
          figures.hot * std::pow(figures.cold / figures.hot, static_cast<double>(done) / static_cast<double>(moves));
      accepted += plan.move(kT, draws);
      plan.keep_best();
    }
    runs.count(static_cast<double>(done), static_cast<double>(accepted));
    runs.offer(plan.round(), plan.best_cost(), number);
  });
}

RoundCheck check_round(const Streets& streets, std::span<const int64_t> round) {
  RoundCheck check;
  std::vector<char> walked(streets.streets.size(), 0);
  int64_t at = streets.depot;
  check.junctions.push_back(at);
  for (const int64_t s : round) {
    if (s < 0 || s >= static_cast<int64_t>(streets.streets.size()))
      throw InputError(fmt::format("the round names street {} of {}", s, streets.streets.size()));
    const auto& street = streets.streets[s];
    if (street.a != at && street.b != at)
      throw InputError(
          fmt::format("the round goes on with a street that does not begin at {}", streets.junctions[at].name));
    at = other_end(street, at);
    check.junctions.push_back(at);
    check.length += street.length;
    if (walked[s]) continue;
    walked[s] = 1;
    ++check.walked;
    check.reward += street.reward;
  }
  if (at != streets.depot)
    throw InputError(fmt::format("the round ends at {}, not at the depot", streets.junctions[at].name));
  for (size_t s = 0; s < walked.size(); ++s) {
    check.duties += streets.streets[s].duty;
    check.duties_done += streets.streets[s].duty && walked[s];
  }
  return check;
}

}  // namespace swell::route
