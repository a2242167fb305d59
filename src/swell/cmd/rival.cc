// swell rival: a digital network of a machine's size, trained on the same images and billed beside it.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <span>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/group.h"
#include "swell/cmd/image_flags.h"
#include "swell/cmd/progress.h"
#include "swell/cmd/report.h"
#include "swell/io/bytes.h"
#include "swell/io/checksum.h"
#include "swell/io/npy.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/rival/rival.h"

namespace swell::cmd {

namespace {

constexpr int64_t kQuickUpdates = 20, kQuickImages = 20, kJudgedRows = 256;

StageTrainingOptions usual_options() {
  StageTrainingOptions options;
  options.rate = 2e-3;
  return options;
}

struct TrainingFlags {
  std::string design, output;
  DataFlags data;
  ImageFlags images;
  CheckpointFlags checkpoint;
  StageTrainingOptions options = usual_options();
  double budget_s = 0;
};

struct SamplingFlags {
  std::string network, output;
  rival::SampleOptions options;
};

// What a checkpoint belongs to: all that decides the numbers.
std::string purpose(const TrainingFlags& flags, const Design& design, const DataSet& images, int64_t updates,
                    const Common& common) {
  return fmt::format(
      "rival of {} (SHA-256 {}...), {} images of {} (SHA-256 {}...), seed {}, updates {}, rate {:g}, rows {}",
      design.name, sha256_hex(as_bytes_of(design.text)).substr(0, 12), images.rows(), images.source,
      sha256_hex(std::as_bytes(std::span(images.values))).substr(0, 12), common.seed, updates, flags.options.rate,
      flags.options.rows);
}

Result train(const TrainingFlags& flags, const Common& common) {
  const Design design = load_design(flags.design);
  if (!design.stages)
    throw InputError(fmt::format(
        "design '{}' is not a machine of stages; 'swell rival' is for those that have [stages]", design.name));
  require_writable_file(flags.output);
  const DataSet images = load_images(flags.data, flags.images, design, common);
  StageTrainingOptions options = flags.options;
  options.seed = common.seed;
  options.threads = common.threads;
  options.go_on = [] { return !interrupted(); };
  if (common.quick) options.updates = std::min(options.updates, kQuickUpdates);
  TrainingCheckpoint checkpoint =
      training_checkpoint(flags.checkpoint, purpose(flags, design, images, options.updates, common), common);
  NetworkTrainer trainer(design, images, options);
  TrainingState state = checkpoint.resume();
  ProgressLine progress;
  TrainingControl control;
  control.budget_s = flags.budget_s;
  control.progress = [&](const Progress& at) { return progress.show(at, fmt::format("loss {:.4g}", at.figure)); };
  control.stop = [] { return interrupted(); };
  control.keep = [&](const TrainingState& now) { checkpoint.keep(now, false); };
  const bool whole = trainer.train(state, TrainingCourse(control, state));
  if (!whole && checkpoint.wanted()) keep_for_later(checkpoint, state);
  const StageLosses losses = trainer.losses(state, kJudgedRows);
  nlohmann::ordered_json levels = nlohmann::ordered_json::array();
  for (size_t k = 0; k < losses.loss.size(); ++k)
    levels.push_back(swell::to_json(Estimate{losses.loss[k], losses.error[k], kJudgedRows}, "1"));
  const DenoisingNetwork network = trainer.network(state);
  nlohmann::ordered_json notes = {{"design", design.name},    {"source", images.source},
                                  {"images", images.rows()},  {"held_out_images", trainer.held_out()},
                                  {"updates", state.update},  {"rows_per_level", options.rows},
                                  {"rate", options.rate},     {"seed", common.seed},
                                  {"loss_of_levels", levels}, {"wall_s", state.wall_s}};
  write_network(flags.output, network, {{"training", notes.dump()}});
  checkpoint.remove();
  common.say(fmt::format("{} updates, mean loss of the levels {:.4f} on {}, {:.1f} s; {} multiply-adds for a step",
                         state.update, losses.mean(),
                         trainer.held_out() == 0
                             ? std::string("the images learned")
                             : fmt::format("{} images that were not learned from", trainer.held_out()),
                         state.wall_s, network.form.multiply_adds()));
  common.say(fmt::format("wrote {}", flags.output));
  Result result;
  result.inputs = {{"images", images.source}, {"updates", options.updates}};
  result.result = notes;
  result.result["multiply_adds_of_a_step"] = network.form.multiply_adds();
  result.result["files"] = {{"network", flags.output}};
  result.bill = to_json(training_bill(state.wall_s));
  result.check("training", whole, "it was interrupted; what was learned so far is kept");
  result.exit_code = whole ? 0 : 130;
  return result;
}

Result sample(const SamplingFlags& flags, const Common& common) {
  const NetworkFile file = read_network(flags.network);
  const NetworkForm& form = file.network.form;
  require_writable_folder(flags.output);
  rival::SampleOptions options = flags.options;
  options.seed = common.draws();
  options.threads = common.threads;
  if (common.quick) options.samples = std::min(options.samples, kQuickImages);
  ProgressLine progress("images");
  options.progress = [&](const Progress& at) { return progress.show("generating", at.done, at.total); };
  const rival::Images samples = rival::generate(file.network, options);
  clear_progress();
  const std::filesystem::path folder = flags.output;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(fmt::format("cannot make the folder {}: {}", flags.output, error.message()));
  std::vector<int64_t> shape{options.samples};
  shape.insert(shape.end(), form.shape.begin(), form.shape.end());
  write_npy(folder / "samples.npy", shape, std::span<const float>(samples.values));
  if (!samples.labels.empty()) {
    const std::vector<double> labels(samples.labels.begin(), samples.labels.end());
    write_npy(folder / "labels.npy", std::vector{options.samples}, std::span<const double>(labels));
  }
  const Bill bill = rival::bill_of(samples, options);
  common.say(fmt::format("{} images in {:.2f} s", options.samples, samples.wall_s));
  say_bill(bill);
  common.say(fmt::format("wrote samples.npy, report.json to {}", flags.output));
  Result result;
  result.inputs = {{"samples", options.samples}};
  result.result = {{"multiply_adds", samples.multiply_adds},
                   {"wall_s", samples.wall_s},
                   {"files", {{"samples", (folder / "samples.npy").string()}}}};
  const auto training = file.notes.find("training");
  if (training != file.notes.end()) {
    auto parsed = nlohmann::ordered_json::parse(training->second, nullptr, false);
    if (!parsed.is_discarded()) result.result["training"] = std::move(parsed);
  }
  result.bill = to_json(bill);
  add_diagnostics(result, no_diagnostics("a digital network samples no equilibrium"));
  return result;
}

Command train_part() {
  return {"train", "learn to take noise away from images", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<TrainingFlags>();
            StageTrainingOptions& o = flags->options;
            app.add_option("DESIGN", flags->design,
                           "design file (TOML) of the machine: its numbers of units and stages, its noise, its styles")
                ->required();
            app.add_option("--save", flags->output, "network to write (safetensors)")->required();
            add_data_flags(app, flags->data);
            add_image_flags(app, flags->images);
            app.add_option("--updates", o.updates, "updates")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{1}, int64_t{1} << 39));
            app.add_option("--rate", o.rate,
                           "learning rate of Adam for the weights, four times that for gains and biases; falling to 0 "
                           "along a cosine")
                ->capture_default_str()
                ->check(CLI::Range(1e-9, 1.0));
            app.add_option("--rows", o.rows, "examples of each level of noise in an update, a multiple of 32")
                ->capture_default_str();
            app.add_option("--budget", flags->budget_s, "stop after this time (90s, 1h), 0 for never")
                ->capture_default_str()
                ->transform(in_seconds())
                ->option_text("TIME");
            add_checkpoint_flags(app, flags->checkpoint);
            return [flags](const Common& common) { return train(*flags, common); };
          }};
}

