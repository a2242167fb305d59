#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/base/progress.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/neural/answer.h"

namespace swell::neural {

struct FunctionOptions {
  Seed seed = 1;
  int threads = 1;
  Ranks* ranks = nullptr;  // that share the runs; null for this process alone
  int64_t samples = 1000;  // runs for each question
  int64_t times = 40;      // read times up to the protocol's, evenly
  double longest = 2;      // and on to this many times of it
  Prices prices;
  const hardware::Imperfections* readout = nullptr;  // of a chip, and its seed: see AnswerOptions
  uint64_t chip_seed = 0;
  ProgressCallback progress;  // false ends the test
};

struct FunctionReport {
  // One answer at the protocol's end: the mean over the runs and its standard error.
  struct Value {
    std::vector<double> input;  // as the user has it, before scaling
    double target = 0;
    Estimate answer;
    double spread = 0;  // of a single run, standard deviation
  };
  std::vector<Value> values;  // [rows][outputs], question by question
  // Root mean square over questions of the deviation of the mean answer from the target, and of a single answer. The
  // square of the first is freed of what the noise of the mean adds to it (its variance over the samples).
  struct Error {
    double time = 0;  // 1/mu
    double of_mean = 0, of_single = 0;
  };
  Error at_end;
  std::vector<Error> by_time;
  double best_time = 0;  // of the smallest error of the mean
  Bill bill;             // of one run for one question
  Diagnostics diagnostics;
  int64_t samples = 0;       // finished runs for each question; the fewest, where they differ
  std::string interruption;  // in a sentence, what an interrupted test has; empty for a whole one
};

// Interrupted, it tells what was finished: fewer runs, the questions that have two of them, no read times. Throws
// Interrupted where no question has two.
FunctionReport test_function(const NeuralDesign& design, const DataSet& examples, const FunctionOptions& options);

nlohmann::ordered_json to_json(const FunctionReport& report);

}  // namespace swell::neural
