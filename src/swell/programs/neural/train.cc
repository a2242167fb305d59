#include "swell/programs/neural/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/learn/guide.h"
#include "swell/learn/path_least_squares.h"
#include "swell/learn/teacher.h"
#include "swell/ledger/to_json.h"
#include "swell/random/streams.h"

namespace swell::neural {

namespace {

using Clock = std::chrono::steady_clock;

CouplingSet& answer_set(NeuralDesign& design) {
  const int number = find_protocol(design, "answer").segments.at(0).couplings;
  if (number == kNoCouplings)
    throw InputError(fmt::format("protocol 'answer' of design '{}' has no couplings to learn", design.name));
  return design.computer.sets[number];
}

// Free groups that the guide drives, other than the output: they follow the teacher's hidden units in order.
std::vector<int> hidden_groups(const NeuralDesign& design) {
  const Segment& segment = find_protocol(design, "answer").segments.at(0);
  std::vector<int> groups;
  for (int g = 0; g < static_cast<int>(design.computer.groups.size()); ++g) {
    if (!segment.clamped[g] && g != design.neural.output) groups.push_back(g);
  }
  return groups;
}

void check_teacher(const NeuralDesign& design, const DataSet& examples) {
  int64_t wanted = 0, units = 0;
  for (const int64_t layer : design.neural.teacher) wanted += layer;
  for (const int g : hidden_groups(design)) units += design.computer.groups[g].size;
  if (examples.labels.empty())
    throw InputError("exact training follows a teacher of classes; train functions by method gradient or genetic");
  if (wanted != units) {
    throw InputError(
        fmt::format("the teacher of design '{}' has {} hidden units, the machine {}; they follow one another, "
                    "so that the numbers must agree",
                    design.name, wanted, units));
  }
}

// Inputs where units are clamped; guide drive times activation where they are free: of hidden units the activation
// itself, of outputs 2 A - 1 (from -1 to 1 as well).
GuideSource guide_source(const NeuralDesign& design, const DataSet& examples, const std::vector<float>& activations) {
  const Segment& segment = find_protocol(design, "answer").segments.at(0);
  const int64_t n = design.computer.units(), outputs = answer_size(design);
  const int64_t width = static_cast<int64_t>(activations.size()) / examples.rows();
  const auto fill = [&design, &examples, &activations, &segment, n, outputs, width](int64_t first, int64_t rows,
                                                                                    double* out) {
    for (int64_t row = 0; row < rows; ++row) {
      const double* input = examples.row(first + row);
      const float* hidden = activations.data() + (first + row) * width;
      const float* classes = hidden + width - outputs;
      for (int g = 0; g < static_cast<int>(design.computer.groups.size()); ++g) {
        const Group& group = design.computer.groups[g];
        const double drive = design.neural.guide[g];
        double* to = out + row * n + group.first;
        for (int64_t k = 0; k < group.size; ++k) {
          to[k] = segment.clamped[g]          ? *input++
                  : g == design.neural.output ? drive * (2 * static_cast<double>(classes[k]) - 1)
                                              : drive * static_cast<double>(*hidden++);
        }
      }
    }
  };
  return {examples.rows(), fill};
}

void train_exactly(NeuralDesign& design, const DataSet& examples, const TrainOptions& options, TrainReport& report) {
  check_teacher(design, examples);
  const Protocol& protocol = find_protocol(design, "answer");
  Teacher teacher(examples.width(), design.neural.teacher, answer_size(design), options.seed);
  const auto updates =
      static_cast<double>(options.teacher_epochs * (examples.rows() / std::min<int64_t>(128, examples.rows())));
  const auto start = Clock::now();
  const std::vector<float> inputs(examples.values.begin(), examples.values.end());
  if (!teacher.train(
          inputs, examples.labels, options.teacher_epochs, options.teacher_decay, options.seed, options.threads,
          [&](const TrainingState& state) {
            return tell(options.progress, {"teacher", static_cast<double>(state.update), updates, state.loss.back()});
          }))
    throw Interrupted("training was interrupted while training the teacher; nothing was kept");
  report.teacher_wall_s = seconds_since(start);
  report.teacher_accuracy = teacher.accuracy(inputs, examples.labels, options.threads);
  report.teacher_multiply_adds = teacher.multiply_adds();
  const std::vector<float> activations = teacher.activations(inputs, examples.rows(), options.threads);
  GuideOptions guide;
  guide.dt = design.dt;
  guide.steps = count_steps(protocol, design.dt);
  guide.threads = options.threads;
  guide.progress = [&](const Progress& at) { return tell(options.progress, {"guide moments", at.done, at.total}); };
  // What moves a clamped unit is nothing to explain.
  Computer computer = design.computer;
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    const Group& group = computer.groups[g];
    if (protocol.segments[0].clamped[g]) std::fill_n(computer.mobility.begin() + group.first, group.size, 0.0);
  }
  const Moments moments =
      guide_moments(design.computer, protocol.segments[0].clamped, guide_source(design, examples, activations), guide);
  LeastSquaresOptions solve;
  solve.tolerance = options.tolerance;
  solve.max_iterations = options.max_iterations;
  solve.threads = options.threads;
  solve.progress = [&](const Progress& at) {
    return tell(options.progress, {"solving", at.done, at.total, at.figure});
  };
  const LeastSquaresResult result = fit_couplings(computer, moments, solve, answer_set(design));
  report.curve = result.residuals;
  report.final_loss = result.residual;
  report.interrupted = result.interrupted;
}

// The examples of an update: all of them, or the next ones of an epoch's order.
class Portions {
 public:
  Portions(const DataSet& examples, int64_t batch, uint64_t seed)
      : examples_(examples), batch_(batch > 0 ? std::min(batch, examples.rows()) : examples.rows()), seed_(seed) {}

