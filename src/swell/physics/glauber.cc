#include "swell/physics/glauber.h"

#include <algorithm>
#include <cmath>

namespace swell {

double flip_probability(FlipRule update, double beta_dE) {
  if (update == FlipRule::metropolis) return beta_dE <= 0 ? 1.0 : std::exp(-beta_dE);
  return 1 / (1 + std::exp(beta_dE));
}

uint64_t flip_threshold_bits(FlipRule update, double beta_dE) {
  return static_cast<uint64_t>(std::llround(flip_probability(update, beta_dE) * 0x1p32));
}

}  // namespace swell
