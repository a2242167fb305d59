// swell neural neuron: the activation of one unit at any time and temperature, found in three ways.

#include <fmt/format.h>

#include <cmath>

#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/neural.h"
#include "swell/cmd/progress.h"
#include "swell/io/atomic_file.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/neural/pages.h"
#include "swell/programs/neural/report.h"

namespace swell::cmd {

namespace {

struct Flags {
  neural::NeuronOptions options;
  double low = -5, high = 5;
  int count = 11;
  double tolerance = 0.01;
  std::string output;
};

void say_table(const neural::NeuronReport& report, const Common& common) {
  common.say(fmt::format("{:>8} {:>8} {:>8} {:>22} {:>10} {:>14} {:>12}", "kT", "time", "input", "simulated", "spread",
                         "Fokker-Planck", "equilibrium"));
  for (const neural::Activation& row : report.rows) {
    common.say(fmt::format("{:>8g} {:>8g} {:>8g} {:>11.5f} +- {:.5f} {:>10.5f} {:>14.5f} {:>12.5f}", row.kT, row.time,
                           row.input, row.simulated.mean, row.simulated.stderr_of_mean, row.spread, row.fokker_planck,
                           row.equilibrium));
  }
  common.say(fmt::format("largest deviation of simulation and Fokker-Planck: {:.1f} standard errors in {} means",
                         report.largest_deviation, report.rows.size()));
}

Result run(const Flags& flags, const Common& common) {
  if (!flags.output.empty()) require_writable_folder(flags.output);
  neural::NeuronOptions options = flags.options;
  for (int k = 0; k < flags.count; ++k) {
    options.inputs.push_back(flags.count == 1 ? flags.low
                                              : flags.low + (flags.high - flags.low) * k / (flags.count - 1));
  }
  if (common.quick) options.samples = std::min<int64_t>(options.samples, 100);
  options.seed = common.seed;
  options.threads = common.threads;
  ProgressLine progress;
  options.progress = [&](const Progress& at) { return progress.show(at); };
  const neural::NeuronReport report = neural::measure_neuron(options);
  Result result;
  result.inputs = {{"samples", options.samples}, {"cells", report.cells}, {"input_values", options.inputs}};
  result.result = to_json(report);
  say_table(report, common);
  const std::string disagreement = report.disagreement(options.dt);
  const bool missed = !disagreement.empty() && report.largest_difference > flags.tolerance;
  result.check("simulation against Fokker-Planck", disagreement.empty(), disagreement,
               {{"largest_deviation_in_errors", report.largest_deviation},
                {"difference_share", report.largest_difference},
                {"tolerance", flags.tolerance},
                {"within_tolerance", !missed}});
  add_diagnostics(result, report.diagnostics);
  result.bill = to_json(report.bill);
  say_bill(report.bill);
  if (!disagreement.empty()) warn(disagreement);
  if (missed) result.exit_code = 5;
  say_interruption(result, report.interruption);
  result.page = neural::neuron_page(options, report);
  if (!flags.output.empty()) {
    const std::filesystem::path folder(flags.output);
    write_file_atomically(folder / "activation.svg", neural::activation_plot(report));
    write_file_atomically(folder / "report.html", result.page);
    common.say(fmt::format("wrote activation.svg, report.json, report.html to {}", flags.output));
  }
  return result;
}

}  // namespace

Command neuron_command() {
  return {"neuron",
          "activation of one unit against its input at any time and temperature: simulated, by the Fokker-Planck "
          "equation, and in equilibrium",
          [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            neural::NeuronOptions& options = flags->options;
            const auto number = [&](const char* flag, double& value, const char* help) {
              app.add_option(flag, value, help)->capture_default_str()->check(finite_number());
            };
            number("--J2", options.J2, "potential J2 x^2 + J3 x^3 + J4 x^4 - I x, E0");
            number("--J3", options.J3, "E0");
            number("--J4", options.J4, "E0");
            number("--lowest", flags->low, "smallest input I, E0");
            number("--highest", flags->high, "largest input I, E0");
            app.add_option("--inputs", flags->count, "number of inputs, evenly spaced")
                ->capture_default_str()
                ->check(CLI::Range(1, 1000));
            app.add_option("--kT", options.kT, "temperatures, E0, for example 0.01,0.1")
                ->delimiter(',')
                ->capture_default_str();
            app.add_option("--times", options.times, "times at which the unit is read, 1/mu, for example 0.1,1,10")
                ->delimiter(',')
                ->capture_default_str();
            number("--dt", options.dt, "step, 1/mu");
            app.add_option("-n,--samples", options.samples, "runs for each input, temperature and time")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{2}, int64_t{1} << 30));
            app.add_option("--cells", options.cells,
                           "cells of the Fokker-Planck solution, 0 for as many as the force needs")
                ->capture_default_str()
                ->check(CLI::Range(0, 1000000));
            app.add_option("--tolerance", flags->tolerance,
                           "difference of simulation and Fokker-Planck equation to bear, as a share of the largest "
                           "activation; beyond it, and beyond chance, the exit code is 5")
                ->capture_default_str()
                ->check(CLI::Range(0.0, 1e6));
            app.add_option("-o,--output", flags->output, "folder for activation.svg, report.json, report.html");
            add_price_flags(app, options.prices, {Price::heat, Price::time, Price::readout, Price::write});
            return [flags](const Common& common) { return run(*flags, common); };
          }};
}

}  // namespace swell::cmd
