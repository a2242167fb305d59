// swell train: a design and images in, a trained computer out.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <span>

#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/cmd/chip_flags.h"
#include "swell/cmd/command.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/image_flags.h"
#include "swell/cmd/report.h"
#include "swell/io/bytes.h"
#include "swell/io/checksum.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/report.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string design, output;
  DataFlags data;
  ImageFlags images;
  TrainFlags train;
  CheckpointFlags checkpoint;
  ChipTrainFlags chip;
};

// What a checkpoint belongs to: all that decides the numbers.
std::string purpose(const Flags& flags, const Design& design, const DataSet& images, const Common& common) {
  return fmt::format(
      "{} of {} (SHA-256 {}...), {} images of {} (SHA-256 {}...), seed {}, updates {}, rate {:g}, rows {}, precision "
      "{}",
      training_method(flags.train, design) == generate::Method::score ? "score" : "gradient", design.name,
      sha256_hex(as_bytes_of(design.text)).substr(0, 12), images.rows(), images.source,
      sha256_hex(std::as_bytes(std::span(images.values))).substr(0, 12), common.seed, flags.train.updates,
      flags.train.rate, flags.train.rows, flags.train.precision);
}

Result run(const Flags& flags, const Common& given) {
  const Design design = load_design(flags.design);
  Common common = given;
  if (training_method(flags.train, design) == generate::Method::gradient || !flags.chip.spec.empty())
    common.leave_to_first("training by --method gradient, and for a chip,");
  require_writable_file(flags.output);
  if (has_table(design, "neural") &&
      std::ranges::none_of(design.protocols, [](const Protocol& p) { return p.name == "generation"; })) {
    throw InputError(
        fmt::format("design '{}' is of a machine that answers ([neural]), not of one that makes images; "
                    "'swell neural train {}' trains it",
                    design.name, flags.design));
  }
  const DataSet images = load_images(flags.data, flags.images, design, common);
  common.say(fmt::format("design {}: {} units, {} parameters; {} from {}", design.name, design.computer.units(),
                         design.computer.sets.empty() ? 0 : count_parameters(design.computer, design.computer.sets[0]),
                         counted(images.rows(), "image"), images.source));
  TrainingCheckpoint checkpoint = training_checkpoint(flags.checkpoint, purpose(flags, design, images, common), common);
  const generate::Method method = training_method(flags.train, design);
  if (checkpoint.wanted() && method == generate::Method::exact)
    throw InputError("--checkpoint is for --method gradient and score; exact training takes seconds and has none");
  if (flags.chip.robust && method != generate::Method::exact)
    throw InputError("--robust is of exact training (--method exact), whose mean loss over chips it knows");
  const CouplingFactor factor = factor_of(flags.chip);
  if (!flags.chip.spec.empty() && !flags.chip.robust) reads_of(design, flags.chip.options.every);
  TrainingControl control;
  control.resumed = checkpoint.resume();
  control.keep = [&](const TrainingState& state) { checkpoint.keep(state, false); };
  if (control.resumed.update > 0)
    common.say(fmt::format("going on from {}, after {} updates", checkpoint.path().string(), control.resumed.update));
  generate::TrainReport report;
  Trained trained = train_with_progress(design, images, flags.train, common, report, control, factor);
  if (report.interrupted && checkpoint.wanted()) keep_for_later(checkpoint, report.state);
  const bool whole = !report.interrupted && train_on_chip(trained, flags.chip, common);
  write_trained(flags.output, trained);
  checkpoint.remove();
  if (method == generate::Method::score) {
    common.say(fmt::format(
        "score matching: {} updates, mean loss of the stages {:.4f} on {}, {:.1f} s{}", report.curve.size(),
        report.losses.mean(),
        trained.training["held_out_images"] == 0
            ? std::string("the images learned")
            : fmt::format("{} images that were not learned from", trained.training["held_out_images"].get<int64_t>()),
        report.wall_s, report.interrupted ? "; interrupted, what was learned so far is kept" : ""));
    if (!report.gate.ratio.empty())
      common.say(
          fmt::format("noisy hidden units, simulated: loss of the force {:.4f} to {:.4f} of the trained one, stage "
                      "by stage (at most {:g} is allowed)",
                      *std::ranges::min_element(report.gate.ratio), report.gate.worst(), 1 + kGateTolerance));
  } else if (method == generate::Method::exact) {
    common.say(fmt::format("exact training: relative residual {:.2e} after {} iterations, {:.1f} s{}",
                           trained.training["residual"].get<double>(), trained.training["iterations"].get<int>(),
                           report.wall_s, report.interrupted ? "; interrupted, the solution so far is kept" : ""));
  } else {
    common.say(fmt::format("gradient training: {} updates, loss per step and unit {:.6f} (floor 0.5), {:.1f} s{}",
                           report.curve.size(), report.curve.empty() ? 0.0 : report.curve.back(), report.wall_s,
                           report.interrupted ? "; interrupted, what was learned so far is kept" : ""));
  }
  common.say(fmt::format("wrote {}", flags.output));
  Result result;
  const TrainFlags used = in_force(flags.train, common);
  const ChipTrainFlags on_chip = in_force(flags.chip, common);
  result.inputs = {{"images", images.source},
                   {"tolerance", used.tolerance},
                   {"updates", used.updates},
                   {"paths", on_chip.options.paths},
                   {"rounds", on_chip.options.rounds}};
  result.result = trained.training;
  result.result["curve"] = report.curve;
  result.result["files"] = {{"machine", flags.output}};
  result.bill = to_json(training_bill(report.wall_s));
  add_training_check(result, trained, report, flags.train);
  if (!common.report.empty()) result.page = generate::report_page(trained, report);
  result.exit_code = !whole ? 130 : check_tolerance(trained, report, flags.train);
  if (!report.gate.ratio.empty()) {
    const bool agree = report.gate.worst() <= 1 + kGateTolerance;
    result.check("noisy machine", agree,
                 fmt::format("in some stage the simulated machine's loss is {:.3f} of the trained one; at most {:g} is "
                             "allowed",
                             report.gate.worst(), 1 + kGateTolerance),
                 {{"worst_ratio", report.gate.worst()}});
    if (!agree) {
      fmt::print(stderr,
                 "swell: the noisy machine does not do what it was trained to do: its loss is {:.3f} of the trained "
                 "one in its worst stage, {:g} is allowed; faster hidden units or a smaller step are needed\n",
                 report.gate.worst(), 1 + kGateTolerance);
      result.exit_code = 5;
    }
  }
  return result;
}

}  // namespace

Command train_command() {
  return {
      "train", "learn couplings from images",
      [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("DESIGN", flags->design, "design file (TOML), or whitelam2026 for the built-in one")->required();
        app.add_option("--save", flags->output, "trained computer to write (safetensors)")->required();
        add_data_flags(app, flags->data);
        add_image_flags(app, flags->images);
        add_train_flags(app, flags->train);
        add_checkpoint_flags(app, flags->checkpoint);
        add_chip_train_flags(app, flags->chip);
        return [flags](const Common& common) { return run(*flags, common); };
      },
      true};
}

}  // namespace swell::cmd
