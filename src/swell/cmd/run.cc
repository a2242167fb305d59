// swell run: any protocol of a design or a trained computer.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <cmath>

#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/image_flags.h"
#include "swell/cmd/progress.h"
#include "swell/cmd/random_bits.h"
#include "swell/engine/patterns.h"
#include "swell/io/leave_files.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/training_set.h"
#include "swell/programs/simulate/output_files.h"
#include "swell/programs/simulate/report.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string file, output, snapshots, observe, observe_from;
  double dt = 0;  // 0 for the design's
  simulate::Options options;
  DataFlags data;
  ImageFlags images;
  CheckpointFlags checkpoint;
};

// "0.05" is a time in 1/mu, "50steps" a number of steps.
int64_t steps_between(const char* flag, const std::string& text, double dt) {
  constexpr std::string_view kSuffix = "steps";
  if (text.empty()) return 0;
  const bool steps = text.ends_with(kSuffix);
  const char* last = text.data() + text.size() - (steps ? kSuffix.size() : 0);
  double amount = 0;
  const auto [end, error] = std::from_chars(text.data(), last, amount);
  const double count = steps ? amount : amount / dt, whole = std::round(count);
  if (error != std::errc() || end != last || !(whole >= 1) || whole > 1e12 || std::abs(count - whole) > 1e-6 * whole) {
    throw InputError(fmt::format(
        "{} {} is not allowed; a multiple of dt = {} is, or a whole number of steps such as 50steps", flag, text, dt));
  }
  return static_cast<int64_t>(whole);
}

std::string protocols_of(const Design& design, const std::string& file) {
  std::vector<std::string> names;
  for (const Protocol& protocol : design.protocols) names.push_back(protocol.name);
  if (names.empty()) return fmt::format("{} has no protocol, so there is nothing to run", file);
  return fmt::format("which protocol is to be run? --protocol is missing; {} has {}", file, fmt::join(names, ", "));
}

Patterns load_patterns(const Flags& flags, const Trained& trained, const Common& common, std::string& source) {
  const bool given = !flags.data.data.empty();
  if (!given && trained.images.rows() == 0) {
    source = "none";
    return fixed_patterns(trained.design);
  }
  const DataSet images = given ? load_images(flags.data, flags.images, trained.design, common) : trained.images;
  source = given ? images.source : "the images that the trained computer keeps";
  return generate::make_patterns(trained.design, images);
}

void say_summary(const simulate::Outcome& outcome, const Common& common) {
  common.say(fmt::format(
      "{} of {}, {}: {:.2f} s",
      outcome.run.trajectories == 1 ? "1 trajectory" : fmt::format("{} trajectories", outcome.run.trajectories),
      counted(outcome.run.units, "unit"), counted(outcome.run.steps, "step"), outcome.run.wall_s));
  for (const simulate::SegmentSummary& segment : outcome.segments) {
    common.say(fmt::format("  {:<12} work {} E0, heat {} E0, entropy {} k", segment.name, to_text(segment.work),
                           to_text(segment.heat), to_text(segment.entropy)));
  }
  if (outcome.run.observations > 0) {
    common.say(fmt::format("averages over {} observations: energy {} E0, its variance {} E0^2",
                           outcome.run.observations, to_text(outcome.averages.energy),
                           to_text(outcome.averages.energy_variance)));
  }
  if (!outcome.course.points.empty()) {
    common.say("course, work and heat since the start:");
    common.say(simulate::course_table(outcome.course));
  }
  say_bill(outcome.bill);
  common.say(fmt::format("first law closes to {:.1e} E0", outcome.first_law.residual));
  say_diagnostics(outcome.diagnostics);
}

