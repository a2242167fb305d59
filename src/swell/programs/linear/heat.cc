#include "swell/programs/linear/heat.h"

namespace swell::linear {

Books books_at_equilibrium(const Forces& forces, const Average& average) {
  const auto m = static_cast<int64_t>(average.end_states.size()) / average.replicas;
  std::vector<double> heat(average.replicas);
  for (int64_t t = 0; t < average.replicas; ++t) heat[t] = -forces.potential(average.end_states.data() + t * m);
  return {estimate(heat), {0, 0, average.replicas}};
}

Books books_in_steady_state(const Forces& forces, const Estimate& square, const Average& average) {
  const double time = average.machine_time / static_cast<double>(average.replicas);
  const Estimate heat{(square.mean - forces.trace()) * time, square.stderr_of_mean * time, square.count};
  return {heat, heat};
}

}  // namespace swell::linear
