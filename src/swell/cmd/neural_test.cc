// swell neural test: what a trained machine answers, how often it is right, and what that costs.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "swell/base/errors.h"
#include "swell/cmd/chip_flags.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/neural.h"
#include "swell/cmd/progress.h"
#include "swell/hardware/chip_design.h"
#include "swell/io/atomic_file.h"
#include "swell/learn/trained.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/neural/pages.h"
#include "swell/programs/neural/report.h"

namespace swell::cmd {

namespace {

struct Flags {
  std::string model, output;
  NeuralDataFlags data;
  neural::TestOptions options;
  int64_t samples = 1000;
  ChipFlags chip;
};

std::string percent(const neural::Share& share) {
  return fmt::format("{:.2f} +- {:.2f} %", 100 * share.value, 100 * share.stderr_of_value);
}

Result test_classes(const Flags& flags, const neural::NeuralDesign& design, const DataSet& examples,
                    const Common& common) {
  neural::TestOptions options = flags.options;
  options.seed = common.draws();
  options.threads = common.threads;
  options.ranks = common.ranks;
  if (common.quick) options.times = 0;
  ProgressLine progress;
  options.progress = [&](const Progress& at) { return progress.show(at); };
  const neural::TestReport report = neural::test_classes(design, examples, options);
  const double time = static_cast<double>(count_steps(find_protocol(design, "answer"), design.dt)) * design.dt;
  common.say(fmt::format("{} images: {} right in one run, {} by the mean of {}, {} in the first two", report.images,
                         percent(report.single), percent(report.averaged), report.runs, percent(report.top2)));
  common.say(neural::confusion_table(report));
  for (const auto& at : report.by_temperature) {
    common.say(fmt::format("kT = {:g}: {} in one run, {} by the mean of 3, heat {} kT", at.where, percent(at.single),
                           percent(at.averaged), to_text(at.heat_kT)));
  }
  say_bill(report.bill);
  Result result;
  result.inputs = {{"read_times", options.times}};
  result.result = to_json(report);
  result.bill = to_json(report.bill);
  add_diagnostics(result, report.diagnostics);
  say_interruption(result, report.interruption);
  result.page = neural::class_page(design, examples.source, report);
  if (!flags.output.empty()) {
    const std::filesystem::path folder(flags.output);
    if (!report.by_time.empty()) write_file_atomically(folder / "time.svg", neural::time_plot(report, time));
    if (!report.by_temperature.empty())
      write_file_atomically(folder / "temperature.svg", neural::temperature_plot(report));
    write_file_atomically(folder / "report.html", result.page);
  }
  return result;
}

Result test_function(const Flags& flags, const neural::NeuralDesign& design, const DataSet& examples,
                     const Common& common) {
  neural::FunctionOptions options;
  options.seed = common.draws();
  options.threads = common.threads;
  options.ranks = common.ranks;
  options.samples = common.quick ? std::min<int64_t>(flags.samples, 64) : flags.samples;
  options.times = common.quick ? 0 : flags.options.times;
  options.longest = flags.options.longest;
  options.prices = flags.options.prices;
  ProgressLine progress;
  options.progress = [&](const Progress& at) { return progress.show(at); };
  const neural::FunctionReport report = neural::test_function(design, examples, options);
  for (const auto& value : report.values) {
    common.say(fmt::format("{:>10.4g}: {:>20} (a single run: +- {}), target {:>8.4f}", value.input[0],
                           to_text(value.answer),
                           value.answer.has_error() ? fmt::format("{:.3f}", value.spread) : "unknown", value.target));
  }
  common.say(fmt::format("root mean square error {:.4f} of the mean of {} runs, {:.4f} of a single one",
                         report.at_end.of_mean, report.samples, report.at_end.of_single));
  if (!report.by_time.empty())
    common.say(
        fmt::format("smallest error of the mean at time {:g}, trained at {:g}", report.best_time, report.at_end.time));
  say_bill(report.bill);
  Result result;
  result.inputs = {{"samples", options.samples}, {"read_times", options.times}};
  result.page = neural::function_page(design, examples.source, report);
  result.result = to_json(report);
  result.bill = to_json(report.bill);
  add_diagnostics(result, report.diagnostics);
  say_interruption(result, report.interruption);
  if (!flags.output.empty()) {
    const std::filesystem::path folder(flags.output);
    write_file_atomically(folder / "function.svg", neural::function_plot(report));
    if (!report.by_time.empty()) write_file_atomically(folder / "error.svg", neural::function_error_plot(report));
    write_file_atomically(folder / "report.html", result.page);
  }
  return result;
}

// Wrong answers in one run, or the root mean square error of the mean, on each chip.
ChipErrors test_on_chips(const Flags& flags, const neural::NeuralDesign& design, const DataSet& examples,
                         const hardware::Imperfections& spec, const Common& common) {
  const bool classes = !examples.labels.empty();
  // Of the machine as designed without `chip`, the seed of its faults and of its noise.
  const auto error_of = [&](const neural::NeuralDesign& machine, std::optional<uint64_t> chip) {
    const Seed noise = chip ? noise_of_chip(*chip, common) : common.draws();
    const auto go_on = [](const Progress&) { return !interrupted(); };
    if (!classes) {
      neural::FunctionOptions options;
      options.seed = noise;
      options.threads = common.threads;
      options.ranks = common.ranks;
      options.samples = common.quick ? std::min<int64_t>(flags.samples, 64) : flags.samples;
      options.times = 0;
      options.readout = chip ? &spec : nullptr;
      options.chip_seed = chip.value_or(0);
      options.progress = go_on;
      const neural::FunctionReport report = neural::test_function(machine, examples, options);
      if (!report.interruption.empty()) throw Interrupted(report.interruption);
      return report.at_end.of_mean;
    }
    neural::TestOptions options;
    options.seed = noise;
    options.threads = common.threads;
    options.ranks = common.ranks;
    options.runs = 1;
    options.times = 0;
    options.readout = chip ? &spec : nullptr;
    options.chip_seed = chip.value_or(0);
    options.progress = go_on;
    const neural::TestReport report = neural::test_classes(machine, examples, options);
    if (!report.interruption.empty()) throw Interrupted(report.interruption);
    return 1 - report.single.value;
  };
  ChipErrors result{
      classes ? "share of wrong answers" : "root mean square error of the mean answer", spec.name, {}, 0, 0, {}};
  const auto perfect_of = [&] { return error_of(design, {}); };
  try_chips(result, flags.chip, common, perfect_of, [&](int64_t k) {
    const uint64_t seed = hardware::chip_seed(common.seed, k);
    neural::NeuralDesign chip = design;
    static_cast<Design&>(chip) = hardware::perturb(static_cast<const Design&>(design), spec, seed);
    return error_of(chip, seed);
  });
  return result;
}

Result run(const Flags& flags, const Common& common) {
  const auto spec = chip_of(flags.chip);
  if (!flags.output.empty()) require_writable_folder(flags.output);
  const Trained trained = read_trained(flags.model);
  const neural::NeuralDesign design = neural::neural_design(trained.design);
  const double norm = trained.training.value("norm", 0.0);
  const DataSet examples = load_examples(flags.data, design, false, norm, common);
  Result result = examples.labels.empty() ? test_function(flags, design, examples, common)
                                          : test_classes(flags, design, examples, common);
  const Protocol& protocol = find_protocol(design, "answer");
  result.inputs.update({{"design", design.name},
                        {"examples", examples.source},
                        {"dt", design.dt},
                        {"integrator", name_of(design.integrator)}});
  result.result["training"] = trained.training;
  result.result["machine"] = {{"units", design.computer.units()},
                              {"free_units", design.computer.units() - neural::question_size(design)},
                              {"parameters", count_parameters(design.computer, design.computer.sets[0])},
                              {"kT", temperature(protocol.segments[0], design.computer)(0)},
                              {"time", protocol.segments[0].duration}};
  if (spec) {
    add_chips(result, test_on_chips(flags, design, examples, *spec, common), flags.chip, common);
    if (!flags.output.empty()) write_file_atomically(std::filesystem::path(flags.output) / "report.html", result.page);
  }
  if (!flags.output.empty()) common.say(fmt::format("wrote plots, report.json, report.html to {}", flags.output));
  return result;
}

}  // namespace

Command neural_test_command() {
  return {
      "test", "right answers, read times, temperatures, heat and bill of a trained machine",
      [](CLI::App& app) -> Action {
        auto flags = std::make_shared<Flags>();
        neural::TestOptions& o = flags->options;
        app.add_option("MODEL", flags->model, "trained machine (safetensors, from 'swell neural train')")->required();
        add_neural_data_flags(app, flags->data);
        app.add_option("--answers", o.runs, "classes: answers averaged")
            ->capture_default_str()
            ->check(CLI::Range(1, 10000));
        app.add_option("--kT", o.temperatures, "classes: temperatures to try besides, E0, for example 0.5,2")
            ->delimiter(',');
        app.add_option("-n,--samples", flags->samples, "functions: runs for each input")
            ->capture_default_str()
            ->check(CLI::Range(2, 1000000));
        app.add_option("--read-times", o.times, "read times up to the design's, 0 for that alone")
            ->capture_default_str()
            ->check(CLI::Range(0, 100000));
        app.add_option("--longest", o.longest, "read on to so many times the design's read time")
            ->capture_default_str()
            ->check(CLI::Range(1.0, 100.0));
        app.add_option("--digital-macs", o.digital_multiply_adds,
                       "multiply-adds of the digital network to compare with (26432: 784-32-32-10)")
            ->capture_default_str();
        app.add_option("-o,--output", flags->output, "folder for plots, report.json, report.html");
        add_chip_flags(app, flags->chip);
        add_price_flags(app, o.prices, {Price::heat, Price::time, Price::readout, Price::write, Price::multiply_add});
        return [flags](const Common& common) { return run(*flags, common); };
      },
      true};
}

}  // namespace swell::cmd
