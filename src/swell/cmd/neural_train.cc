// swell neural train: couplings of a machine that answers, learned in one of three ways.

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/neural.h"
#include "swell/cmd/progress.h"
#include "swell/cmd/report.h"
#include "swell/io/bytes.h"
#include "swell/io/checksum.h"
#include "swell/learn/trained.h"
#include "swell/learn/training_file.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/neural/pages.h"
#include "swell/programs/neural/train.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;

struct Flags {
  std::string design, output, method = "gradient", from, selection = "elites";
  NeuralDataFlags data;
  CheckpointFlags checkpoint;
  neural::TrainOptions options;
};

neural::Method method_of(const std::string& name) {
  return name == "exact"      ? neural::Method::exact
         : name == "gradient" ? neural::Method::gradient
                              : neural::Method::genetic;
}

// What a checkpoint belongs to: all that decides the numbers.
std::string purpose(const Flags& flags, const neural::NeuralDesign& design, const DataSet& examples,
                    const Common& common) {
  const neural::TrainOptions& o = flags.options;
  return fmt::format(
      "{} of {} (SHA-256 {}...), {} examples of {}, seed {}, batch {} x {}, updates {}, rate {:g}, generations {}, "
      "population {} "
      "({} {}), mutation {:g}, from '{}'{}",
      flags.method, design.name, sha256_hex(as_bytes_of(design.text)).substr(0, 12), examples.rows(), examples.source,
      common.seed, o.batch, o.noise_samples, o.updates, o.rate, o.evolution.generations, o.evolution.population,
      flags.selection, o.evolution.elites, o.evolution.mutation, flags.from,
      o.only.empty() ? "" : fmt::format(", only {}", fmt::join(o.only, ",")));
}

std::vector<float> start_from(const std::string& file) {
  if (file.empty()) return {};
  const neural::NeuralDesign design = neural::neural_design(read_trained(file).design);
  return AdjointMachine(design, find_protocol(design, "answer"), design.neural.output).read(design.computer.sets);
}

Result run(const Flags& flags, const Common& common) {
  require_writable_file(flags.output);
  neural::NeuralDesign design = neural::neural_design(load_design(flags.design));
  const DataSet examples = load_examples(flags.data, design, true, 0, common);
  neural::TrainOptions options = flags.options;
  options.method = method_of(flags.method);
  options.evolution.selection = flags.selection == "elites" ? Selection::elites : Selection::average;
  options.seed = common.seed;
  options.threads = common.threads;
  options.evolution.rate = options.rate;
  if (common.quick) {
    options.updates = std::min<int64_t>(options.updates, 200);
    options.evolution.generations = std::min<int64_t>(options.evolution.generations, 3);
    options.teacher_epochs = std::min(options.teacher_epochs, 1);
  }
  options.start = start_from(flags.from);
  TrainingCheckpoint checkpoint =
      training_checkpoint(flags.checkpoint, purpose(flags, design, examples, common), common);
  options.resumed = checkpoint.resume();
  options.keep = [&](const TrainingState& state) { checkpoint.keep(state, false); };
  ProgressLine progress;
  options.progress = [&](const Progress& at) {
    return progress.show(
        at.stage, at.done, at.total,
        !std::isnan(at.figure) ? fmt::format("{} {:.4g}", at.stage == "solving" ? "residual" : "loss", at.figure) : "");
  };
  common.say(fmt::format("design {}: {} units, {} parameters; {} examples from {}; {} training", design.name,
                         design.computer.units(), count_parameters(design.computer, design.computer.sets[0]),
                         examples.rows(), examples.source, flags.method));
  options.stop = [] { return interrupted(); };
  const neural::TrainReport report = neural::train(design, examples, options);
  if (report.interrupted && checkpoint.wanted()) keep_for_later(checkpoint, report.state);
  Trained trained;
  trained.design = design;
  trained.training = to_json(report);
  trained.training["source"] = examples.source;
  trained.training["examples"] = examples.rows();
  trained.training["norm"] = examples.norm;
  trained.training["seed"] = common.seed;
  round_parameters(trained.design.computer);
  write_trained(flags.output, trained);
  checkpoint.remove();
  common.say(fmt::format(
      "{} training: {} {:.4g} after {} {}, {} trajectories simulated, {:.1f} s{}", flags.method,
      options.method == neural::Method::exact ? "relative residual" : "loss", report.final_loss, report.curve.size(),
      options.method == neural::Method::exact      ? "iterations"
      : options.method == neural::Method::gradient ? "updates"
                                                   : "generations",
      report.evaluations, report.wall_s, report.interrupted ? "; interrupted, what was learned so far is kept" : ""));
  if (report.teacher_accuracy >= 0) {
    common.say(fmt::format("teacher: {:.2f} % of the training set, {} multiply-adds an answer, {:.1f} s",
                           100 * report.teacher_accuracy, report.teacher_multiply_adds, report.teacher_wall_s));
  }
  common.say(fmt::format("wrote {}", flags.output));
  Result result;
  result.inputs = {{"examples", examples.source},
                   {"updates", options.updates},
                   {"generations", options.evolution.generations},
                   {"teacher_epochs", options.teacher_epochs},
                   {"dt", design.dt},
                   {"integrator", name_of(design.integrator)}};
  result.result = trained.training;
  result.result["curve"] = report.curve;
  result.result["files"] = {{"machine", flags.output}};
  result.bill = to_json(training_bill(report.wall_s));
  result.check("training", !report.interrupted, "it was interrupted; what was learned so far is kept");
  if (!common.report.empty())
    result.page = neural::training_page(trained.design, report, flags.method, examples.source, examples.rows());
  result.exit_code = report.interrupted ? 130 : 0;
  return result;
}

}  // namespace

