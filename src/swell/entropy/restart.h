#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "swell/entropy/assess.h"

namespace swell::entropy {

// Restart tests of NIST SP 800-90B (January 2018), section 3.1.4: whether a source, started anew a thousand times, has
// as much entropy right after its start as it has later, and whether its runs differ from each other.

constexpr int64_t kRestarts = 1000, kSamplesOfRestart = 1000;

struct RestartOptions {
  double min_entropy = 0;  // H_I, the initial assessment, bits per symbol: above 0, at most bits_per_symbol
  bool iid = false;        // the track by which H_I was assessed: iid_entropy() or assess()
  AssessOptions assess;    // threads, bits taken, progress (of the rows, then of the columns)
};

struct RestartAssessment {
  // Sanity check, 3.1.4.3: how often the commonest symbol of a row, or of a column, came at most, and the chance that a
  // symbol of probability 2^-H_I comes so often in one.
  int64_t most_in_row = 0, most_in_column = 0;
  double p_value = 1;
  bool sane = false;  // p_value >= kRestartAlpha

  double H_rows = 0, H_columns = 0;  // bits per symbol, of the rows one after another and of the columns, 3.1.4.2
  bool validated = false;            // sane, and neither is below H_I / 2
  double H_assessed = 0;             // min(H_I, H_rows, H_columns) where validated, else 0
  std::string verdict;               // a sentence for people
};

// One in a hundred for a thousand rows and a thousand columns together: 3.1.4.3.
constexpr double kRestartAlpha = 0.01 / (kRestarts + kSamplesOfRestart);

// `samples`: [restarts][samples of a restart], kRestarts by kSamplesOfRestart symbols of bits_per_symbol bits (1 to 8),
// a byte each. Throws InputError where the size, a sample or H_I is another; Interrupted as assess() does.
RestartAssessment assess_restarts(std::span<const uint8_t> samples, int bits_per_symbol, const RestartOptions& options);

}  // namespace swell::entropy
