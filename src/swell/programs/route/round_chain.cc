#include "swell/programs/route/round_chain.h"

#include <algorithm>

#include "swell/random/streams.h"

namespace swell::route {

Cooling cooling_of(const RoundTask& task, const Plan& plan) {
  const double hot = std::max(1e-300, plan.unit());
  return {hot, hot / (task.rewards ? 50 : 200), 20'000 * (plan.size() + 1)};
}

RoundChain::RoundChain(const Plan& start, const Cooling& cooling, bool shuffled, uint64_t seed, int64_t run)
    : cooling_(cooling),
      schedule_{{{0.0, cooling.hot}, {1.0, cooling.cold}}, true},
      draws_({seed, stream::kRoute}, static_cast<uint64_t>(run)),
      plan_(start) {
  if (shuffled) plan_.shuffle(draws_);
}

double RoundChain::kT() const { return schedule_(static_cast<double>(cooled_) / static_cast<double>(cooling_.moves)); }

void RoundChain::advance(int64_t moves) {
  const int64_t last = std::min(cooling_.moves, cooled_ + moves);
  moves_ += last - cooled_;
  for (; cooled_ < last; ++cooled_) accepted_ += plan_.move(kT(), draws_);
}

void RoundChain::hold(double kT, int64_t moves) {
  moves_ += moves;
  for (int64_t k = 0; k < moves; ++k) accepted_ += plan_.move(kT, draws_);
}

}  // namespace swell::route
