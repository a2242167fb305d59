#pragma once

#include <cstdint>

#include "swell/model/protocol.h"
#include "swell/programs/route/plan.h"
#include "swell/random/sequence.h"

namespace swell::route {

// How a chain cools: from hot to cold, in units of the cost, by the same factor with each move.
struct Cooling {
  double hot = 0, cold = 0;
  int64_t moves = 0;
};

// The temperatures between which plans of this task are cooled, and as many moves as let a plan settle.
Cooling cooling_of(const RoundTask& task, const Plan& plan);

// A Metropolis chain of plans that cools: one run of the thermal search. It can be advanced in parts of any length,
// which end in the same plan.
class RoundChain {
 public:
  // Chain number `run` of a seed. shuffled: from an order at random in place of the plan's. The task and the ways of
  // the plan must outlive the chain.
  RoundChain(const Plan& start, const Cooling& cooling, bool shuffled, uint64_t seed, int64_t run);

  // Takes so many moves, fewer at the end.
  void advance(int64_t moves);
  // Takes so many moves at kT, which are no part of the cooling.
  void hold(double kT, int64_t moves);

  bool finished() const { return cooled_ == cooling_.moves; }
  double kT() const;  // of the next move of the cooling
  int64_t cooled() const { return cooled_; }
  int64_t moves() const { return moves_; }  // with those that were held
  int64_t accepted() const { return accepted_; }
  const Plan& plan() const { return plan_; }

 private:
  Cooling cooling_;
  Schedule schedule_;
  Sequence draws_;
  Plan plan_;
  int64_t cooled_ = 0, moves_ = 0, accepted_ = 0;
};

}  // namespace swell::route