Result run(const Flags& flags, const Common& common) {
  Trained trained = load_machine(flags.file);
  if (flags.dt > 0) set_step(trained.design, flags.dt);
  const Design& design = trained.design;
  simulate::Options options = flags.options;
  // Not by the parser: whoever gives neither is told of the protocols first.
  if (options.protocol.empty()) throw InputError(protocols_of(design, flags.file));
  if (flags.output.empty()) throw InputError("'swell run' needs -o FOLDER, for what the run leaves");
  find_protocol(design, options.protocol);
  options.seed = common.draws();
  options.threads = common.threads;
  options.ranks = common.ranks;
  if (common.quick) options.trajectories = std::min<int64_t>(options.trajectories, 16);
  options.snapshot_every = steps_between("--snapshots", flags.snapshots, design.dt);
  options.observe_every = steps_between("--observe", flags.observe, design.dt);
  options.observe_from = steps_between("--observe-from", flags.observe_from, design.dt);
  if (options.observe_from > 0 && options.observe_every == 0)
    throw InputError("--observe-from leaves out the beginning of averages; ask for them with --observe");
  if (options.by_group && options.points == 0)
    throw InputError("--by-group keeps its figures at the points of the course; --course-points 0 leaves none");
  options.checkpoint = checkpoint_file(flags.checkpoint, common);
  std::string source;
  const Patterns patterns = load_patterns(flags, trained, common, source);
  require_writable_folder(flags.output);
  ProgressLine progress("trajectory-steps");
  options.progress = [&](const Progress& at) {
    return progress.show("running", at.done, at.total, coming(common.random_bits));
  };
  const std::vector<PlannedFile> files = simulate::planned_files(design, options, flags.output);
  say_size(files, flags.output, common);
  simulate::Outcome outcome = simulate::simulate(design, patterns, options, flags.output);
  Result result;
  result.inputs = {{"samples", options.trajectories},          {"design", design.name},    {"dt", design.dt},
                   {"integrator", name_of(design.integrator)}, {"kT", design.computer.kT}, {"patterns", source}};
  result.inputs["start"] = options.start == simulate::Start::zero ? "zero" : "dispersed";
  result.inputs.update(to_json(options));
  result.result = simulate::to_json(design, outcome);
  result.result["disk_predicted_bytes"] = total_bytes(files);
  result.bill = to_json(outcome.bill);
  add_diagnostics(result, outcome.diagnostics);
  result.check("whole protocol", !outcome.run.interrupted, simulate::interruption(outcome));
  result.page = simulate::report_page(design, options, outcome);
  simulate::write_outputs(flags.output, outcome, result.page);
  if (!options.checkpoint.path.empty()) remove_file(options.checkpoint.path);
  if (outcome.run.interrupted) {
    common.say(simulate::interruption(outcome));
    if (result.exit_code == 0) result.exit_code = 130;
  }
  say_summary(outcome, common);
  common.say(fmt::format("wrote states.npy, ledger.npy, {}{}{}report.json, report.html to {}",
                         outcome.course.points.empty() ? "" : "course.csv, ",
                         outcome.snapshots > 0 ? "snapshots.npy, " : "",
                         outcome.run.observations > 0 ? "averages.npy, " : "", flags.output));
  return result;
}

}  // namespace

Command run_command() {
  return {
      "run", "any protocol of a design or a trained computer",
      [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        const auto most = int64_t{1} << 40;
        app.add_option("FILE", flags->file, "design (.toml), whitelam2026, or trained computer (safetensors)")
            ->required();
        app.add_option("--protocol", flags->options.protocol, "protocol of the design; without it they are listed")
            ->option_text("NAME");
        app.add_option("-n,--samples", flags->options.trajectories, "number of trajectories")
            ->capture_default_str()
            ->check(CLI::Range(int64_t{1}, most));
        app.add_option(
            "-o,--output", flags->output,
            "folder for states.npy, ledger.npy (work, heat, entropy of each segment), course.csv (means, "
            "variances, heat and work in time), snapshots.npy, averages.npy, report.json, report.html; needed");
        add_step_flag(app, flags->dt);
        app.add_option_function<std::string>(
               "--start",
               [flags](const std::string& name) {
                 flags->options.start = name == "zero" ? simulate::Start::zero : simulate::Start::dispersed;
               },
               "zero: each trajectory from x = 0; dispersed: each unit drawn from the equilibrium of its own potential "
               "at four times kT, so that R-hat tells chains that have not mixed")
            ->default_str("zero")
            ->check(CLI::IsMember({"zero", "dispersed"}));
        app.add_option("--first", flags->options.first_trajectory,
                       "number of the first trajectory: runs in pieces give what one run gives")
            ->capture_default_str()
            ->check(CLI::Range(int64_t{0}, most));
        app.add_option("--snapshots", flags->snapshots,
                       "time between snapshots of the states, 1/mu, or in steps (50steps); none without it");
        app.add_option("--observe", flags->observe,
                       "time between observations for averages, 1/mu, or in steps: mean and variance of each unit in "
                       "averages.npy, energy and covariance of the groups' means in report.json, all with standard "
                       "errors over trajectories; none without it");
        app.add_option("--observe-from", flags->observe_from,
                       "time left out of the averages at the beginning, 1/mu, or in steps");
        app.add_option("--course-points", flags->options.points,
                       "points in time at which course.csv and the page have mean, variance, heat and work with "
                       "standard errors, about; fewer where they would not fit 256 MiB; 0 for none")
            ->capture_default_str()
            ->check(CLI::Range(int64_t{0}, int64_t{1000000}));
        app.add_flag("--by-group", flags->options.by_group,
                     "heat and work of each group as well in course.csv and on the page: heat to the baths of its "
                     "units, work of its drive; of the cpu and reference engine, several times slower");
        app.add_option("--units", flags->options.snapshot_group, "snapshots and averages of this group only")
            ->option_text("NAME");
        app.add_option("--trajectories", flags->options.snapshot_trajectories,
                       "snapshots of the first so many trajectories, 0 for all")
            ->capture_default_str()
            ->check(CLI::Range(int64_t{0}, most));
        add_engine_flags(app, flags->options);
        add_pattern_flags(app, flags->data);
        add_image_flags(app, flags->images);
        add_checkpoint_flags(app, flags->checkpoint);
        add_price_flags(app, flags->options.prices, {Price::heat, Price::time, Price::readout, Price::write});
        return [flags](const Common& common) { return run(*flags, common); };
      },
      true};
}

}  // namespace swell::cmd
