// swell train: a design and images in, a trained computer out.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/image_flags.h"
#include "swell/cmd/report.h"
#include "swell/programs/generate/report.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string design, output;
  DataFlags data;
  ImageFlags images;
  TrainFlags train;
};

Result run(const Flags& flags, const Common& common) {
  require_writable_file(flags.output);
  const Design design = load_design(flags.design);
  if (has_table(design, "neural") &&
      std::ranges::none_of(design.protocols, [](const Protocol& p) { return p.name == "generation"; })) {
    throw InputError(
        fmt::format("design '{}' is of a machine that answers ([neural]), not of one that makes images; "
                    "'swell neural train {}' trains it",
                    design.name, flags.design));
  }
  const DataSet images = load_images(flags.data, flags.images, design, common);
  common.say(fmt::format("design {}: {} units, {} parameters; {} images from {}", design.name, design.computer.units(),
                         design.computer.sets.empty() ? 0 : count_parameters(design.computer, design.computer.sets[0]),
                         images.rows(), images.source));
  generate::TrainReport report;
  const Trained trained = train_with_progress(design, images, flags.train, common, report);
  write_trained(flags.output, trained);
  if (flags.train.method == "exact") {
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
  result.inputs = {{"images", images.source}};
  result.result = trained.training;
  result.result["curve"] = report.curve;
  result.result["files"] = {{"machine", flags.output}};
  result.bill = to_json(training_bill(report.wall_s));
  add_training_check(result, trained, report, flags.train);
  if (!common.report.empty()) result.page = generate::report_page(trained, report);
  result.exit_code = report.interrupted ? 130 : check_tolerance(trained, report, flags.train);
  return result;
}

}  // namespace

Command train_command() {
  return {
      "train", "learn couplings from images", [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        app.add_option("DESIGN", flags->design, "design file (TOML), or whitelam2026 for the built-in one")->required();
        app.add_option("-o,--output", flags->output, "trained computer to write (safetensors)")->required();
        add_data_flags(app, flags->data);
        add_image_flags(app, flags->images);
        add_train_flags(app, flags->train);
        return [flags](const Common& common) { return run(*flags, common); };
      }};
}

}  // namespace swell::cmd
