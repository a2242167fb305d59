#include "swell/engine/starts.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "swell/base/errors.h"
#include "swell/physics/equilibrium.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell {

std::vector<double> dispersed_starts(const Computer& computer, double kT, uint64_t seed, int64_t first_trajectory,
                                     int64_t trajectories) {
  const int64_t n = computer.units();
  std::map<std::array<double, 3>, UnitLaw> laws;  // units are mostly alike
  std::vector<const UnitLaw*> law(n);
  for (int64_t i = 0; i < n; ++i) {
    const std::array<double, 3> kind{computer.J2[i], computer.J3[i], computer.J4[i]};
    auto found = laws.find(kind);
    if (found == laws.end()) {
      try {
        found = laws.emplace(kind, UnitLaw(kind[0], kind[1], kind[2], 0, kDispersion * kT)).first;
      } catch (const InputError& error) {
        throw InputError(fmt::format("dispersed starts: unit {}: {}", i, error.what()));
      }
    }
    law[i] = &found->second;
  }
  std::vector<double> x(trajectories * n);
  for (int64_t t = 0; t < trajectories; ++t) {
    for (int64_t i = 0; i < n; ++i)
      x[t * n + i] = law[i]->quantile(draw_uniform({seed, stream::kStart}, first_trajectory + t, i));
  }
  return x;
}

}  // namespace swell
