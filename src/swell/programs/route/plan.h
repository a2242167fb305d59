#pragma once

#include <cstdint>
#include <vector>

#include "swell/programs/route/round.h"
#include "swell/programs/route/ways.h"
#include "swell/random/sequence.h"

namespace swell::route {

// An order and a direction of the streets that a round serves, with shortest ways between them. Its cost is the length;
// with rewards, -reward and a little for the length, every unit beyond the limit paid for dearly. A move is priced by
// what it changes.
class Plan {
 public:
  // Nothing served yet but the streets of `must`.
  Plan(const RoundTask& task, const Ways& ways);

  // The streets of the round in the order in which it first walks them; of those that are no duty only the rewarding.
  void follow(const Round& round);
  void shuffle(Sequence& draws);
  // One change, taken by Metropolis.
  bool move(double kT, Sequence& draws);

  int64_t size() const { return static_cast<int64_t>(order_.size() + outside_.size()); }
  double cost() const { return cost_; }
  double length() const { return length_; }
  double reward() const { return reward_; }
  double best_cost() const { return best_cost_; }  // 1e300: no plan yet keeps the limit
  double unit() const { return unit_; }            // a typical change of the cost
  Round best_round() const { return walk(best_); }
  Round round() const { return walk(order_); }  // as the plan is now

 private:
  struct Service {
    int64_t street;
    bool back;
  };
  int64_t from(const Service& s) const { return begin_of(task_.network.streets[s.street], s.back); }
  int64_t to(const Service& s) const { return end_of(task_.network.streets[s.street], s.back); }
  double own(const Service& s) const { return task_.network.streets[s.street].walked(s.back); }
  bool turns(const Service& s) const { return !task_.network.streets[s.street].one_way(); }
  int64_t left_at(int64_t place) const;        // where the service before this place ends
  double way(int64_t a, int64_t place) const;  // from junction a to the service at this place, or home
  Round walk(const std::vector<Service>& services) const;
  double price(double length, double reward) const;
  bool take(double change, double reward, double kT, Sequence& draws);
  void measure();
  void keep_best();
  bool reverse(double kT, Sequence& draws);
  bool relocate(double kT, Sequence& draws);
  bool turn(double kT, Sequence& draws);
  bool insert(double kT, Sequence& draws);
  bool remove(double kT, Sequence& draws);
  bool exchange(double kT, Sequence& draws);
  // The cheapest place for the street near one drawn at random: change of length, place, direction.
  struct Place {
    double change;
    int64_t place;
    bool back;
  };
  Place place_for(int64_t street, Sequence& draws) const;

  const RoundTask& task_;
  const Measure measure_ = measure_of_lengths(task_.network);
  const Ways& ways_;
  const bool symmetric_;
  double unit_ = 1, dear_ = 0;
  double length_ = 0, reward_ = 0, cost_ = 0, best_cost_ = 1e300;
  std::vector<Service> order_, outside_, best_;
};

// The junctions that a plan's ways join.
std::vector<int64_t> junctions_of_plan(const RoundTask& task);

}  // namespace swell::route
