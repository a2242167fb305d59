// swell generate: a trained computer in, images from thermal noise out.

#include <fmt/format.h>

#include <optional>

#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/cmd/chip_flags.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/generate_run.h"
#include "swell/cmd/random_bits.h"
#include "swell/hardware/precision.h"
#include "swell/io/atomic_file.h"
#include "swell/io/json.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/play.h"
#include "swell/programs/generate/report.h"

namespace swell::cmd {

generate::Samples generate_with_progress(const Trained& trained, generate::SampleOptions options,
                                         const Common& common) {
  ProgressLine progress("trajectory-steps");
  options.threads = common.threads;
  options.ranks = common.ranks;
  options.progress = [&](const Progress& at) {
    return progress.show("generating", at.done, at.total, coming(common.random_bits));
  };
  return generate::generate(trained, options);
}

void say_summary(const generate::Samples& samples, const Common& common) {
  common.say(fmt::format("{} in {:.2f} s ({:.3g} unit-steps/s)", counted(samples.count, "image"), samples.wall_s,
                         samples.unit_steps_per_s));
  say_bill(samples.bill);
  if (!samples.judged) return;
  std::string classes;
  for (const auto& [label, count] : samples.quality.class_counts) classes += fmt::format(" {}:{}", label, count);
  common.say(
      fmt::format("nearest cosine {}; share of other images {}, blends: {} of {}; classes{}; nearer to a negative: {}",
                  to_text(samples.quality.nearest_cosine), to_text(samples.quality.blend), samples.quality.blended,
                  samples.count, classes, samples.quality.negatives));
}

std::string interruption(const generate::Samples& samples, const generate::SampleOptions& options) {
  return fmt::format("interrupted: the {} of {} images that were finished are kept", samples.count, options.samples);
}

void add_checks(Result& result, const generate::Samples& samples) {
  add_diagnostics(result, samples.diagnostics);
  result.check("all images finished", !samples.interrupted,
               "the run was interrupted: those that were finished are kept");
  if (samples.interrupted) result.exit_code = 130;
}

namespace {

struct Flags {
  std::string model, output;
  int64_t samples = 100;
  std::vector<int> labels;
  int64_t film_samples = 25;
  double dt = 0;  // 0 for the design's
  int bits = 0;
  std::string rounding = "nearest";
  EngineChoice engine;
  CheckpointFlags checkpoint;
  Prices prices;
  std::string play;  // page of `make web`; empty for none
  ChipFlags chip;
  std::optional<uint64_t> chip_seed;  // images of this one chip, in place of many chips' errors
};

// How far images are from those learned, 1 - cosine to the nearest, on each chip.
ChipErrors generate_on_chips(const Trained& trained, const hardware::Imperfections& spec, const ChipFlags& chips,
                             generate::SampleOptions options, const Common& common) {
  if (trained.images.rows() == 0 || trained.design.stages)
    throw InputError("--chip judges images by those that the machine learned, which this one does not have");
  ChipErrors result{"1 - cosine to the nearest image learned", spec.name, {}, 0, 0, {}};
  options.film_samples = 0;
  options.checkpoint = {};
  options.files.clear();
  const auto error_of = [&](const Trained& machine, Seed noise) {
    options.seed = noise;
    return generate::error_of(generate_with_progress(machine, options, common), trained.images).mean;
  };
  const auto perfect_of = [&] { return error_of(trained, common.draws()); };
  try_chips(result, chips, common, perfect_of, [&](int64_t k) {
    const uint64_t seed = hardware::chip_seed(common.seed, k);
    const Trained chip = generate::on_chip(trained, spec, seed);
    const double error = error_of(chip, noise_of_chip(seed, common));
    if (const auto rate = generate::housekeeping_of(chip, seed, common.threads)) result.entropy.push_back(*rate);
    return error;
  });
  return result;
}

Result run(const Flags& flags, const Common& common) {
  Trained trained = read_trained(flags.model);
  if (flags.bits > 0) {
    const auto rounding = flags.rounding == "nearest" ? hardware::Rounding::nearest : hardware::Rounding::stochastic;
    trained.design.computer = hardware::quantise(trained.design.computer, flags.bits, rounding, common.seed);
  }
  require_writable_folder(flags.output);
  generate::SampleOptions options;
  options.samples = common.quick ? std::min<int64_t>(flags.samples, 16) : flags.samples;
  options.seed = common.draws();
  options.film_samples = flags.film_samples;
  options.labels = flags.labels;
  options.dt = flags.dt;
  static_cast<EngineChoice&>(options) = flags.engine;
  options.prices = flags.prices;
  options.checkpoint = checkpoint_file(flags.checkpoint, common);
  options.files = generate::planned_files(flags.output, trained, options.samples);
  say_size(options.files, flags.output, common);
  const auto spec = chip_of(flags.chip);
  const bool one_chip = spec && flags.chip_seed;
  if (one_chip) trained = generate::on_chip(trained, *spec, *flags.chip_seed);
  const std::string play = play_page(flags.play, trained);
  const generate::Samples samples = generate_with_progress(trained, options, common);
  Result result;
  result.inputs = {{"samples", options.samples},
                   {"design", trained.design.name},
                   {"dt", flags.dt > 0 ? flags.dt : trained.design.dt},
                   {"integrator", name_of(trained.design.integrator)}};
  result.inputs.update(to_json(flags.engine));
  result.result = generate::to_json(samples);
  result.result["training"] = trained.training;
  result.inputs["labels"] = flags.labels;
  result.result["disk_predicted_bytes"] = total_bytes(options.files);
  result.result["files"] = {{"samples", (std::filesystem::path(flags.output) / "samples.npy").string()}};
  result.bill = to_json(samples.bill);
  add_checks(result, samples);
  generate::write_outputs(flags.output, trained, samples);
  result.page = generate::report_page(trained, {}, samples, common.seed);
  if (spec && !one_chip)
    add_chips(result, generate_on_chips(trained, *spec, flags.chip, options, common), flags.chip, common);
  add_play_page(result, play, flags.output);
  write_file_atomically(std::filesystem::path(flags.output) / "report.html", result.page);
  generate::remove_checkpoint(options);
  if (samples.interrupted) common.say(interruption(samples, options));
  say_summary(samples, common);
  common.say(fmt::format("wrote samples.npy, grid.png, {}couplings.png, report.json, report.html to {}",
                         samples.film_samples > 0 ? "movie.gif, " : "", flags.output));
  return result;
}

}  // namespace

Command generate_command() {
  return {"generate", "images from noise with a trained computer",
          [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            app.add_option("MODEL", flags->model, "trained computer (safetensors, from 'swell train')")->required();
            app.add_option("-n,--samples", flags->samples, "number of images")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
            app.add_option("--label", flags->labels,
                           "classes to make, image after image in turn, for example 7 or 0,1; without it all that the "
                           "machine has; of machines with label units")
                ->delimiter(',');
            app.add_option("-o,--output", flags->output,
                           "folder for samples.npy, labels.npy, grid.png, movie.gif, couplings.png, play.html, "
                           "report.json, report.html")
                ->required();
            app.add_option("--film", flags->film_samples, "images shown in the film, 0 for no film")
                ->capture_default_str()
                ->check(CLI::Range(0, 400));
            add_step_flag(app, flags->dt);
            app.add_option("--bits", flags->bits, "round couplings and biases to so many bits first, 0 for as they are")
                ->capture_default_str()
                ->check(CLI::Range(0, 24));
            app.add_option("--rounding", flags->rounding,
                           "with --bits: nearest, to the nearest level; stochastic, up or down at random, right on "
                           "average, another chip for each --seed")
                ->capture_default_str()
                ->check(CLI::IsMember({"nearest", "stochastic"}));
            add_play_flag(app, flags->play);
            add_chip_flags(app, flags->chip);
            app.add_option("--chip-seed", flags->chip_seed,
                           "with --chip: make the images with the one chip whose faults have this seed, in place of "
                           "the error over many")
                ->group("Chips");
            add_engine_flags(app, flags->engine);
            add_checkpoint_flags(app, flags->checkpoint);
            add_price_flags(
                app, flags->prices,
                {Price::heat, Price::time, Price::readout, Price::write, Price::multiply_add, Price::denoiser});
            return [flags](const Common& common) { return run(*flags, common); };
          },
          true};
}

void add_play_flag(CLI::App& app, std::string& file) {
  app.add_option("--play", file,
                 "page of 'make web' (build/web/swell.html): write play.html as well, that page with this machine "
                 "inside, with a link to it on the report")
      ->option_text("FILE");
}

std::string play_page(const std::string& file, const Trained& trained) {
  if (file.empty()) return "";
  const std::vector<std::byte> bytes = read_file(file, size_t{64} << 20);
  return generate::page_with_machine({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "--play " + file,
                                     trained);
}

void add_play_page(Result& result, const std::string& page, const std::filesystem::path& folder) {
  if (page.empty()) return;
  write_file_atomically(folder / "play.html", page);
  result.result["files"]["play"] = (folder / "play.html").string();
  result.page.insert(std::min(result.page.find("</h1>"), result.page.size() - 5) + 5,
                     "\n<p><a href=\"play.html\">Play with this machine in the browser</a></p>");
}

}  // namespace swell::cmd