  std::vector<int64_t> rows(int64_t update) {
    const int64_t per_epoch = examples_.rows() / batch_, epoch = update / per_epoch;
    if (epoch != epoch_) order_ = order_of_epoch(examples_.rows(), seed_, epoch_ = epoch);
    const auto first = order_.begin() + update % per_epoch * batch_;
    return {first, first + batch_};
  }
  int64_t size() const { return batch_; }

 private:
  const DataSet& examples_;
  int64_t batch_;
  uint64_t seed_;
  int64_t epoch_ = -1;
  std::vector<int64_t> order_;
};

// Questions of a batch, each `samples` times.
std::vector<float> questions(const DataSet& examples, const std::vector<int64_t>& rows, int64_t samples) {
  std::vector<float> inputs;
  inputs.reserve(rows.size() * samples * examples.width());
  for (const int64_t row : rows) {
    for (int64_t s = 0; s < samples; ++s)
      inputs.insert(inputs.end(), examples.row(row), examples.row(row) + examples.width());
  }
  return inputs;
}

// What the ways to ask a machine (answer.h) take.
void check_protocol(const NeuralDesign& design) {
  const Protocol& protocol = find_protocol(design, "answer");
  const auto refuse = [&](const std::string& what) {
    throw InputError(fmt::format("design '{}', protocol '{}': {}", design.name, protocol.name, what));
  };
  if (protocol.segments.size() != 1)
    refuse(fmt::format("it has {} segments; a machine that answers needs exactly one", protocol.segments.size()));
  const Segment& segment = protocol.segments[0];
  if (std::ranges::none_of(segment.clamped, [](char clamped) { return clamped != 0; }))
    refuse("no group is clamped; the question needs one");
  if (!std::ranges::all_of(segment.drive, &Schedule::is_zero))
    refuse("its segment has a drive; a machine that answers takes none");
  for (const auto& knot : segment.kT.knots) {
    if (knot.value != segment.kT.knots[0].value) refuse("kT changes in time; a machine that answers needs it constant");
  }
}

void check_samples(const TrainOptions& options) {
  if (options.noise_samples < 1)
    throw InputError(fmt::format("noise samples are {}; at least 1 is needed", options.noise_samples));
  if (options.method == Method::gradient && AdjointMachine::kTileRows % options.noise_samples != 0) {
    throw InputError(fmt::format("noise samples are {}; a divisor of {} is needed", options.noise_samples,
                                 AdjointMachine::kTileRows));
  }
}

// 1 for the parameters that options.only names, 0 for the others; empty where it names none.
std::vector<float> free_parameters(const AdjointMachine& machine, const NeuralDesign& design,
                                   const std::vector<std::string>& only) {
  if (only.empty()) return {};
  const Computer& computer = design.computer;
  const auto fill = [](CouplingBlock& block, double value) {
    std::visit([&](auto& weights) { std::ranges::fill(weights.values, value); }, block.weights);
  };
  const auto group_of = [&](const std::string& item, const std::string& name) {
    const int g = find_group(computer, name);
    if (g < 0) throw InputError(fmt::format("trainable {}: design '{}' has no group '{}'", item, design.name, name));
    return g;
  };
  std::vector<CouplingSet> sets = computer.sets;
  CouplingSet& set = sets[find_protocol(design, "answer").segments.at(0).couplings];
  for (CouplingBlock& block : set.blocks) fill(block, 0);
  std::ranges::fill(set.bias, 0.0);
  for (const std::string& item : only) {
    const size_t dash = item.find('-');
    const int a = group_of(item, item.substr(0, dash));
    bool found = dash == std::string::npos;
    if (found) {
      std::fill_n(set.bias.begin() + computer.groups[a].first, computer.groups[a].size, 1.0);
    } else {
      const int b = group_of(item, item.substr(dash + 1));
      for (CouplingBlock& block : set.blocks) {
        const auto [r, c] = std::minmax(block.row_group, block.column_group);
        if (r != std::min(a, b) || c != std::max(a, b)) continue;
        fill(block, 1);
        found = true;
      }
    }
    if (!found)
      throw InputError(fmt::format("trainable {}: these groups of design '{}' are not coupled", item, design.name));
  }
  return machine.read(sets);
}

bool train_by_gradient(const AdjointMachine& machine, const NeuralDesign& design, const DataSet& examples,
                       const TrainOptions& options, const std::vector<float>& free, const TrainingCourse& course,
                       TrainingState& state) {
  Portions portions(examples, options.batch, options.seed);
  const Objective objective = [&](int64_t update, std::span<const float> parameters, std::vector<float>& gradient,
                                  int64_t& evaluations) {
    const std::vector<int64_t> rows = portions.rows(update);
    const std::vector<float> inputs = questions(examples, rows, options.noise_samples);
    const auto count = static_cast<int64_t>(rows.size()) * options.noise_samples;
    evaluations += count;
    const double loss =
        machine.loss_and_gradient(parameters,
                                  {inputs.data(),
                                   count,
                                   {options.seed, stream::kLearning},
                                   static_cast<uint64_t>(update * count),
                                   course.halted(update)},
                                  make_loss(design, examples, rows, options.noise_samples), options.threads, gradient);
    for (size_t k = 0; k < free.size(); ++k) gradient[k] *= free[k];
    return loss;
  };
  DescentOptions descent;
  descent.updates = options.updates;
  descent.rate = options.rate;
  descent.after_update = course.after_update("gradient updates", options.updates);
  return descend(objective, descent, state);
}

bool train_genetically(const AdjointMachine& machine, const NeuralDesign& design, const DataSet& examples,
                       const TrainOptions& options, const std::vector<float>& free, const TrainingCourse& course,
                       TrainingState& state) {
  Portions portions(examples, options.batch, options.seed);
  std::vector<int64_t> rows;
  std::vector<float> inputs;
  int64_t prepared = -1;
  // Each generation has its questions, and its noise: all of its machines see the same.
  const Score score = [&](int64_t generation, int, std::span<const float> parameters, int64_t& evaluations) {
    if (generation != prepared) {
      rows = portions.rows(prepared = generation);
      inputs = questions(examples, rows, options.noise_samples);
    }
    const auto count = static_cast<int64_t>(rows.size()) * options.noise_samples;
    evaluations += count;
    const AdjointMachine::Batch batch{inputs.data(),
                                      count,
                                      {options.seed, stream::kLearning},
                                      static_cast<uint64_t>(generation * count),
                                      course.halted(generation)};
    const std::vector<float> answers =
        options.device ? options.device(parameters, batch) : machine.answer(parameters, batch, options.threads);
    return machine.mean_loss(answers, make_loss(design, examples, rows, options.noise_samples));
  };
  EvolutionOptions evolution = options.evolution;
  evolution.seed = options.seed;
  evolution.free = free;
  evolution.after_update = course.after_update("generations", evolution.generations);
  return evolve(score, evolution, state);
}

}  // namespace

