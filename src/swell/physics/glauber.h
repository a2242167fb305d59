#pragma once

#include <cstdint>

#include "swell/base/inline.h"
#include "swell/random/normal.h"

namespace swell {

// One update of one p-bit in its local field I, the others at rest (R. Glauber, J. Math. Phys. 4, 294 (1963);
// Metropolis et al., J. Chem. Phys. 21, 1087 (1953)):
//   a flip costs   dE = 2 m I
//   Gibbs:         flips with 1 / (1 + exp(beta dE)), so that P(m = +1) = 1 / (1 + exp(-2 beta I))
//   Metropolis:    flips with min(1, exp(-beta dE))
// Both keep the Boltzmann distribution exactly at any beta, as long as no two coupled units are updated at once.
enum class FlipRule { gibbs, metropolis };

// With u uniform in (0, 1), the unit flips where beta dE < flip_threshold(u). Single precision, the same bits
// everywhere; finer than the 2^-32 grain of u.
SWELL_INLINE float flip_threshold(FlipRule update, uint32_t bits) {
  const float u = uniform_open_closed(bits);
  const float exponential = -log_unit(u);
  if (update == FlipRule::metropolis) return exponential;
  return exponential + log_unit(uniform_open_closed(~bits));
}

// The largest threshold that 32 random bits can give, 32 ln 2 = 22.18, and a little: a flip that costs more never
// happens, and its draw need not be made.
constexpr float kLargestThreshold = 22.2f;

// The probability of a flip, for tables.
double flip_probability(FlipRule update, double beta_dE);

// The same as a threshold for 32 random bits: flips where bits < threshold. 2^32 where it always flips.
uint64_t flip_threshold_bits(FlipRule update, double beta_dE);

}  // namespace swell
