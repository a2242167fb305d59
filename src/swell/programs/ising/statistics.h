#pragma once

#include <cstdint>
#include <vector>

namespace swell::ising {

// Time until one success with probability 0.99, of runs of length t_a that succeed with probability s each:
//   TTS = t_a ceil(ln(1 - 0.99) / ln(1 - s))
// Infinite for s = 0, t_a for s = 1.
double time_to_solution(double run_s, double success);

// A proportion with its 95 % interval by Wilson's score.
struct Proportion {
  double value, low, high;
};
Proportion proportion(int64_t successes, int64_t tries);

// When to give a search up and begin anew: of the times at which searches reached their goal (infinite where they did
// not, within `run_s`), the one with the least time to solution. Chosen from the searches themselves, so a little
// short.
struct Restart {
  double after_s;
  int64_t successes;  // until then
};
Restart best_restart(std::vector<double> hit_s, double run_s);

}  // namespace swell::ising
