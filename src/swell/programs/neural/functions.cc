#include "swell/programs/neural/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::neural {

namespace {

// Each question `samples` times, one after the other.
DataSet repeat(const DataSet& examples, int64_t samples) {
  DataSet many = examples;
  many.values.clear();
  for (int64_t row = 0; row < examples.rows(); ++row) {
    for (int64_t s = 0; s < samples; ++s)
      many.values.insert(many.values.end(), examples.row(row), examples.row(row) + examples.width());
  }
  return many;
}

// x: [rows][samples][outputs].
FunctionReport::Error error_of(const float* x, const DataSet& examples, int64_t outputs, int64_t samples, double time,
                               const NeuralSettings& settings, std::vector<FunctionReport::Value>* values) {
  double of_mean = 0, of_single = 0;
  std::vector<double> answers(samples);
  for (int64_t row = 0; row < examples.rows(); ++row) {
    for (int64_t k = 0; k < outputs; ++k) {
      const double target = examples.targets[row * outputs + k];
      for (int64_t s = 0; s < samples; ++s) {
        answers[s] = x[(row * samples + s) * outputs + k];
        of_single += std::pow(answers[s] - target, 2) / static_cast<double>(samples);
      }
      const Estimate mean = estimate(answers);
      of_mean += std::pow(mean.mean - target, 2) - std::pow(mean.stderr_of_mean, 2);
      if (!values) continue;
      FunctionReport::Value value{{}, target, mean, mean.stderr_of_mean * std::sqrt(static_cast<double>(samples))};
      for (int64_t i = 0; i < examples.width(); ++i)
        value.input.push_back(settings.mean + settings.sigma * examples.row(row)[i]);
      values->push_back(std::move(value));
    }
  }
  const double count = static_cast<double>(examples.rows() * outputs);
  return {time, std::sqrt(std::max(0.0, of_mean / count)), std::sqrt(of_single / count)};
}

}  // namespace

FunctionReport test_function(const NeuralDesign& design, const DataSet& examples, const FunctionOptions& options) {
  if (examples.targets.empty()) throw InputError("a test of a function needs targets; these examples have none");
  const int64_t outputs = answer_size(design);
  const DataSet many = repeat(examples, options.samples);
  FunctionReport report;
  AnswerOptions ask{options.seed, options.threads, 0, -1, 0, 0, {}};
  const Answers answers = answer(design, many, ask);
  report.at_end = error_of(answers.x.data(), examples, outputs, options.samples,
                           static_cast<double>(answers.steps) * design.dt, design.neural, &report.values);
  report.bill = price(design, answers, examples.width(), options.prices);
  report.diagnostics = answers.diagnostics;
  const char* no_digital = "no digital machine is named to compare with";
  report.bill.digital_method = Known<std::string>::none(no_digital);
  report.bill.digital_multiply_adds = Known<double>::none(no_digital);
  report.bill.digital_wall_s = Known<double>::none(no_digital);
  add_costs(report.bill, answers);
  if (options.times > 0) {
    const int64_t every = std::max<int64_t>(1, answers.steps / options.times);
    const int64_t shots =
        std::max<int64_t>(1, std::llround(options.longest * static_cast<double>(answers.steps)) / every);
    ask.run = 1;
    ask.snapshots = shots;
    ask.duration = design.dt * static_cast<double>(shots * every);
    const Answers along = answer(design, many, ask);
    add_costs(report.bill, along);
    double best = INFINITY;
    for (size_t k = 0; k < along.times.size(); ++k) {
      const auto error = error_of(along.snapshots.data() + static_cast<int64_t>(k) * many.rows() * outputs, examples,
                                  outputs, options.samples, along.times[k], design.neural, nullptr);
      report.by_time.push_back(error);
      if (error.of_mean < best) {
        best = error.of_mean;
        report.best_time = error.time;
      }
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
          {"best_time", report.best_time},
          {"heat", to_json(*report.bill.heat_kT, "kT")},
          {"values", values},
          {"by_time", times}};
}

}  // namespace swell::neural