const char* name_of(Method method) {
  return method == Method::exact ? "exact" : method == Method::gradient ? "gradient" : "genetic";
}

AdjointMachine::Loss make_loss(const NeuralDesign& design, const DataSet& examples, std::vector<int64_t> rows,
                               int64_t samples) {
  const int64_t outputs = answer_size(design);
  if (!examples.labels.empty()) {
    const auto logit_scale = static_cast<float>(design.neural.logit_scale);
    return [=, &examples, rows = std::move(rows)](int64_t first, int64_t count, const float* x, float* slope) {
      double loss = 0;
      for (int64_t row = 0; row < count; ++row, x += outputs) {
        const int label = examples.labels[rows[(first + row) / samples]];
        const float largest = *std::max_element(x, x + outputs);
        double sum = 0;
        for (int64_t k = 0; k < outputs; ++k) sum += std::exp(static_cast<double>(logit_scale * (x[k] - largest)));
        loss += std::log(sum) - static_cast<double>(logit_scale * (x[label] - largest));
        for (int64_t k = 0; slope && k < outputs; ++k) {
          const double p = std::exp(static_cast<double>(logit_scale * (x[k] - largest))) / sum;
          slope[row * outputs + k] = logit_scale * static_cast<float>(p - (k == label));
        }
      }
      return loss;
    };
  }
  return [=, &examples, rows = std::move(rows)](int64_t first, int64_t count, const float* x, float* slope) {
    double loss = 0;
    for (int64_t row = 0; row < count; row += samples) {
      for (int64_t k = 0; k < outputs; ++k) {
        double mean = 0;
        for (int64_t s = 0; s < samples; ++s)
          mean += static_cast<double>(x[(row + s) * outputs + k]) / static_cast<double>(samples);
        const double off = mean - examples.targets[rows[(first + row) / samples] * outputs + k];
        loss += off * off * static_cast<double>(samples);
        for (int64_t s = 0; slope && s < samples; ++s) slope[(row + s) * outputs + k] = static_cast<float>(2 * off);
      }
    }
    return loss;
  };
}

