#include "swell/cmd/flags.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>

#include "swell/base/errors.h"
#include "swell/base/quantity.h"
#include "swell/cmd/console.h"
#include "swell/cmd/progress.h"
#include "swell/embedded.h"
#include "swell/io/datasets.h"
#include "swell/kernels/dispatch.h"
#include "swell/ledger/to_json.h"

namespace swell::cmd {

namespace {

// CLI::Range takes nan, which is neither below nor above any bound.
std::function<std::string(const std::string&)> between(double low, double high) {
  return [=](const std::string& text) -> std::string {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error == std::errc() && stop == end && value >= low && value <= high) return "";
    return fmt::format("{} is not a number from {:g} to {:g}", text, low, high);
  };
}

}  // namespace

std::function<std::string(const std::string&)> finite_number() { return between(-1e30, 1e30); }

CLI::Validator in_seconds() {
  return {[](std::string& text) -> std::string {
            try {
              text = fmt::format("{}", seconds_in(text));
              return "";
            } catch (const InputError& error) {
              return error.what();
            }
          },
          ""};
}

void add_price_flags(CLI::App& app, Prices& prices, std::initializer_list<Price> which) {
  const auto price = [&](const char* flag, double& value, const char* help, double low = 0) {
    return app.add_option(flag, value, help)->capture_default_str()->check(between(low, 1e30))->group("Prices");
  };
  for (const Price each : which) {
    switch (each) {
      case Price::heat:  // divides the prices
        price("--temperature", prices.temperature_kelvin, "temperature of the device, K", 1e-6);
        break;
      case Price::time:
        price("--time-unit", prices.time_unit_s, "1/mu of the device: 1us, 10ns, or in s")
            ->transform(in_seconds())
            ->option_text("TIME");
        break;
      case Price::update:
        price("--update-time", prices.update_time_s,
              "between two updates of a p-bit of the device: 1ns, 10us, or in s; a sweep takes as long. 0: not known")
            ->transform(in_seconds())
            ->option_text("TIME");
        break;
      case Price::readout:
        price("--price-readout", prices.readout_joule, "energy to read one analogue value, J (assumed)");
        break;
      case Price::write:
        price("--price-write", prices.write_joule, "energy to write one parameter or input, J (assumed)");
        break;
      case Price::flip:
        price("--price-flip", prices.flip_joule,
              "energy of one flip of a p-bit of the device, J (a photonic p-computer: 4.9 nJ)");
        break;
      case Price::multiply_add:
        price("--price-mac", prices.multiply_add_joule, "energy of one digital multiply-add, J");
        break;
      case Price::denoiser:
        price("--denoiser-macs", prices.denoiser_multiply_adds, "multiply-adds of a digital denoiser per image");
        break;
    }
  }
}

namespace {

void add_choice_flags(CLI::App& app, DataFlags& flags, const std::string& data_help) {
  app.add_option("--data", flags.data, data_help)->option_text("IMAGES");
  app.add_option("--classes", flags.classes, "only images with these labels, for example 0,1,2")->delimiter(',');
  app.add_option("--per-class", flags.per_class, "at most so many images of each class, 0 for all")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
  app.add_option("--images", flags.numbers, "just these images of the file, counted from 0, for example 7,2,9")
      ->delimiter(',');
}

}  // namespace

// What --data takes, wherever it is taken.
constexpr const char* kImageForms =
    "a folder of PNG images, or one with a subfolder of them for each class; IMAGES[:LABELS] as IDX (gzip or not) or "
    ".npy "
    "(images x height x width); FILE.npz[:IMAGES[:LABELS]]; a table .csv, a row of pixels for each image, the label "
    "first "
    "where it has one; a PNG image; or mnist or fashion-mnist after 'swell data NAME'";

void add_data_flags(CLI::App& app, DataFlags& flags) {
  add_choice_flags(app, flags,
                   fmt::format("images to learn: {}; without it three embedded digits 0, 1, 2", kImageForms));
}

void add_pattern_flags(CLI::App& app, DataFlags& flags) {
  add_choice_flags(
      app, flags,
      fmt::format("images whose patterns drive or clamp the units, trajectory by trajectory: {}; without it "
                  "those that a trained computer keeps",
                  kImageForms));
}

