#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/base/progress.h"
#include "swell/entropy/chi_square_tests.h"
#include "swell/entropy/estimator_result.h"
#include "swell/entropy/permutation_tests.h"

namespace swell::entropy {

// The IID track of NIST SP 800-90B (January 2018), sections 3.1.2, 5 and 6.1: whether samples may be taken as
// independent and identically distributed, and their min-entropy where they may.

struct IidOptions {
  uint64_t seed = 1;          // of the shuffles
  int64_t shuffles = 10'000;  // at most
  int64_t most_bits = 0;      // of the bits of wider symbols, for their most common value; 0 for all
  bool all = false;           // every statistic to its end, though the verdict stands before
  int threads = 1;            // results do not depend on it
  ProgressCallback progress;  // of the shuffles, which take nearly all of the time
};

// Min-entropy of samples that are IID, from their most common value: sections 3.1.3 and 6.1.
struct IidEntropy {
  EstimatorResult literal;                   // of the symbols
  std::optional<EstimatorResult> bitstring;  // and of their bits, where symbols have more than 2 values
  double H_original = 0;                     // bits per symbol
  std::optional<double> H_bitstring;         // bits per bit
  double H_assessed = 0;                     // min(H_original, bits_per_symbol * H_bitstring), bits per symbol
};

// `samples` and errors as for assess() (assess.h); of the bits at most `most_bits` are taken, 0 for all.
IidEntropy iid_entropy(std::span<const uint8_t> samples, int bits_per_symbol, int64_t most_bits = 0);

struct IidAssessment {
  int64_t samples = 0;
  int bits_per_symbol = 0;
  int distinct = 0;  // symbols that occur
  std::vector<PermutationResult> permutations;
  ChiSquareTest independence, goodness_of_fit;
  RepeatTest repeats;
  bool iid = false;                 // every test passed: the samples give no reason against IID
  std::vector<std::string> failed;  // names of the tests that failed

  IidEntropy entropy;                 // holds only where `iid`
  std::vector<std::string> warnings;  // sentences for people
};

// `samples` are symbols of bits_per_symbol bits (1 to 8), a byte each. IID samples fail some test by chance: each
// statistic of the permutation tests once in 833 (both sides), each test of 5.2 once in 1000, all together at most
// about once in 40. Throws InputError and Interrupted as permutation_tests does.
IidAssessment assess_iid(std::span<const uint8_t> samples, int bits_per_symbol, const IidOptions& options = {});

}  // namespace swell::entropy
