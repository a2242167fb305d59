#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "swell/entropy/symbols.h"

namespace swell::entropy {

// Further tests for independent and identically distributed samples: NIST SP 800-90B (January 2018), section 5.2. Each
// fails by chance once in a thousand.
constexpr double kIidAlpha = 0.001;

struct ChiSquareTest {
  double statistic = 0;  // T
  int64_t freedom = 0;   // degrees of freedom
  int64_t bins = 0;      // of which the statistic is the sum; with bits, of m-bit tuples
  double p_value = 1;    // chance of such a T, or a larger one
  bool passed = false;   // p_value >= kIidAlpha
  std::string note;      // why there is no statistic, a sentence; empty where there is one
};

// Whether pairs of neighbours are independent: 5.2.1 for more than two symbols; for bits 5.2.3, of tuples of m <= 11
// bits. Without a statistic bits fail, as 5.2.3 has it (too few or too biased for tuples of two); other symbols pass.
ChiSquareTest independence_test(const Symbols& symbols);

// Whether ten parts of the samples have the same frequencies: 5.2.2, and 5.2.4 for bits. Passes without a statistic,
// where there is but one symbol, or but one bin.
ChiSquareTest goodness_of_fit_test(const Symbols& symbols);

struct RepeatTest {
  int64_t longest = 0;   // W, length of the longest repeated substring
  double collision = 0;  // sum of the squared frequencies
  double p_value = 1;    // chance of a repeat of that length, or longer
  bool passed = false;   // p_value >= kIidAlpha
};

// 5.2.5, from the length of the longest repeated substring (Repeats::longest).
RepeatTest repeat_test(const Symbols& symbols, int64_t longest);

}  // namespace swell::entropy