void add_train_flags(CLI::App& app, TrainFlags& flags) {
  app.add_option(
         "--method", flags.method,
         "exact: least squares from Fokker-Planck moments; gradient: the published update; score: denoising score "
         "matching, of machines of stages; auto: score for those, else exact")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "exact", "gradient", "score"}));
  app.add_option("--tolerance", flags.tolerance, "exact: relative residual to stop at")
      ->capture_default_str()
      ->check(between(1e-14, 0.9));
  app.add_option("--updates", flags.updates,
                 "gradient: number of updates, one noising trajectory each; score: of updates of --rows "
                 "examples of each stage; 0 for 100, 20000")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{100000000}));
  app.add_option("--rows", flags.rows, "score: examples of each stage in an update, a multiple of 32")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{32}, int64_t{1} << 20));
  app.add_option("--arithmetic", flags.precision,
                 "score: of the sides of products, f32 or bf16; auto: bf16 where the processor has a unit for it")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "f32", "bf16"}));
  app.add_option("--rate", flags.rate,
                 "gradient: learning rate, 0 for the published dt/tf; score: of the shared couplings, 0 for 3e-3")
      ->capture_default_str()
      ->check(between(0, 1e6));
  app.add_option("--budget", flags.budget_s, "gradient, score: stop after this time (90s, 1h), 0 for never")
      ->capture_default_str()
      ->transform(in_seconds())
      ->option_text("TIME");
}

generate::Method training_method(const TrainFlags& flags, const Design& design) {
  if (flags.method == "auto") return design.stages ? generate::Method::score : generate::Method::exact;
  return flags.method == "exact"   ? generate::Method::exact
         : flags.method == "score" ? generate::Method::score
                                   : generate::Method::gradient;
}

TrainFlags in_force(TrainFlags flags, const Common& common) {
  if (!common.quick) return flags;
  flags.tolerance = std::max(flags.tolerance, 1e-3);
  flags.updates = std::min<int64_t>(flags.updates > 0 ? flags.updates : 10, 10);
  return flags;
}

Trained train_with_progress(const Design& design, const DataSet& images, const TrainFlags& asked, const Common& common,
                            generate::TrainReport& report, const TrainingControl& control,
                            const CouplingFactor& factor) {
  const TrainFlags flags = in_force(asked, common);
  generate::TrainOptions options;
  static_cast<TrainingControl&>(options) = control;
  options.factor = factor;
  options.method = training_method(flags, design);
  options.seed = common.seed;
  options.threads = common.threads;
  options.ranks = common.ranks;
  options.tolerance = flags.tolerance;
  options.updates = flags.updates;
  options.rate = flags.rate;
  options.rows = flags.rows;
  if (common.quick) options.gate_examples = 4;
  options.bf16 = flags.precision == "bf16" || (flags.precision == "auto" && cpu::has_tiles(cpu::find_isa()));
  options.budget_s = flags.budget_s;
  ProgressLine progress;
  options.progress = [&](const Progress& at) {
    const std::string text = at.stage == "solving"    ? fmt::format("residual {:.1e}", at.figure)
                             : !std::isnan(at.figure) ? fmt::format("loss {:.6f}", at.figure)
                                                      : "";
    return progress.show(at, text);
  };
  return generate::train(design, images, options, report);
}

void keep_for_later(TrainingCheckpoint& checkpoint, const TrainingState& state) {
  checkpoint.keep(state, true);
  throw Interrupted(
      fmt::format("training was interrupted after {} updates; {} keeps them, and the same command goes on from it",
                  state.update, checkpoint.path().string()));
}

int check_tolerance(const Trained& trained, const generate::TrainReport& report, const TrainFlags& flags) {
  if (report.converged) return 0;
  fmt::print(
      stderr,
      "swell: the relative residual is {:.1e} after {} iterations; the tolerance {:g} asked for was not reached\n",
      trained.training["residual"].get<double>(), trained.training["iterations"].get<int>(), flags.tolerance);
  return 5;
}

void add_training_check(Result& result, const Trained& trained, const generate::TrainReport& report,
                        const TrainFlags& flags) {
  nlohmann::ordered_json figures = {{"tolerance", flags.tolerance}};
  if (trained.training.contains("residual")) figures["residual"] = trained.training["residual"];
  result.check("training", report.converged && !report.interrupted,
               report.interrupted ? "it was interrupted; what was learned so far is kept"
                                  : "the tolerance asked for was not reached",
               figures);
}

Design load_design(const std::string& name) {
  if (name == "whitelam2026") {
    const auto bytes = embedded::whitelam2026_design();
    return parse_design({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, "whitelam2026 (built in)");
  }
  return read_design(name);
}

Trained load_machine(const std::string& name) {
  if (name == "whitelam2026" || name.ends_with(".toml"))
    return {load_design(name), {}, nlohmann::ordered_json::object()};
  return read_trained(name);
}

void add_rule_flag(CLI::App& app, std::string& rule) {
  app.add_option(
         "--rule", rule,
         "how p-bits flip: gibbs, heat bath as devices do; metropolis, which flips more often; auto: gibbs where they "
         "stay at one kT, metropolis where they cool")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "gibbs", "metropolis"}));
}

