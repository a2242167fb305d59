#include "swell/entropy/assess.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/entropy/counting_estimators.h"
#include "swell/entropy/predictors.h"
#include "swell/entropy/tuple_estimators.h"

namespace swell::entropy {

namespace {

// Some estimators of one sequence; t-tuple and LRS share their suffix array.
struct Work {
  const char* name;
  bool bits_only;
  std::vector<EstimatorResult> (*run)(const Symbols&);
};

std::vector<EstimatorResult> tuples(const Symbols& symbols) {
  const Repeats repeats = repeats_of(symbols.span());
  return {t_tuple(repeats, symbols.size()), longest_repeated_substring(repeats, symbols.size())};
}

template <EstimatorResult (*kEstimate)(const Symbols&)>
std::vector<EstimatorResult> one(const Symbols& symbols) {
  return {kEstimate(symbols)};
}

// The slow ones first, so that threads end together; results are put in the order of the sections.
constexpr Work kWork[] = {
    {"Markov model with counting", false, one<multi_mmc>},
    {"repeated tuples", false, tuples},
    {"LZ78Y", false, one<lz78y>},
    {"lag", false, one<lag>},
    {"most common in window", false, one<multi_mcw>},
    {"compression", true, one<compression>},
    {"collision", true, one<collision>},
    {"Markov", true, one<markov>},
    {"most common value", false, one<most_common_value>},
};

double smallest(const std::vector<EstimatorResult>& results, double most) {
  for (const EstimatorResult& result : results) most = std::min(most, result.min_entropy.value_or(most));
  return most;
}

struct Task {
  const Work* work;
  const Symbols* symbols;
  const char* of;
  std::vector<EstimatorResult>* results;
};

// Runs the tasks and tells of each. Results of a row are in the order of the sections.
void run(const std::vector<Task>& tasks, int threads, const ProgressCallback& progress) {
  std::mutex guard;
  int64_t done = 0;
  const int64_t total = static_cast<int64_t>(tasks.size());
  const auto tell = [&](const std::string& stage) {
    if (!swell::tell(progress, {stage, static_cast<double>(done), static_cast<double>(total)})) {
      throw Interrupted(fmt::format("stopped after {} of {} estimators", done, total));
    }
  };
  parallel_for(total, threads, [&](int64_t i) {
    const Task& task = tasks[static_cast<size_t>(i)];
    {
      const std::lock_guard lock(guard);
      tell(fmt::format("{} of {}", task.work->name, task.of));
    }
    std::vector<EstimatorResult> results = task.work->run(*task.symbols);
    const std::lock_guard lock(guard);
    ++done;
    for (EstimatorResult& result : results) task.results->push_back(std::move(result));
  });
  tell("done");
  for (const Task& task : tasks) {
    std::sort(task.results->begin(), task.results->end(),
              [](const EstimatorResult& a, const EstimatorResult& b) { return a.estimator < b.estimator; });
  }
}

void add_tasks(std::vector<Task>& tasks, const Symbols& symbols, const char* of,
               std::vector<EstimatorResult>& results) {
  for (const Work& work : kWork) {
    if (!work.bits_only || symbols.alphabet <= 2) tasks.push_back({&work, &symbols, of, &results});
  }
}

}  // namespace

std::vector<EstimatorResult> estimate_all(const Symbols& symbols) {
  std::vector<EstimatorResult> results;
  std::vector<Task> tasks;
  add_tasks(tasks, symbols, "the symbols", results);
  run(tasks, 1, {});
  return results;
}

Assessment assess(std::span<const uint8_t> samples, int bits_per_symbol, const AssessOptions& options) {
  check_symbols(samples, bits_per_symbol, "entropy assessment");
  if (samples.size() < 2) {
    throw InputError(fmt::format("entropy assessment: {} samples; allowed: 2 and more", samples.size()));
  }
  const Symbols symbols = dense(samples);
  Assessment assessment;
  assessment.samples = symbols.size();
  assessment.bits_per_symbol = bits_per_symbol;
  assessment.distinct = symbols.alphabet;
  std::vector<Task> tasks;
  Symbols bits;
  if (symbols.alphabet > 2) {
    bits = {bits_of(samples, bits_per_symbol, options.most_bits), 2};
    assessment.bits = bits.size();
    add_tasks(tasks, bits, "bits", assessment.bitstring);
  }
  add_tasks(tasks, symbols, "symbols", assessment.literal);
  run(tasks, options.threads, options.progress);

  assessment.H_original = smallest(assessment.literal, bits_per_symbol);
  assessment.H_assessed = assessment.H_original;
  if (symbols.alphabet > 2) {
    assessment.H_bitstring = smallest(assessment.bitstring, 1);
    assessment.H_assessed = std::min(assessment.H_original, bits_per_symbol * *assessment.H_bitstring);
  }
  if (assessment.samples < kEnoughSamples) {
    assessment.warnings.push_back(
        fmt::format("{} samples; SP 800-90B asks for at least {}", assessment.samples, kEnoughSamples));
  }
  if (symbols.alphabet == 1) assessment.warnings.push_back("every sample is the same: there is no entropy");
  for (const auto* row : {&assessment.literal, &assessment.bitstring}) {
    for (const EstimatorResult& result : *row) {
      if (!result.min_entropy) assessment.warnings.push_back(result.why_not);
    }
  }
  return assessment;
}

}  // namespace swell::entropy
