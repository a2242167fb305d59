#include "swell/programs/generate/train.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <mutex>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/engine/patterns.h"
#include "swell/learn/gradient.h"
#include "swell/learn/path_least_squares.h"
#include "swell/programs/generate/training_set.h"
#include "swell/random/streams.h"

namespace swell::generate {

namespace {

using Json = nlohmann::ordered_json;

void train_exactly(const LearnedProtocol& noising, const PatternSource& images, const TrainOptions& options,
                   Trained& trained, TrainReport& report) {
  MomentOptions moment_options;
  moment_options.dt = trained.design.dt;
  moment_options.threads = options.threads;
  moment_options.ranks = options.ranks;
  moment_options.table_progress = [&](const Progress& at) {
    return tell(options.progress, {"Fokker-Planck tables", at.done, at.total});
  };
  moment_options.progress = [&](const Progress& at) { return tell(options.progress, {"moments", at.done, at.total}); };
  const Moments moments = exact_moments(trained.design.computer, noising, images, moment_options, &report.accuracy);
  LeastSquaresOptions solve;
  solve.tolerance = options.tolerance;
  solve.threads = options.threads;
  solve.factor = options.factor.mean;
  solve.factor_variance = options.factor.variance;
  solve.progress = [&](const Progress& at) {
    // Progress on a logarithmic scale: conjugate gradients gain digits at a steady rate.
    const double digits = -std::log10(options.tolerance);
    const double gained = -std::log10(std::max(at.figure, 1e-300));
    return tell(options.progress, {"solving", std::min(digits, gained), digits, at.figure});
  };
  CouplingSet& set = trained.design.computer.sets[0];
  const auto start = std::chrono::steady_clock::now();
  const LeastSquaresResult result = fit_couplings(trained.design.computer, moments, solve, set);
  report.solve_s = seconds_since(start);
  report.curve = result.residuals;
  report.converged = result.converged;
  report.interrupted = result.interrupted;
  trained.training["method"] = "exact";
  trained.training["residual"] = result.residual;
  if (options.factor.variance > 0)
    trained.training["robust"] = {{"factor", options.factor.mean}, {"variance", options.factor.variance}};
  trained.training["iterations"] = result.iterations;
  trained.training["converged"] = result.converged;
  trained.training["time_functions"] = report.accuracy.rank;
  trained.training["truncation"] = report.accuracy.truncation;
  trained.training["kinds"] = result.kinds;
  trained.training["tables_s"] = report.accuracy.tables_s;
  trained.training["moments_s"] = report.accuracy.sums_s;
  trained.training["moments_multiply_adds"] = report.accuracy.multiply_adds;
  trained.training["solve_s"] = report.solve_s;
}

void train_stepwise(const LearnedProtocol& noising, const Patterns& patterns, const TrainOptions& options,
                    Trained& trained, TrainReport& report) {
  GradientOptions gradient;
  gradient.run.integrator = trained.design.integrator;
  gradient.run.dt = trained.design.dt;
  gradient.run.noise = {options.seed, stream::kNoising};
  gradient.updates = options.updates > 0 ? static_cast<int>(options.updates) : 100;
  gradient.rate = options.rate;
  gradient.run.threads = options.threads;
  report.state = options.resumed;
  const TrainingCourse course(options, report.state);
  gradient.after_update = course.after_update("gradient updates", options.updates);
  const bool finished = train_by_gradient(trained.design.computer, noising, patterns, gradient,
                                          trained.design.computer.sets[0], report.state);
  report.curve = report.state.loss;
  report.interrupted = !finished && !course.out_of_time();
  trained.training["method"] = "gradient";
  trained.training["residual"] = nullptr;
  trained.training["updates"] = report.curve.size();
  trained.training["loss_per_step_and_unit"] = report.curve.empty() ? Json(nullptr) : Json(report.curve.back());
  trained.training["seed"] = options.seed.number;
}

void train_stages(const DataSet& images, const TrainOptions& options, Trained& trained, TrainReport& report) {
  Design& design = trained.design;
  StageTrainingOptions training;
  if (options.updates > 0) training.updates = options.updates;
  if (options.rate > 0) training.rate = options.rate;
  training.rows = options.rows;
  training.bf16 = options.bf16;
  training.seed = options.seed;
  training.threads = options.threads;
  training.ranks = options.ranks;
  std::mutex asking;
  if (options.progress) {
    training.go_on = [&] {
      const std::lock_guard lock(asking);
      return options.progress({"looking for styles"});
    };
  }
  StageTrainer trainer(design, images, training);
  report.state = options.resumed;
  const TrainingCourse course(options, report.state);
  const bool finished = trainer.train(report.state, course);
  report.curve = report.state.loss;
  report.interrupted = !finished && !course.out_of_time();
  constexpr int64_t kJudged = 1024;
  report.losses = trainer.losses(report.state, kJudged);
  *design.stages = trainer.machine(report.state);
  round_stages(*design.stages);
  fill_stages(*design.stages, design.computer);
  if (!report.interrupted) {
    GateOptions gate;
    gate.examples = options.gate_examples;
    gate.seed = options.seed;
    gate.threads = options.threads;
    gate.ranks = options.ranks;
    if (options.bf16) gate.precision = Precision::bf16;
    gate.progress = [&](const Progress& at) { return tell(options.progress, {"checking stages", at.done, at.total}); };
    try {
      report.gate = check_stages(design, trainer, gate);
      trained.training["gate"] = {{"simulated", report.gate.simulated},
                                  {"trained", report.gate.trained},
                                  {"ratio", report.gate.ratio},
                                  {"ratio_stderr", report.gate.error}};
    } catch (const Interrupted&) {
      report.interrupted = true;  // the machine is trained, and is not lost with its check
    }
  }
  trained.training["method"] = "score";
  trained.training["residual"] = nullptr;
  trained.training["updates"] = report.curve.size();
  trained.training["rows_per_stage"] = training.rows;
  trained.training["rate"] = training.rate;
  trained.training["precision"] = training.bf16 ? "bf16" : "f32";
  trained.training["seed"] = options.seed.number;
  trained.training["loss_of_stages"] = report.losses.loss;
  trained.training["loss_of_stages_stderr"] = report.losses.error;
  trained.training["held_out_images"] = trainer.held_out();
}

}  // namespace

Trained train(const Design& design, const DataSet& images, const TrainOptions& options, TrainReport& report) {
  const auto start = std::chrono::steady_clock::now();
  if (design.stages.has_value() != (options.method == Method::score)) {
    throw InputError(fmt::format("design '{}' is {}a machine of stages; {}", design.name, design.stages ? "" : "not ",
                                 design.stages ? "it is trained by method score" : "method score trains those"));
  }
  if (design.stages) {
    Trained trained{design, {}, Json::object()};
    trained.images.shape = images.shape;
    train_stages(images, options, trained, report);
    report.wall_s = seconds_since(start) + options.resumed.wall_s;
    trained.training["images"] = images.rows();
    trained.training["source"] = images.source;
    trained.training["wall_s"] = report.wall_s;
    return trained;
  }
  if (design.computer.sets.size() != 1) {
    throw InputError(fmt::format("design '{}' has {} coupling sets; training to generate needs exactly one",
                                 design.name, design.computer.sets.size()));
  }
  if (images.rows() < 1) {
    throw InputError(fmt::format("{} holds no image to learn; at least one is needed", images.source));
  }
  find_protocol(design, "generation");
  const LearnedProtocol noising = learned_protocol(design, "noising");
  Trained trained{design, first_rows(images, kMaxKeptImages), Json::object()};
  if (options.method == Method::exact) {
    const PatternSource source = pattern_source(design, images);
    Patterns first{1, std::vector<double>(design.computer.units())};
    source.fill(0, 1, first.values.data());
    require_patterns(design, noising, first);
    train_exactly(noising, source, options, trained, report);
  } else {
    const Patterns patterns = make_patterns(design, images);
    require_patterns(design, noising, patterns);
    train_stepwise(noising, patterns, options, trained, report);
  }
  round_parameters(trained.design.computer);
  report.wall_s = seconds_since(start) + options.resumed.wall_s;
  trained.training["images"] = images.rows();
  trained.training["source"] = images.source;
  trained.training["wall_s"] = report.wall_s;
  return trained;
}

}  // namespace swell::generate