void add_step_flag(CLI::App& app, double& dt) {
  app.add_option("--dt", dt, "step, 1/mu, in place of the design's: what it does to the answer is so found out")
      ->check(CLI::PositiveNumber);
}

void add_engine_flags(CLI::App& app, EngineChoice& choice) {
  choice.engine = EngineKind::automatic;
  app.add_option_function<std::string>(
         "--engine", [&choice](const std::string& name) { choice.engine = *engine_named(name); },
         "cpu: fast, f32 states; cuda: the same on a graphics processor, whose states have the same bytes in f32; "
         "auto: "
         "cuda where such a device is and a long run gains from it, else cpu; reference: one at a time, double "
         "precision")
      ->default_str("auto")
      ->check(CLI::IsMember({"auto", "cpu", "cuda", "reference"}));
  app.add_option_function<std::string>(
         "--arithmetic", [&choice](const std::string& name) { choice.precision = *precision_named(name); },
         "of the products with dense couplings: f32; bf16x3, couplings and states as sums of two numbers of 8 bits of "
         "mantissa; bf16, as one, faster where the processor has such products; tf32, of the cuda engine, 11 bits")
      ->default_str("f32")
      ->check(CLI::IsMember({"f32", "bf16x3", "bf16", "tf32"}));
  app.add_option("--isa", choice.isa,
                 "instruction set of the kernels (portable, v3, v4, v4-bf16, amx; emulated, of the cuda engine), for "
                 "tests; in f32 "
                 "the results do not depend on it")
      ->option_text("NAME");
}

nlohmann::ordered_json to_json(const EngineChoice& choice) {
  return {{"engine", name_of(choice.engine)}, {"arithmetic", name_of(choice.precision)}};
}

void add_checkpoint_flags(CLI::App& app, CheckpointFlags& flags) {
  app.add_option("--checkpoint", flags.file,
                 "keep here what a stopped run needs to go on; where the file is there already, go on from it")
      ->option_text("FILE");
  app.add_option("--every", flags.every, "time between checkpoints: 30s, 5m, 1h")
      ->capture_default_str()
      ->option_text("TIME");
}

double seconds(const std::string& flag, const std::string& text) {
  double amount = 0;
  try {
    amount = seconds_in(text);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{} {}: {}", flag, text, error.what()));
  }
  if (!(amount > 0 && amount <= 1e9))
    throw InputError(fmt::format("{} {} is not allowed; more than 0 and at most 1e9 seconds is", flag, text));
  return amount;
}

CheckpointFile checkpoint_file(const CheckpointFlags& flags, const Common& common) {
  const double every_s = seconds("--every", flags.every);
  if (flags.file.empty()) return {};
  require_place_for_file(flags.file);  // where it is there already, the run goes on from it
  return {flags.file, every_s,
          [file = flags.file, common](int64_t done, int64_t total) {
            common.say(fmt::format("going on from {}, {:.1f} % done", file,
                                   100 * static_cast<double>(done) / static_cast<double>(total)));
          },
          common.quick ? "a smaller version of it (--quick)" : ""};
}

TrainingCheckpoint training_checkpoint(const CheckpointFlags& flags, const std::string& purpose, const Common& common) {
  return {checkpoint_file(flags, common), purpose + (common.quick ? ", made with --quick" : "")};
}

std::filesystem::path user_data_folder() {
  if (const char* data = std::getenv("XDG_DATA_HOME"); data && *data == '/')
    return std::filesystem::path(data) / "swell";
  if (const char* home = std::getenv("HOME"); home && *home) return std::filesystem::path(home) / ".local/share/swell";
  throw InputError("neither XDG_DATA_HOME nor HOME is set; one of them must say where data are kept");
}

std::filesystem::path fetched(const std::string& name) {
  const auto folder = user_data_folder() / name;
  if (!std::filesystem::is_directory(folder))
    throw IoError(fmt::format("--data {0}: the data set is not in {1}; 'swell data {0}' fetches it", name,
                              user_data_folder().string()));
  return folder;
}

void say_size(const std::vector<PlannedFile>& files, const std::filesystem::path& folder, const Common& common) {
  if (total_bytes(files) < 1e6) return;
  common.say(fmt::format("writing {} to {}", sizes_as_text(files), folder.string()));
}

}  // namespace swell::cmd