TrainReport train(NeuralDesign& design, const DataSet& examples, const TrainOptions& options) {
  const auto start = Clock::now();
  TrainReport report;
  report.method = options.method;
  if (options.method == Method::exact) {
    train_exactly(design, examples, options, report);
    report.wall_s = seconds_since(start);
    return report;
  }
  check_samples(options);
  check_protocol(design);
  const AdjointMachine machine(design, find_protocol(design, "answer"), design.neural.output);
  report.state = options.resumed;
  TrainingState& state = report.state;
  if (state.parameters.empty())
    state.parameters = options.start.empty() ? machine.draw(design.neural.spread, options.seed) : options.start;
  if (static_cast<int64_t>(state.parameters.size()) != machine.parameters()) {
    throw InputError(fmt::format("the machine to begin with has {} parameters; design '{}' has {}",
                                 state.parameters.size(), design.name, machine.parameters()));
  }
  const std::vector<float> free = free_parameters(machine, design, options.only);
  const TrainingCourse course(options, state);
  bool finished = false;
  try {
    finished = options.method == Method::gradient
                   ? train_by_gradient(machine, design, examples, options, free, course, state)
                   : train_genetically(machine, design, examples, options, free, course, state);
  } catch (const Interrupted&) {
    // The update under way is given up; what the state holds is that of the last one.
    if (state.update == 0) throw Interrupted("training was interrupted before the first update; nothing was learned");
  }
  machine.write(state.parameters, design.computer.sets);
  report.interrupted = !finished && !course.out_of_time();
  report.curve = state.loss;
  report.final_loss = state.loss.empty() ? 0.0 : state.loss.back();
  report.evaluations = state.evaluations;
  report.wall_s = state.wall_s;
  return report;
}

nlohmann::ordered_json to_json(const TrainReport& report) {
  nlohmann::ordered_json json = {
      {"method", name_of(report.method)},
      {"updates", report.method == Method::exact ? report.curve.size() : report.state.update},
      {"evaluations", report.evaluations},
      {"wall_s", report.wall_s},
      {"interrupted", report.interrupted}};
  json[report.method == Method::exact ? "residual" : "loss"] = report.final_loss;
  if (report.teacher_accuracy >= 0) {
    json["teacher"] = {{"training_accuracy", report.teacher_accuracy},
                       {"multiply_adds", report.teacher_multiply_adds},
                       {"wall_s", report.teacher_wall_s}};
  }
  return json;
}

}  // namespace swell::neural