Command neural_train_command() {
  return {
      "train", "learn the couplings of a classifier or a function", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        neural::TrainOptions& o = flags->options;
        app.add_option("DESIGN", flags->design, "design file (TOML) with a table [neural] and a protocol 'answer'")
            ->required();
        app.add_option("--save", flags->output, "trained machine to write (safetensors)")->required();
        add_neural_data_flags(app, flags->data);
        app.add_option("--method", flags->method,
                       "exact: least squares along guide trajectories of a teacher; gradient: through the simulated "
                       "dynamics; genetic: from scores of perturbed machines alone")
            ->capture_default_str()
            ->check(CLI::IsMember({"exact", "gradient", "genetic"}));
        app.add_option("--warm-start", flags->from,
                       "gradient, genetic: begin with the couplings of this trained machine")
            ->option_text("FILE");
        app.add_option("--trainable", o.only,
                       "gradient, genetic: what may change, couplings as hidden-output, biases as output, with commas "
                       "between; without it all")
            ->option_text("NAME,...")
            ->delimiter(',');
        app.add_option("--budget", o.budget_s, "gradient, genetic: stop after this time (90s, 1h), 0 for never")
            ->capture_default_str()
            ->transform(in_seconds())
            ->option_text("TIME");
        app.add_option("--batch", o.batch, "gradient, genetic: examples of an update, 0 for all")
            ->capture_default_str();
        app.add_option("--noise-samples", o.noise_samples,
                       "gradient, genetic: trajectories for each example; gradient: a divisor of 64")
            ->capture_default_str();
        app.add_option("--updates", o.updates, "gradient: updates")
            ->capture_default_str()
            ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
        app.add_option("--rate", o.rate,
                       "gradient, genetic with average: learning rate of Adam, E0, falling to 0 along a cosine")
            ->capture_default_str();
        app.add_option("--generations", o.evolution.generations, "genetic: generations")
            ->capture_default_str()
            ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
        app.add_option("--population", o.evolution.population, "genetic: machines in a generation")
            ->capture_default_str();
        app.add_option("--elites", o.evolution.elites, "genetic: machines that stay")->capture_default_str();
        app.add_option("--mutation", o.evolution.mutation,
                       "genetic: standard deviation of the change of a parameter, E0")
            ->capture_default_str();
        app.add_option("--selection", flags->selection,
                       "genetic: elites, the best stay and are changed (published); average, one machine moves along "
                       "the changes weighted by their scores")
            ->capture_default_str()
            ->check(CLI::IsMember({"elites", "average"}));
        app.add_option("--tolerance", o.tolerance, "exact: relative residual to stop at")->capture_default_str();
        app.add_option("--iterations", o.max_iterations, "exact: iterations at most")->capture_default_str();
        app.add_option("--teacher-epochs", o.teacher_epochs, "exact: epochs of the teacher")
            ->capture_default_str()
            ->check(CLI::Range(1, 10000));
        app.add_option("--teacher-decay", o.teacher_decay,
                       "exact: weight decay of the teacher; small weights are easier to follow")
            ->capture_default_str()
            ->check(CLI::Range(0.0, 1e6));
        add_checkpoint_flags(app, flags->checkpoint);
        return [flags](const Common& common) { return run(*flags, common); };
      }};
}

}  // namespace swell::cmd
