#pragma once

#include <cstdint>

namespace swell::entropy {

// The two distributions that the tests of SP 800-90B are held against. Arguments outside the stated ranges throw
// InputError.

// P(X >= count) of a binomial variable of `trials` trials with probability p each; p in [0, 1], trials >= 0. Relative
// error below 1e-11 for up to 1e6 trials; values below 1e-300 may come out as 0.
double binomial_upper_tail(int64_t trials, double p, int64_t count);

// The smallest k with P(X <= k) >= 1 - alpha, X as above: critbinom(trials, p, 1 - alpha) of SP 800-90B, section 4.4.2.
// Works with alpha itself, so that 1 - alpha is never rounded. alpha in (0, 1).
int64_t critical_binomial(int64_t trials, double p, double alpha);

// P(chi-square >= value) with `freedom` > 0 degrees of freedom; 1 for values at or below 0. Error below 1e-10.
double chi_square_upper_tail(double value, double freedom);

}  // namespace swell::entropy
