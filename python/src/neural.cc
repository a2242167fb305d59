// Machines that answer: classes and functions.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "design.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "swell/base/errors.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/neural/answer.h"
#include "swell/programs/neural/read_examples.h"
#include "swell/programs/neural/train.h"
#include "watch.h"

namespace swell::python {

namespace {

using neural::NeuralDesign;

// What a training is told: the library's options, and what Python has besides.
struct Asked : neural::TrainOptions {
  nb::object python_device = nb::none();  // device(parameters, questions) -> answers, swell/learn.py
  std::optional<NamedDesign> from;
};

void set_method(Asked& asked, nb::handle value) {
  using neural::Method;
  asked.method = one_of<Method>(value, "method",
                                {{neural::name_of(Method::exact), Method::exact},
                                 {neural::name_of(Method::gradient), Method::gradient},
                                 {neural::name_of(Method::genetic), Method::genetic}});
}

void set_selection(Asked& asked, nb::handle value) {
  asked.evolution.selection =
      one_of<Selection>(value, "selection", {{"elites", Selection::elites}, {"average", Selection::average}});
}

const Options<Asked>& options_of_training() {
  static const Options<Asked> all = {
      {"method", set_method},
      {"seed", SWELL_INTO(seed)},
      {"threads", SWELL_INTO(threads)},
      {"batch", SWELL_INTO(batch)},
      {"noise_samples", SWELL_INTO(noise_samples)},
      {"updates", SWELL_INTO(updates)},
      {"rate", SWELL_INTO(rate)},
      {"budget", SWELL_INTO(budget_s)},
      {"tolerance", SWELL_INTO(tolerance)},
      {"max_iterations", SWELL_INTO(max_iterations)},
      {"teacher_epochs", SWELL_INTO(teacher_epochs)},
      {"teacher_decay", SWELL_INTO(teacher_decay)},
      {"selection", set_selection},
      {"generations", SWELL_INTO(evolution.generations)},
      {"population", SWELL_INTO(evolution.population)},
      {"elites", SWELL_INTO(evolution.elites)},
      {"mutation", SWELL_INTO(evolution.mutation)},
      {"only", SWELL_INTO(only)},
      {"start", SWELL_INTO(from)},
      {"device", [](Asked& asked, nb::handle value) { asked.python_device = nb::borrow(value); }},
  };
  return all;
}

// Heat is told in kT.
void set_kT(neural::AnswerOptions& asked, nb::handle value) {
  asked.kT = nb::cast<double>(value);
  require_positive("kT", asked.kT);
}

void set_duration(neural::AnswerOptions& asked, nb::handle value) {
  asked.duration = nb::cast<double>(value);
  require_positive("duration", asked.duration);
}

const Options<neural::AnswerOptions>& options_of_an_answer() {
  static const Options<neural::AnswerOptions> all = {
      {"seed", SWELL_INTO(seed.number)}, {"threads", SWELL_INTO(threads)}, {"kT", set_kT},
      {"duration", set_duration},        {"run", SWELL_INTO(run)},         {"runs", SWELL_INTO(repeats)}};
  return all;
}

void require_allowed(const Asked& asked) {
  require_at_least(0, "batch", asked.batch);
  require_at_least(1, "noise_samples", asked.noise_samples);
  require_at_least(1, "updates", asked.updates);
  require_at_least(1, "max_iterations", asked.max_iterations);
  require_at_least(1, "teacher_epochs", asked.teacher_epochs);
  require_at_least(1, "generations", asked.evolution.generations);
  require_positive("rate", asked.rate);
  require_positive("tolerance", asked.tolerance);
  require_positive("mutation", asked.evolution.mutation);
  require_not_negative("teacher_decay", asked.teacher_decay);
  require_not_negative("budget", asked.budget_s);
  if (!asked.python_device.is_none() && asked.method != neural::Method::genetic)
    throw InputError(
        fmt::format("a device gives answers and no derivatives, so that it is trained by method genetic, not {}",
                    neural::name_of(asked.method)));
}

// Its parameters in a row, as a device is given them.
AdjointMachine machine_of(const NeuralDesign& design) {
  return {design, find_protocol(design, "answer"), design.neural.output};
}

std::vector<float> parameters_of(const NamedDesign& of) {
  const NeuralDesign design = neural::neural_design(of.design());
  return machine_of(design).read(design.computer.sets);
}

NamedDesign with_parameters(const NamedDesign& of, const In<float, 1>& parameters) {
  const NeuralDesign design = neural::neural_design(of.design());
  const AdjointMachine machine = machine_of(design);
  if (static_cast<int64_t>(parameters.size()) != machine.parameters())
    throw InputError(fmt::format("{} parameters were given; design '{}' has {}", parameters.size(), design.name,
                                 machine.parameters()));
  auto made = std::make_shared<Trained>(*of.trained);
  machine.write({parameters.data(), parameters.size()}, made->design.computer.sets);
  return {made};
}

// Asks a device of Python about a batch, in the thread that Python called from.
std::vector<float> ask(Watch& watch, const nb::object& device, std::span<const float> parameters,
                       const AdjointMachine::Batch& batch, int64_t width, int64_t outputs) {
  std::vector<float> answers;
  watch.call([&] {
    const auto count = static_cast<int64_t>(parameters.size());
    const nb::object answer =
        device(give(std::vector<float>(parameters.begin(), parameters.end()), {count}),
               give(std::vector<float>(batch.patterns, batch.patterns + batch.rows * width), {batch.rows, width}),
               batch.rows, outputs);
    answers = to_vector(nb::cast<In<float, 2>>(answer));
  });
  return answers;
}

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
  NeuralDesign design = neural::neural_design(of.design());
  const DataSet examples = questions_of(design, X, labels, targets);
  Asked options;
  read_options(given, options_of_training(), "training", options, options.threads);
  require_allowed(options);
  options.evolution.rate = options.rate;
  if (options.from) options.start = parameters_of(*options.from);
  Watch watch(std::move(progress));
  options.progress = [&](const Progress& at) { return watch.tell(at.stage.c_str(), at.done, at.total); };
  options.stop = [&watch] { return !watch.go_on(); };
  if (!options.python_device.is_none()) {
    options.device = [&](std::span<const float> parameters, const AdjointMachine::Batch& batch) {
      return ask(watch, options.python_device, parameters, batch, neural::question_size(design),
                 neural::answer_size(design));
    };
  }
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
  const NeuralDesign design = neural::neural_design(of.design());
  const DataSet questions = questions_of(design, X, {}, {});
  neural::AnswerOptions options;
  read_options(given, options_of_an_answer(), "an answer", options, options.threads);
  require_at_least(1, "runs", options.repeats);
  require_at_least(0, "run", options.run);
  options.readout = &of.trained->converter.spec;
  options.chip_seed = of.trained->converter.seed;
  Watch watch(std::move(progress));
  options.progress = [&](const Progress& at) { return watch.tell("answering", at.done, at.total); };
  neural::Answers answers;
  watch.run(false, [&] { answers = neural::answer(design, questions, options); });
  watch.raise_pending();
  nb::dict told;
  Bill bill = neural::price(design, answers, neural::question_size(design), {});
  neural::add_costs(bill, answers);
  told["bill"] = to_python(to_json(bill));
  const neural::FreeMachine machine = neural::free_machine(design, options.kT, options.duration);
  told["kT"] = machine.computer.kT;
  told["duration"] = machine.protocol.segments[0].duration;
  told["x"] = give(std::move(answers.x), {answers.rows, answers.outputs});
  told["heat_kT"] = give(std::move(answers.entropy), {answers.rows});
  told["wall_s"] = answers.wall_s;
  return told;
}

}  // namespace

void add_neural(nb::module_& module) {
  module.attr("_neural_options") = tuple_of(options_of_training());
  module.attr("_answer_options") = tuple_of(options_of_an_answer());
  module.def("_neural_parameters", [](const NamedDesign& of) {
    std::vector<float> parameters = parameters_of(of);
    const auto count = static_cast<int64_t>(parameters.size());
    return give(std::move(parameters), {count});
  });
  module.def("_neural_design_with", &with_parameters, nb::arg("design"), nb::arg("parameters"));
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
