#include "swell/cmd/chip_flags.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/cmd/progress.h"
#include "swell/hardware/chip_files.h"
#include "swell/ledger/to_json.h"

namespace swell::cmd {

namespace {

// A specification that cannot be read is refused before any work.
std::string readable_spec(const std::string& path) {
  hardware::read_imperfections(path);
  return "";
}

}  // namespace

void add_chip_flags(CLI::App& app, ChipFlags& flags) {
  app.add_option(
         "--chip", flags.spec,
         "faults of chips (TOML; docs/hardware.md): the error of the task over --chips of them, each with faults and "
         "noise of its own; chips whose faults leave them without a minimum are counted as failed")
      ->option_text("FILE")
      ->check(readable_spec)
      ->group("Chips");
  app.add_option("--chips", flags.chips, "number of chips")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{100000}))
      ->group("Chips");
}

std::optional<hardware::Imperfections> chip_of(const ChipFlags& flags) {
  if (flags.spec.empty()) return {};
  return hardware::read_imperfections(flags.spec);
}

int64_t chip_count(const ChipFlags& flags, const Common& common) {
  return common.quick ? std::min<int64_t>(flags.chips, 4) : flags.chips;
}

Seed noise_of_chip(uint64_t chip_seed, const Common& common) { return {chip_seed, common.draws().entropy}; }

void try_chips(ChipErrors& result, const ChipFlags& flags, const Common& common,
               const std::function<double()>& perfect_of, const std::function<double(int64_t)>& error_of) {
  swell::try_chips(
      result, chip_count(flags, common), [] { return !interrupted(); }, perfect_of, error_of);
}

void add_chips(Result& result, const ChipErrors& chips, const ChipFlags& flags, const Common& common,
               const char* name) {
  const int64_t tried = static_cast<int64_t>(chips.error.size()) + chips.failed, planned = chip_count(flags, common);
  result.inputs["chips"] = planned;
  if (tried < planned) {
    const std::string what = fmt::format("interrupted: {} of {} chips were tried", tried, planned);
    result.check("all chips", false, what);
    common.say(what);
    if (tried == 0) return;
  }
  common.say(sentence(chips));
  result.result[name] = swell::to_json(chips);
  const size_t end = result.page.rfind("</body>");
  if (end != std::string::npos) result.page.insert(end, section(chips));
}

void add_chip_train_flags(CLI::App& app, ChipTrainFlags& flags) {
  const auto chip = app.add_option("--chip", flags.spec,
                                   "faults of chips (TOML; docs/hardware.md): train, then retrain with a chip that has "
                                   "them in the loop; what is written is for that chip")
                        ->option_text("FILE")
                        ->check(readable_spec)
                        ->group("Chips");
  app.add_option("--chip-seed", flags.seed, "which chip: the seed of its faults")
      ->capture_default_str()
      ->needs(chip)
      ->group("Chips");
  app.add_flag("--robust", flags.robust,
               "with --chip: train for all chips of the specification at once, in place of one (exact training)")
      ->needs(chip)
      ->group("Chips");
  app.add_option("--paths", flags.options.paths, "runs of the chip in a round of retraining")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 24))
      ->needs(chip)
      ->group("Chips");
  app.add_option("--rounds", flags.options.rounds, "rounds of retraining")
      ->capture_default_str()
      ->check(CLI::Range(1, 10000))
      ->needs(chip)
      ->group("Chips");
  app.add_option("--read-every", flags.options.every,
                 "steps of the design between reads of the chip, 0 for about 0.02 / mu")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40))
      ->needs(chip)
      ->group("Chips");
}

ChipTrainFlags in_force(ChipTrainFlags flags, const Common& common) {
  if (!common.quick) return flags;
  flags.images = 16;
  flags.options.paths = std::min<int64_t>(flags.options.paths, 16);
  flags.options.rounds = std::min(flags.options.rounds, 2);
  return flags;
}

CouplingFactor factor_of(const ChipTrainFlags& flags) {
  if (!flags.robust) return {};
  return coupling_factor(hardware::read_imperfections(flags.spec));
}

bool train_on_chip(Trained& trained, const ChipTrainFlags& asked, const Common& common) {
  const ChipTrainFlags flags = in_force(asked, common);
  if (flags.spec.empty() || flags.robust) return true;
  const hardware::Imperfections spec = hardware::read_imperfections(flags.spec);
  DeviceTrainingOptions options = flags.options;
  options.threads = common.threads;
  generate::SampleOptions judged;
  judged.samples = flags.images;
  judged.film_samples = 0;
  judged.seed = common.draws();
  judged.threads = common.threads;
  const Trained before = trained;
  generate::ChipTraining result;
  try {
    ProgressLine progress;
    judged.progress = [&](const Progress& at) { return progress.show("judging", at.done, at.total); };
    options.progress = [&](const Progress& at) {
      return progress.show("rounds on the chip", at.done, at.total, fmt::format("{:.3g} k per path", at.figure));
    };
    result = generate::train_on_chip(trained, spec, flags.seed, options, judged);
  } catch (const Interrupted&) {
    trained = before;
    common.say("interrupted on the chip: what is written is the machine as it was before");
    return false;
  }
  common.say(
      fmt::format("chip {} of '{}': 1 - cosine to the nearest image {} as designed, {} on the chip, {} retrained on it",
                  flags.seed, spec.name, to_text(result.designed), to_text(result.before), to_text(result.after)));
  common.say(fmt::format(
      "  what couplings can mend of its paths' relative entropy: {:.3g} k per path before, {:.3g} +- {:.2g} after; {} "
      "paths, {:.1f} s",
      result.training.excess_before, result.training.excess_after, result.training.excess_stderr, result.training.paths,
      result.wall_s));
  if (!result.training.nearer)
    common.say(
        "  so many paths do not see faults as fine as this chip's: the machine is written as designed; more --paths "
        "see finer ones");
  return true;
}

}  // namespace swell::cmd
