#pragma once

#include <cstdint>
#include <vector>

#include "swell/learn/fokker_planck.h"

namespace swell {

// The sums over steps that moments need, as functions of the pattern. Of one table, by rows of its patterns:
// a_k and b_k (k < rank), then sum_t w <x'>, sum_t w <y>, sum_t w <x'^2>, where w is the weight of a step.
struct TimeSums {
  std::vector<double> patterns;
  std::vector<double> values;  // [patterns][2 rank + 3]
};

struct TimeReduction {
  int rank = 0;
  double truncation = 0;  // largest error of sum_k a_k a_k or sum_k b_k a_k per step, over all pairs of tabled patterns
  double weight = 0;      // sum of the weights of the steps
  std::vector<TimeSums> tables;
};

// Finds the few time functions that all tables together need (learn/moments.h). The tables have the same steps.
TimeReduction reduce_times(const std::vector<OneUnitTable>& tables);

}  // namespace swell
