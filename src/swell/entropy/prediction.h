#pragma once

#include <cstdint>

#include "swell/entropy/estimator_result.h"

namespace swell::entropy {

// What all four predictors of SP 800-90B (sections 6.3.7 to 6.3.10) share: a count of correct predictions, and what
// follows from it for the entropy.
struct PredictionCount {
  int64_t predictions = 0;  // N
  int64_t correct = 0;      // C
  int64_t run = 0;          // correct ones in a row, up to now
  int64_t longest = 0;      // such run

  void add(bool is_correct) {
    ++predictions;
    correct += is_correct;
    run = (run & -static_cast<int64_t>(is_correct)) + 1;  // one more than the run, so that no branch is needed
    run -= !is_correct;
    longest = run > longest ? run : longest;
  }
};

// ln of the chance that N independent predictions, each correct with probability p in (0, 1), have no run of r >= 1
// correct ones: W. Feller, An Introduction to Probability Theory and its Applications, vol. 1, XIII.7, equation 7.11,
// which 6.3.7 quotes (step 6). Asymptotic in N; as in the standard, also taken where N is small.
double log_chance_of_no_run(double p, int64_t r, int64_t predictions);

// P_local: the p for which that chance is 0.99. Its runs are shorter than r with that chance.
double local_bound(int64_t r, int64_t predictions);

// P_global' of 6.3.7, step 5: upper bound of the share of correct predictions.
double global_bound(int64_t correct, int64_t predictions);

// The estimate: -log2 of the largest of P_global', P_local and 1 / alphabet. Figures: c, r (longest run + 1), n,
// p_global, p_global_upper, p_local. `predictions` > 1.
EstimatorResult predictor_result(Estimator estimator, const PredictionCount& count, int alphabet);

}  // namespace swell::entropy
