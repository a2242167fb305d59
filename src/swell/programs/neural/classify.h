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

struct TestOptions {
  Seed seed = 1;
  int threads = 1;
  Ranks* ranks = nullptr;            // that share the runs; null for this process alone
  int64_t runs = 10;                 // answers averaged for each image
  int64_t times = 20;                // read times up to the protocol's, evenly
  double longest = 2;                // and on to this many times of it
  std::vector<double> temperatures;  // kT, E0, at which the machine is tried besides
  Prices prices;
  double digital_multiply_adds = 26432;              // of a digital network to compare with: 784-32-32-10
  const hardware::Imperfections* readout = nullptr;  // of a chip, and its seed: see AnswerOptions
  uint64_t chip_seed = 0;
  ProgressCallback progress;
};

// A share of right answers with its standard error, of independent questions.
struct Share {
  double value = 0, stderr_of_value = 0;
  int64_t count = 0;  // of questions
};
Share share_of(int64_t right, int64_t count);

struct TestReport {
  int64_t images = 0, classes = 0;
  Share single;                    // right in one run
  Share averaged;                  // right by the mean of `runs` answers
  Share top2;                      // label among the two largest outputs of one run
  std::vector<int64_t> confusion;  // [label][answer] of one run
  struct At {
    double where = 0;  // read time, 1/mu, or kT, E0
    Share single, averaged;
    Estimate heat_kT;
  };
  std::vector<At> by_time;         // single runs
  std::vector<At> by_temperature;  // averaged: over 3 runs
  Bill bill;
  Diagnostics diagnostics;   // of the first run
  int64_t runs = 0;          // answers averaged
  std::string interruption;  // in a sentence, what an interrupted test has; empty for a whole one
};

// Answers by the largest output. Heat is that of the runs at the design's temperature. Interrupted, it tells what was
// finished: fewer runs in the average, and of the first run those images that have an answer. Throws Interrupted where
// none has.
TestReport test_classes(const NeuralDesign& design, const DataSet& examples, const TestOptions& options);

// Which output is largest; of the labels, whether it is one of the `best` largest.
int largest(const float* x, int64_t outputs);
bool among(const float* x, int64_t outputs, int label, int best);

nlohmann::ordered_json to_json(const Share& share);
nlohmann::ordered_json to_json(const TestReport& report);

}  // namespace swell::neural
