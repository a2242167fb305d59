#include "swell/programs/neural/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/ledger/to_json.h"

namespace swell::neural {

namespace {

constexpr size_t kLeastRuns = 2;  // of a question that has an error bar

// x: [answers][outputs]; question: [answers]. Of the questions with so many answers at least.
FunctionReport::Error error_of(const float* x, const std::vector<int64_t>& question, const DataSet& examples,
                               int64_t outputs, size_t least, double time, const NeuralSettings& settings,
                               std::vector<FunctionReport::Value>* values) {
  std::vector<std::vector<int64_t>> answers_to(examples.rows());
  for (size_t k = 0; k < question.size(); ++k) answers_to[question[k]].push_back(static_cast<int64_t>(k));
  double of_mean = 0, of_single = 0;
  int64_t count = 0;
  std::vector<double> answers;
  for (int64_t row = 0; row < examples.rows(); ++row) {
    if (answers_to[row].size() < least) continue;
    const auto samples = static_cast<double>(answers_to[row].size());
    for (int64_t k = 0; k < outputs; ++k) {
      const double target = examples.targets[row * outputs + k];
      answers.clear();
      for (const int64_t at : answers_to[row]) {
        answers.push_back(x[at * outputs + k]);
        of_single += std::pow(answers.back() - target, 2) / samples;
      }
      const Estimate mean = estimate(answers);
      of_mean += std::pow(mean.mean - target, 2) - std::pow(mean.stderr_of_mean, 2);
      ++count;
      if (!values) continue;
      FunctionReport::Value value{{}, target, mean, mean.stderr_of_mean * std::sqrt(samples)};
      for (int64_t i = 0; i < examples.width(); ++i)
        value.input.push_back(settings.mean + settings.sigma * examples.row(row)[i]);
      values->push_back(std::move(value));
    }
  }
  const auto all = static_cast<double>(count);
  return {time, std::sqrt(std::max(0.0, of_mean / all)), std::sqrt(of_single / all)};
}

std::string interruption_of(const FunctionReport& report, const DataSet& examples, int64_t outputs, int64_t samples) {
  return fmt::format("interrupted: {} of {} questions have answers, from {} of {} runs each or more",
                     static_cast<int64_t>(report.values.size()) / outputs, examples.rows(), report.samples, samples);
}

// Fewest answers to a question that has an error.
int64_t fewest(const std::vector<FunctionReport::Value>& values) {
  int64_t least = values.front().answer.count;
  for (const FunctionReport::Value& value : values) least = std::min(least, value.answer.count);
  return least;
}

}  // namespace

FunctionReport test_function(const NeuralDesign& design, const DataSet& examples, const FunctionOptions& options) {
  if (examples.targets.empty()) throw InputError("a test of a function needs targets; these examples have none");
  const int64_t outputs = answer_size(design);
  FunctionReport report;
  AnswerOptions ask;
  ask.seed = options.seed;
  ask.threads = options.threads;
  ask.ranks = options.ranks;
  ask.readout = options.readout;
  ask.chip_seed = options.chip_seed;
  ask.repeats = options.samples;
  ask.keeps_part = true;
  const size_t least = std::min(kLeastRuns, static_cast<size_t>(options.samples));
  const char* stage = "runs";
  ask.progress = [&](const Progress& at) { return tell(options.progress, {stage, at.done, at.total}); };
  const Answers answers = answer(design, examples, ask);
  report.at_end = error_of(answers.x.data(), answers.question, examples, outputs, least,
                           static_cast<double>(answers.steps) * design.dt, design.neural, &report.values);
  if (report.values.empty()) throw Interrupted("interrupted before any question had two answers; nothing can be said");
  report.samples = fewest(report.values);
  if (answers.interrupted) report.interruption = interruption_of(report, examples, outputs, options.samples);
  report.bill = price(design, answers, examples.width(), options.prices);
  report.diagnostics = answers.diagnostics;
  const char* no_digital = "no digital machine is named to compare with";
  report.bill.digital_method = Known<std::string>::none(no_digital);
  report.bill.digital_multiply_adds = Known<double>::none(no_digital);
  report.bill.digital_wall_s = Known<double>::none(no_digital);
  add_costs(report.bill, answers);
  if (options.times == 0 || answers.interrupted) return report;
  const int64_t every = std::max<int64_t>(1, answers.steps / options.times);
  const int64_t shots =
      std::max<int64_t>(1, std::llround(options.longest * static_cast<double>(answers.steps)) / every);
  ask.run = 1;
  ask.snapshots = shots;
  ask.duration = design.dt * static_cast<double>(shots * every);
  ask.keeps_part = false;
  stage = "read times";
  Answers along;
  try {
    along = answer(design, examples, ask);
  } catch (const Interrupted&) {
    report.interruption = "interrupted: errors at the design's read time alone, none along the way";
    return report;
  }
  add_costs(report.bill, along);
  double best = INFINITY;
  for (size_t k = 0; k < along.times.size(); ++k) {
    const auto error = error_of(along.snapshots.data() + static_cast<int64_t>(k) * along.rows * outputs, along.question,
                                examples, outputs, least, along.times[k], design.neural, nullptr);
    report.by_time.push_back(error);
    if (error.of_mean < best) {
      best = error.of_mean;
      report.best_time = error.time;
    }
  }
  return report;
}

nlohmann::ordered_json to_json(const FunctionReport& report) {
  nlohmann::ordered_json values = nlohmann::ordered_json::array(), times = nlohmann::ordered_json::array();
  for (const auto& value : report.values) {
    values.push_back({{"input", value.input},
                      {"target", value.target},
                      {"answer", to_json(value.answer, "1")},
                      {"spread", value.answer.has_error() ? nlohmann::ordered_json(value.spread)
                                                          : nlohmann::ordered_json(nullptr)}});
  }
  const auto error = [](const FunctionReport::Error& e) {
    return nlohmann::ordered_json{{"time", e.time}, {"rms_of_mean", e.of_mean}, {"rms_of_single_run", e.of_single}};
  };
  for (const auto& at : report.by_time) times.push_back(error(at));
  return {{"error", error(report.at_end)},
          {"samples", report.samples},
          {"interrupted", !report.interruption.empty()},
          {"best_time", report.best_time},
          {"heat", to_json(*report.bill.heat_kT, "kT")},
          {"values", values},
          {"by_time", times}};
}

}  // namespace swell::neural
