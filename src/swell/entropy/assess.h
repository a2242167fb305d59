#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/base/progress.h"
#include "swell/entropy/estimator_result.h"
#include "swell/entropy/symbols.h"

namespace swell::entropy {

// Min-entropy of a source that is not claimed to be independent and identically distributed: the non-IID track of NIST
// SP 800-90B (January 2018), sections 3.1.3 and 6.3.

struct AssessOptions {
  int64_t most_bits = 0;      // of the bits of symbols wider than one bit, so many are taken; 0 for all
  int threads = 1;            // results do not depend on it
  ProgressCallback progress;  // estimators; where it stops the work, Interrupted is thrown
};

// Samples that SP 800-90B, section 3.1.1, asks for; fewer are assessed with a warning.
constexpr int64_t kEnoughSamples = 1'000'000;

struct Assessment {
  int64_t samples = 0;
  int bits_per_symbol = 0;
  int distinct = 0;                      // symbols that occur
  int64_t bits = 0;                      // bits of the bitstring; 0 where symbols have at most 2 values
  std::vector<EstimatorResult> literal;  // of the symbols: all ten where they have at most 2 values, else the seven
                                         // that take any alphabet
  std::vector<EstimatorResult>
      bitstring;                      // all ten, of the bits of the symbols; empty where these have at most 2 values
  double H_original = 0;              // smallest of `literal`, bits per symbol
  std::optional<double> H_bitstring;  // smallest of `bitstring`, bits per bit
  double H_assessed = 0;              // min(H_original, bits_per_symbol * H_bitstring), bits per symbol: 3.1.3
  std::vector<std::string> warnings;  // sentences for people
};

// `samples` are symbols of bits_per_symbol bits (1 to 8), a byte each. Throws InputError where one has more bits, where
// there are fewer than 2 samples, or too many (repeats.h); Interrupted as above. Memory: about 15 bytes per bit.
Assessment assess(std::span<const uint8_t> samples, int bits_per_symbol, const AssessOptions& options = {});

// One row of estimators on one sequence: those of `Assessment::literal`, or of `bitstring`.
std::vector<EstimatorResult> estimate_all(const Symbols& symbols);

}  // namespace swell::entropy
