// swell demo: train on three embedded digits, generate images, write pictures and a report page.

#include <fmt/format.h>

#include "swell/cmd/command.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/generate_run.h"
#include "swell/io/atomic_file.h"
#include "swell/io/json.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/read_images.h"
#include "swell/programs/generate/training_set.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string output = "demo", play;
  int64_t samples = 100;
  TrainFlags train;
  Prices prices;
};

Result run(const Flags& flags, const Common& common) {
  const std::filesystem::path folder = flags.output;
  require_writable_folder(folder);
  const Design design = load_design("whitelam2026");
  const DataSet images = generate::embedded_digits();
  common.say(fmt::format("Training a thermodynamic computer of {} units on {} digits, seed {} ...",
                         design.computer.units(), images.rows(), common.seed));
  generate::TrainReport report;
  const Trained trained = train_with_progress(design, images, flags.train, common, report);
  if (trained.training["method"] == "exact") {
    common.say(fmt::format("{:.1f} s, relative residual {:.1e} after {} iterations", report.wall_s,
                           trained.training["residual"].get<double>(), report.curve.size() - 1));
  } else {
    common.say(fmt::format("{:.1f} s, {} updates, loss per step and unit {:.6f}", report.wall_s, report.curve.size(),
                           report.curve.back()));
  }
  write_trained(folder / "digits.safetensors", trained);
  const std::string play = play_page(flags.play, trained);
  generate::SampleOptions options;
  options.samples = common.quick ? std::min<int64_t>(flags.samples, 16) : flags.samples;
  options.seed = common.draws();
  options.prices = flags.prices;
  common.say(fmt::format("Generating {} images from thermal noise ...", options.samples));
  generate::Samples samples = generate_with_progress(trained, options, common);
  samples.bill.training_wall_s = report.wall_s;
  Result result;
  result.inputs = {{"samples", options.samples},
                   {"design", design.name},
                   {"dt", design.dt},
                   {"integrator", name_of(design.integrator)},
                   {"tolerance", in_force(flags.train, common).tolerance},
                   {"updates", in_force(flags.train, common).updates},
                   {"images", images.source}};
  result.result = generate::to_json(samples);
  result.result["training"] = trained.training;
  result.result["training"]["curve"] = report.curve;
  result.result["files"] = {{"samples", (folder / "samples.npy").string()},
                            {"machine", (folder / "digits.safetensors").string()}};
  result.bill = to_json(samples.bill);
  add_checks(result, samples);
  if (result.exit_code == 0) result.exit_code = check_tolerance(trained, report, flags.train);
  add_training_check(result, trained, report, flags.train);
  generate::write_outputs(folder, trained, samples);
  result.page = generate::report_page(trained, report, samples, common.seed);
  add_play_page(result, play, folder);
  write_file_atomically(folder / "report.html", result.page);
  if (samples.interrupted) common.say(interruption(samples, options));
  say_summary(samples, common);
  common.say(fmt::format("Open {} in a browser.", (folder / "report.html").string()));
  return result;
}

}  // namespace

Command demo_command() {
  return {"demo", "train on three embedded digits, generate 100 images, write pictures and report.html",
          [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            app.add_option("-o,--output", flags->output, "folder for everything it writes")->capture_default_str();
            app.add_option("-n,--samples", flags->samples, "number of images")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
            add_play_flag(app, flags->play);
            add_train_flags(app, flags->train);
            add_price_flags(
                app, flags->prices,
                {Price::heat, Price::time, Price::readout, Price::write, Price::multiply_add, Price::denoiser});
            return [flags](const Common& common) { return run(*flags, common); };
          }};
}

}  // namespace swell::cmd
