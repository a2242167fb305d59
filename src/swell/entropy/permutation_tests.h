#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/base/progress.h"

namespace swell::entropy {

// Permutation tests of NIST SP 800-90B (January 2018), section 5.1: whether independent and identically distributed
// samples are told from their own shuffles by any of 11 statistics, two of them at five lags.

enum class Statistic {
  excursion,                // 5.1.1
  directional_runs,         // 5.1.2
  longest_directional_run,  // 5.1.3
  increases,                // 5.1.4
  median_runs,              // 5.1.5
  longest_median_run,       // 5.1.6
  average_collision,        // 5.1.7
  longest_collision,        // 5.1.8
  periodicity_1,            // 5.1.9, at lag 1, 2, 8, 16, 32
  periodicity_2,
  periodicity_8,
  periodicity_16,
  periodicity_32,
  covariance_1,  // 5.1.10, at the same lags
  covariance_2,
  covariance_8,
  covariance_16,
  covariance_32,
  compression,  // 5.1.11, length of the samples as decimal text by bzip2
};
constexpr int kStatistics = 19;

// "excursion", ...; and for keys of files "excursion", "periodicity_8", ...
const char* name_of(Statistic statistic);
const char* key_of(Statistic statistic);

struct PermutationResult {
  Statistic statistic = Statistic::excursion;
  double original = 0;  // of the samples as they came
  int64_t above = 0;    // C0: shuffles with a larger value
  int64_t equal = 0;    // C1
  int64_t below = 0;    // C2
  bool passed = false;  // C0 + C1 > 5 and C1 + C2 > 5
  bool open = false;    // neither passed nor failed: not counted to its end, as the verdict of all stood before

  int64_t shuffles() const { return above + equal + below; }
};

constexpr int64_t kFirstCompressions = 50;

struct PermutationOptions {
  uint64_t seed = 1;
  int64_t shuffles = 10'000;  // at most so many; 5.1 asks for 10,000
  bool all = false;           // all of them, where the verdict of a statistic, or of the samples, stands before
  bool failed = false;        // another test of the samples has failed
  int threads = 1;            // results do not depend on it
  ProgressCallback progress;  // shuffles; where it stops the work, Interrupted is thrown
};

// The shuffle is that of Fisher and Yates; number j is a function of the seed and of j alone (random/sequence.h). A
// statistic is no longer counted once it has passed, which more shuffles cannot undo. Compression, which takes a
// hundred times as long as the others, is counted over kFirstCompressions shuffles with them, and then to its end when
// they are through and none has failed: where one has, the samples' verdict stands, and it may stay open. `samples` are
// symbols of 1 to 8 bits; of symbols with two values (bits) some statistics take blocks of eight: the count of ones
// (conversion I) or the byte (conversion II). Throws InputError for fewer than 2 samples or more than 1e9, and for
// fewer than 6 shuffles, and Interrupted with what has not passed yet.
std::vector<PermutationResult> permutation_tests(std::span<const uint8_t> samples, const PermutationOptions& options);

// The statistics of one sequence, in the order of the enumeration. With `bits` values are 0 and 1, and are converted.
std::vector<double> permutation_statistics(std::span<const uint8_t> samples, bool bits);

}  // namespace swell::entropy