Command generate_part() {
  return {"generate", "images from noise with such a network", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<SamplingFlags>();
            rival::SampleOptions& o = flags->options;
            app.add_option("NETWORK", flags->network, "network (safetensors, from 'swell rival train')")->required();
            app.add_option("-n,--samples", o.samples, "number of images")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{1}, int64_t{1} << 40));
            app.add_option("--steps", o.steps, "steps in which noise is taken away: as often is the network asked")
                ->capture_default_str()
                ->check(CLI::Range(1, 100000));
            app.add_option("--first-noise", o.noise,
                           "noise to begin with about the mean image of a style, in units of black to white, at most "
                           "the first of the design; 0 for that one")
                ->capture_default_str();
            app.add_option("--fresh", o.fresh,
                           "share of new noise in a step: 1, as in taking back a diffusion; 0, none but that of the "
                           "beginning")
                ->capture_default_str()
                ->check(CLI::Range(0.0, 1.0));
            app.add_option("--label", o.classes,
                           "classes to make, image after image in turn, for example 7 or 0,1; without it all")
                ->delimiter(',');
            app.add_option("-o,--output", flags->output, "folder for samples.npy, labels.npy, report.json")->required();
            add_price_flags(app, o.prices, {Price::heat, Price::multiply_add});
            return [flags](const Common& common) { return sample(*flags, common); };
          }};
}

}  // namespace

Command rival_command() {
  return group("rival", "a digital network of a machine's size, for comparison", {train_part(), generate_part()});
}

}  // namespace swell::cmd
