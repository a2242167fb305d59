// Machines that answer: classes and functions.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include "arrays.h"
#include "design.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/programs/neural/answer.h"
#include "swell/programs/neural/read_examples.h"
#include "swell/programs/neural/train.h"
#include "watch.h"

namespace swell::python {

namespace {

using neural::NeuralDesign;

constexpr const char* kTrain[] = {"method",        "seed",           "threads",        "batch",
                                  "noise_samples", "updates",        "rate",           "budget",
                                  "tolerance",     "max_iterations", "generations",    "population",
                                  "elites",        "mutation",       "teacher_epochs", "teacher_decay"};
constexpr const char* kAnswer[] = {"seed", "threads", "kT", "duration", "run"};

// Questions as an array, with classes or values to answer, scaled as the design says.
DataSet examples_of(const NeuralDesign& design, const In<double, 2>& X, const In<double, 2>& y) {
  if (X.shape(0) != y.shape(0))
    throw InputError(fmt::format("{} questions and {} answers do not go together", X.shape(0), y.shape(0)));
  CsvTable table;
  table.rows = static_cast<int64_t>(X.shape(0));
  table.columns = static_cast<int64_t>(X.shape(1) + y.shape(1));
  for (size_t row = 0; row < X.shape(0); ++row) {
    table.values.insert(table.values.end(), X.data() + row * X.shape(1), X.data() + (row + 1) * X.shape(1));
    table.values.insert(table.values.end(), y.data() + row * y.shape(1), y.data() + (row + 1) * y.shape(1));
  }
  return neural::examples_of_table(table, design, "the examples");
}

// Answers to be given are zeros, classes stand beside them.
DataSet questions_of(const NeuralDesign& design, const In<double, 2>& X, const std::optional<In<int64_t, 1>>& labels,
                     const std::optional<In<double, 2>>& targets) {
  if (targets) return examples_of(design, X, *targets);
  const std::vector<double> zeros(X.shape(0) * static_cast<size_t>(neural::answer_size(design)));
  const size_t shape[] = {X.shape(0), static_cast<size_t>(neural::answer_size(design))};
  DataSet set = examples_of(design, X, In<double, 2>(zeros.data(), 2, shape, nb::none()));
  set.targets.clear();
  for (size_t k = 0; labels && k < labels->size(); ++k) {
    const int64_t label = labels->data()[k];
    if (label < 0 || label >= neural::answer_size(design))
      throw InputError(fmt::format("label {} is {}; 0 to {} are allowed", k, label, neural::answer_size(design) - 1));
    set.labels.push_back(static_cast<int>(label));
  }
  return set;
}

nb::tuple train(const NamedDesign& of, const In<double, 2>& X, const std::optional<In<int64_t, 1>>& labels,
                const std::optional<In<double, 2>>& targets, const nb::dict& given, nb::object progress) {
  require_known(given, kTrain, "training");
  NeuralDesign design = neural::neural_design(of.design());
  const DataSet examples = questions_of(design, X, labels, targets);
  neural::TrainOptions options;
  options.threads = hardware_threads();
  set_option(given, "seed", options.seed);
  set_option(given, "threads", options.threads);
  set_option(given, "batch", options.batch);
  set_option(given, "noise_samples", options.noise_samples);
  set_option(given, "updates", options.updates);
  set_option(given, "rate", options.rate);
  set_option(given, "budget", options.budget_s);
  set_option(given, "tolerance", options.tolerance);
  set_option(given, "max_iterations", options.max_iterations);
  set_option(given, "teacher_epochs", options.teacher_epochs);
  set_option(given, "teacher_decay", options.teacher_decay);
  set_option(given, "generations", options.evolution.generations);
  set_option(given, "population", options.evolution.population);
  set_option(given, "elites", options.evolution.elites);
  set_option(given, "mutation", options.evolution.mutation);
  options.evolution.rate = options.rate;
  std::string method = neural::name_of(options.method);
  set_option(given, "method", method);
  bool known = false;
  for (const auto each : {neural::Method::exact, neural::Method::gradient, neural::Method::genetic}) {
    if (method != neural::name_of(each)) continue;
    options.method = each;
    known = true;
  }
  if (!known) throw InputError(fmt::format("method '{}' is not known; exact, gradient, genetic are", method));
  Watch watch(std::move(progress));
  options.progress = [&](const std::string& stage, double done, double total, double) {
    return watch.tell(stage.c_str(), done, total);
  };
  options.stop = [&watch] { return !watch.go_on(); };
  neural::TrainReport report;
  watch.run(false, [&] { report = neural::train(design, examples, options); });
  auto trained = std::make_shared<Trained>();
  trained->design = design;
  trained->training = neural::to_json(report);
  trained->training["source"] = examples.source;
  trained->training["examples"] = examples.rows();
  trained->training["norm"] = examples.norm;
  trained->training["seed"] = options.seed;
  round_parameters(trained->design.computer);
  const auto points = static_cast<int64_t>(report.curve.size());
  return nb::make_tuple(NamedDesign{trained}, give(std::move(report.curve), {points}), report.wall_s,
                        watch.was_interrupted() ? watch.pending() : nb::none());
}

nb::dict answer(const NamedDesign& of, const In<double, 2>& X, const nb::dict& given, nb::object progress) {
  require_known(given, kAnswer, "an answer");
  const NeuralDesign design = neural::neural_design(of.design());
  const DataSet questions = questions_of(design, X, {}, {});
  neural::AnswerOptions options;
  options.threads = hardware_threads();
  set_option(given, "seed", options.seed);
  set_option(given, "threads", options.threads);
  set_option(given, "kT", options.kT);
  set_option(given, "duration", options.duration);
  set_option(given, "run", options.run);
  Watch watch(std::move(progress));
  options.progress = [&](int64_t done, int64_t total) {
    return watch.tell("answering", static_cast<double>(done), static_cast<double>(total));
  };
  neural::Answers answers;
  watch.run(false, [&] { answers = neural::answer(design, questions, options); });
  watch.raise_pending();
  nb::dict told;
  told["bill"] = to_python(to_json(neural::price(design, answers, neural::question_size(design), {})));
  told["x"] = give(std::move(answers.x), {answers.rows, answers.outputs});
  told["heat_kT"] = give(std::move(answers.heat_kT), {answers.rows});
  told["wall_s"] = answers.wall_s;
  return told;
}

}  // namespace

void add_neural(nb::module_& module) {
  module.attr("_neural_options") = tuple_of(kTrain);
  const auto progress = nb::arg("progress").none();
  module.def("_neural_train", &train, nb::arg("design"), nb::arg("X"), nb::arg("labels").none(),
             nb::arg("targets").none(), nb::arg("options"), progress);
  module.def("_neural_answer", &answer, nb::arg("design"), nb::arg("X"), nb::arg("options"), progress);
  module.def("_neural_sizes", [](const NamedDesign& of) {
    const NeuralDesign design = neural::neural_design(of.design());
    return nb::make_tuple(neural::question_size(design), neural::answer_size(design), design.neural.logit_scale);
  });
}

}  // namespace swell::python
