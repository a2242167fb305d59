#include "swell/programs/neural/classify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/ledger/to_json.h"

namespace swell::neural {

namespace {

using Json = nlohmann::ordered_json;

// x: [answers][outputs]; labels: [answers].
Share share_right(const float* x, const std::vector<int>& labels, int64_t outputs, int best) {
  int64_t right = 0;
  const auto count = static_cast<int64_t>(labels.size());
  for (int64_t row = 0; row < count; ++row) right += among(x + row * outputs, outputs, labels[row], best);
  return share_of(right, count);
}

// A test on its way.
class ClassTest {
 public:
  ClassTest(const NeuralDesign& design, const DataSet& examples, const TestOptions& options)
      : design_(design), examples_(examples), options_(options), outputs_(answer_size(design)) {
    ask_.seed = options.seed;
    ask_.threads = options.threads;
    ask_.ranks = options.ranks;
    ask_.readout = options.readout;
    ask_.chip_seed = options.chip_seed;
  }

  TestReport report() {
    report_.classes = outputs_;
    first_run();
    if (going_on()) more_runs();
    report_.averaged = share(sum_.data(), 1);
    if (going_on() && options_.times > 0) read_times();
    for (size_t k = 0; k < options_.temperatures.size() && going_on(); ++k) temperature(k);
    return std::move(report_);
  }

 private:
  bool going_on() const { return report_.interruption.empty(); }
  Share share(const float* x, int best) const { return share_right(x, labels_, outputs_, best); }

  // The answers of one run, which is this part of a stage of which so much is done; throws Interrupted where the user
  // asked to stop, unless the first one has some.
  Answers answer_in(const char* stage, double before, double part, double total) {
    ask_.progress = [=, this](const Progress& at) {
      return tell(options_.progress, {stage, before + part * at.done / at.total, total});
    };
    return answer(design_, examples_, ask_);
  }
  double runs() const { return static_cast<double>(options_.runs); }

  void first_run() {
    ask_.keeps_part = true;
    const Answers first = answer_in("runs", 0, 1, runs());
    ask_.keeps_part = false;
    for (const int64_t row : first.question) labels_.push_back(examples_.labels[row]);
    sum_ = first.x;
    report_.runs = 1;
    report_.images = first.rows;
    report_.bill = price(design_, first, examples_.width(), options_.prices);
    report_.bill.digital_method = std::string("a digital network");
    report_.bill.digital_multiply_adds = options_.digital_multiply_adds;
    add_costs(report_.bill, first);
    report_.diagnostics = first.diagnostics;
    report_.single = share(first.x.data(), 1);
    report_.top2 = share(first.x.data(), 2);
    report_.confusion.assign(outputs_ * outputs_, 0);
    for (int64_t row = 0; row < first.rows; ++row)
      ++report_.confusion[labels_[row] * outputs_ + largest(first.x.data() + row * outputs_, outputs_)];
    if (first.interrupted)
      report_.interruption = fmt::format(
          "interrupted in the first run: the figures are of the {} of {} images that had "
          "an answer",
          first.rows, examples_.rows());
  }

  void more_runs() {
    try {
      for (int64_t run = 1; run < options_.runs; ++run) {
        ask_.run = run;
        const Answers answers = answer_in("runs", static_cast<double>(run), 1, runs());
        for (size_t k = 0; k < sum_.size(); ++k) sum_[k] += answers.x[k];
        add_costs(report_.bill, answers);
        report_.runs = run + 1;
      }
    } catch (const Interrupted&) {
      report_.interruption = fmt::format("interrupted: averages are of {} of {} runs", report_.runs, options_.runs);
    }
  }

  // Reads earlier and later.
  void read_times() {
    const Protocol& protocol = find_protocol(design_, "answer");
    const int64_t steps = count_steps(protocol, design_.dt), every = std::max<int64_t>(1, steps / options_.times);
    ask_.run = options_.runs;
    ask_.duration =
        design_.dt * static_cast<double>(std::max<int64_t>(
                         every, std::llround(options_.longest * static_cast<double>(steps)) / every * every));
    ask_.snapshots = static_cast<int64_t>(std::llround(ask_.duration / design_.dt)) / every;
    try {
      const Answers along = answer_in("read times", 0, 1, 1);
      add_costs(report_.bill, along);
      for (size_t k = 0; k < along.times.size(); ++k)
        report_.by_time.push_back({along.times[k], share(along.snapshots.data() + k * sum_.size(), 1), {}, {}});
    } catch (const Interrupted&) {
      report_.interruption = "interrupted: no read times but the design's own";
    }
    ask_.duration = 0;
    ask_.snapshots = 0;
  }

  // Hotter or colder.
  void temperature(size_t k) {
    constexpr int64_t kRuns = 3;
    TestReport::At at{options_.temperatures[k], {}, {}, {}};
    std::vector<float> sum(sum_.size(), 0.0f);
    try {
      for (int64_t run = 0; run < kRuns; ++run) {
        ask_.kT = at.where;
        ask_.run = options_.runs + 1 + static_cast<int64_t>(k) * kRuns + run;
        const Answers answers = answer_in("temperatures", static_cast<double>(k) + static_cast<double>(run) / kRuns,
                                          1.0 / kRuns, static_cast<double>(options_.temperatures.size()));
        add_costs(report_.bill, answers);
        for (size_t i = 0; i < sum.size(); ++i) sum[i] += answers.x[i];
        if (run > 0) continue;
        at.single = share(answers.x.data(), 1);
        at.heat_kT = estimate(answers.entropy);
      }
    } catch (const Interrupted&) {
      report_.interruption =
          fmt::format("interrupted: {} of {} temperatures were tried", k, options_.temperatures.size());
      return;
    }
    at.averaged = share(sum.data(), 1);
    report_.by_temperature.push_back(at);
  }

  const NeuralDesign& design_;
  const DataSet& examples_;
  const TestOptions& options_;
  int64_t outputs_;
  AnswerOptions ask_;
  TestReport report_;
  std::vector<int> labels_;  // of the images that had an answer
  std::vector<float> sum_;   // over runs, [images][outputs]
};

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
  return ClassTest(design, examples, options).report();
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
          {"runs", report.runs},
          {"interrupted", !report.interruption.empty()},
          {"accuracy", to_json(report.single)},
          {"accuracy_averaged", to_json(report.averaged)},
          {"top2", to_json(report.top2)},
          {"heat", to_json(*report.bill.heat_kT, "kT")},
          {"confusion", confusion},
          {"by_time", times},
          {"by_temperature", temperatures}};
}

}  // namespace swell::neural
