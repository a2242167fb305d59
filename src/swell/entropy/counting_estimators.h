#pragma once

#include "swell/entropy/estimator_result.h"
#include "swell/entropy/symbols.h"

namespace swell::entropy {

// Estimators of SP 800-90B, sections 6.3.1 to 6.3.4: of frequencies, collisions, transitions and compression. All but
// the first take bits: an alphabet of at most 2 symbols (otherwise InputError).

// 6.3.1. Any alphabet. Figures: mode_count, p_hat, p_u.
EstimatorResult most_common_value(const Symbols& symbols);

// 6.3.2. Figures: v, sum_t, x_bar, sigma_hat, x_bar_lower, p.
EstimatorResult collision(const Symbols& bits);

// 6.3.3. Figures: p_0, p_1, p_00, p_01, p_10, p_11, p_hat_max (of the likeliest 128 bits).
EstimatorResult markov(const Symbols& bits);

// 6.3.4: Maurer's universal statistic of blocks of 6 bits, of which the first 1000 fill the dictionary. Figures: x_bar,
// sigma_hat, x_bar_lower, p (of the likeliest block).
EstimatorResult compression(const Symbols& bits);

// Expected number of bits until one repeats, for independent bits of which the likelier has probability p: equation of
// 6.3.2, step 7, which for bits is 2 + 2 p (1 - p).
double expected_collision_time(double p);

// Expectation of Maurer's statistic for independent blocks, one of which has probability p and each other the same:
// G(p) + 63 G((1 - p) / 63) of 6.3.4, step 7, over `blocks` blocks of which `dictionary` fill the dictionary.
// O(blocks) at worst.
double expected_compression(double p, int64_t blocks, int64_t dictionary);

}  // namespace swell::entropy
