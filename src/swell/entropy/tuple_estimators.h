#pragma once

#include "swell/entropy/estimator_result.h"
#include "swell/entropy/repeats.h"

namespace swell::entropy {

// Estimators of SP 800-90B, sections 6.3.5 and 6.3.6, of any alphabet, from the repeats of `n` symbols. Tuples are
// common where the commonest of their length occurs at least 35 times.

// 6.3.5: the commonest tuples, of lengths 1 to t. Figures: t, p_hat_max (of one symbol of the likeliest tuple), p_u.
EstimatorResult t_tuple(const Repeats& repeats, int64_t n);

// 6.3.6: pairs of equal tuples, of lengths u = t + 1 to v, the longest repeated one. Not applicable where v < u.
// Figures: u, v, p_hat, p_u.
EstimatorResult longest_repeated_substring(const Repeats& repeats, int64_t n);

}  // namespace swell::entropy
