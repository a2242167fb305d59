#include "swell/programs/neural/classify.h"

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::neural {

namespace {

using Json = nlohmann::ordered_json;

int64_t count_right(const std::vector<float>& x, const DataSet& examples, int64_t outputs, int best) {
  int64_t right = 0;
  for (int64_t row = 0; row < examples.rows(); ++row)
    right += among(x.data() + row * outputs, outputs, examples.labels[row], best);
  return right;
}

}  // namespace

int largest(const float* x, int64_t outputs) { return static_cast<int>(std::max_element(x, x + outputs) - x); }

bool among(const float* x, int64_t outputs, int label, int best) {
  int above = 0;
  for (int64_t k = 0; k < outputs; ++k) above += x[k] > x[label] || (x[k] == x[label] && k < label);
  return above < best;
}

Share share_of(int64_t right, int64_t count) {
  const double p = static_cast<double>(right) / static_cast<double>(count);
  return {p, std::sqrt(p * (1 - p) / static_cast<double>(count)), count};
}

TestReport test_classes(const NeuralDesign& design, const DataSet& examples, const TestOptions& options) {
  if (examples.labels.empty()) throw InputError("a test of classes needs labels; these examples have none");
  const int64_t rows = examples.rows(), outputs = answer_size(design);
  TestReport report;
  report.images = rows;
  report.classes = outputs;
  const auto tell = [&](const char* stage, double done, double total) {
    if (options.progress && !options.progress(stage, done, total))
      throw Interrupted("the test was interrupted; nothing of it was kept");
  };
  AnswerOptions ask{options.seed, options.threads, 0, -1, 0, 0, {}};
  const auto share = [&](const std::vector<float>& x, int best) {
    return share_of(count_right(x, examples, outputs, best), rows);
  };
  // Single runs and their mean.
  std::vector<float> sum(rows * outputs, 0.0f);
  Answers first;
  for (int64_t run = 0; run < options.runs; ++run) {
    tell("runs", static_cast<double>(run), static_cast<double>(options.runs));
    ask.run = run;
    Answers answers = answer(design, examples, ask);
    for (size_t k = 0; k < sum.size(); ++k) sum[k] += answers.x[k];
    if (run == 0) {
      report.bill = price(design, answers, examples.width(), options.prices);
      report.bill.digital_method = std::string("a digital network");
      report.bill.digital_multiply_adds = options.digital_multiply_adds;
    }
    add_costs(report.bill, answers);
    if (run == 0) first = std::move(answers);
  }
  report.diagnostics = first.diagnostics;
  report.single = share(first.x, 1);
  report.top2 = share(first.x, 2);
  report.averaged = share(sum, 1);
  report.confusion.assign(outputs * outputs, 0);
  for (int64_t row = 0; row < rows; ++row)
    ++report.confusion[examples.labels[row] * outputs + largest(first.x.data() + row * outputs, outputs)];
  // Read earlier and later.
  if (options.times > 0) {
    tell("read times", 0, 1);
    const Protocol& protocol = find_protocol(design, "answer");
    const int64_t steps = count_steps(protocol, design.dt), every = std::max<int64_t>(1, steps / options.times);
    ask.run = options.runs;
    ask.duration = design.dt * static_cast<double>(std::max<int64_t>(
                                   every, std::llround(options.longest * static_cast<double>(steps)) / every * every));
    ask.snapshots = static_cast<int64_t>(std::llround(ask.duration / design.dt)) / every;
    const Answers along = answer(design, examples, ask);
    add_costs(report.bill, along);
    for (size_t k = 0; k < along.times.size(); ++k) {
      const std::vector<float> x(along.snapshots.begin() + k * rows * outputs,
                                 along.snapshots.begin() + (k + 1) * rows * outputs);
      report.by_time.push_back({along.times[k], share(x, 1), {}, {}});
    }
  }
  // Hotter and colder.
  ask.duration = 0;
  ask.snapshots = 0;
  constexpr int64_t kRuns = 3;
  for (size_t k = 0; k < options.temperatures.size(); ++k) {
    tell("temperatures", static_cast<double>(k), static_cast<double>(options.temperatures.size()));
    TestReport::At at{options.temperatures[k], {}, {}, {}};
    std::fill(sum.begin(), sum.end(), 0.0f);
    for (int64_t run = 0; run < kRuns; ++run) {
      ask.kT = at.where;
      ask.run = options.runs + 1 + static_cast<int64_t>(k) * kRuns + run;
      const Answers answers = answer(design, examples, ask);
      add_costs(report.bill, answers);
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += answers.x[i];
      if (run > 0) continue;
      at.single = share(answers.x, 1);
      at.heat_kT = estimate(answers.heat_kT);
    }
    at.averaged = share(sum, 1);
    report.by_temperature.push_back(at);
  }
  return report;
}

Json to_json(const Share& share) { return to_json(Estimate{share.value, share.stderr_of_value, share.count}, "1"); }

Json to_json(const TestReport& report) {
  Json confusion = Json::array(), times = Json::array(), temperatures = Json::array();
  for (int64_t label = 0; label < report.classes; ++label) {
    confusion.push_back(std::vector<int64_t>(report.confusion.begin() + label * report.classes,
                                             report.confusion.begin() + (label + 1) * report.classes));
  }
  for (const auto& at : report.by_time) times.push_back({{"time", at.where}, {"accuracy", to_json(at.single)}});
  for (const auto& at : report.by_temperature) {
    temperatures.push_back({{"kT", at.where},
                            {"accuracy", to_json(at.single)},
                            {"accuracy_of_3_averaged", to_json(at.averaged)},
                            {"heat", to_json(at.heat_kT, "kT")}});
  }
  return {{"images", report.images},
          {"accuracy", to_json(report.single)},
          {"accuracy_averaged", to_json(report.averaged)},
          {"top2", to_json(report.top2)},
          {"heat", to_json(*report.bill.heat_kT, "kT")},
          {"confusion", confusion},
          {"by_time", times},
          {"by_temperature", temperatures}};
}

}  // namespace swell::neural
