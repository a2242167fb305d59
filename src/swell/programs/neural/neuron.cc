#include "swell/programs/neural/neuron.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/learn/fokker_planck.h"
#include "swell/ledger/diagnose.h"
#include "swell/physics/equilibrium.h"
#include "swell/random/streams.h"

namespace swell::neural {

namespace {

// Uncoupled units, one for each input; the drive pattern of a unit is its input.
Computer neurons(const NeuronOptions& options, double kT) {
  const auto count = static_cast<int64_t>(options.inputs.size());
  Computer computer;
  computer.groups.push_back({"neuron", {count}, 0, count});
  computer.J2.assign(count, options.J2);
  computer.J3.assign(count, options.J3);
  computer.J4.assign(count, options.J4);
  computer.mobility.assign(count, 1.0);
  computer.kT = kT;
  validate(computer, "neuron");
  return computer;
}

LearnedProtocol held(double duration, double kT) {
  Segment segment;
  segment.name = "held";
  segment.duration = duration;
  segment.drive = {{{{0.0, 1.0}}}};
  segment.kT = {{{0.0, kT}}};
  segment.clamped = {0};
  return {{"held", {segment}}, {1}};
}

// The scheme's drift is off by (F h / 2 kT)^2 / 6, F the force and h the width of a cell: 2e-3 at the start, where the
// force is largest, and nothing in equilibrium.
int needed_cells(const NeuronOptions& options, double kT) {
  constexpr double kTilt = 0.1;
  constexpr int kLeast = 600, kMost = 40000;
  double force = 0, width = 0;
  for (const double input : options.inputs) {
    const UnitEquilibrium law = unit_equilibrium(options.J2, options.J3, options.J4, input, kT);
    force = std::max(force, std::abs(input));
    width = std::max(width, std::abs(law.mean) + 10 * std::sqrt(law.variance));
  }
  return static_cast<int>(std::clamp(2 * width * force / (2 * kT * kTilt), double{kLeast}, double{kMost}));
}

void check(const NeuronOptions& options) {
  if (options.inputs.empty() || options.kT.empty() || options.times.empty())
    throw InputError("a neuron needs at least one input, one kT and one time");
  for (const double kT : options.kT) {
    if (!(kT > 0)) throw InputError(fmt::format("kT is {}; more than 0 is needed", kT));
  }
  for (const double time : options.times) {
    if (!(time > 0)) throw InputError(fmt::format("time is {}; more than 0 is needed", time));
  }
}

void judge(int64_t samples, NeuronReport& report) {
  double largest = 0, difference = 0;
  report.samples = samples;
  for (const Activation& row : report.rows) {
    largest = std::max(largest, std::abs(row.fokker_planck));
    difference = std::max(difference, std::abs(row.simulated.mean - row.fokker_planck));
    report.largest_deviation = std::max(report.largest_deviation, std::abs(row.deviation()));
  }
  report.largest_difference = largest > 0 ? difference / largest : 0;
  report.chance = chance_of(report.largest_deviation, samples, static_cast<int64_t>(report.rows.size()));
}

}  // namespace

double Activation::deviation() const {
  return simulated.stderr_of_mean > 0 ? (simulated.mean - fokker_planck) / simulated.stderr_of_mean : 0.0;
}

NeuronReport measure_neuron(const NeuronOptions& options) {
  check(options);
  const auto inputs = static_cast<int64_t>(options.inputs.size());
  const Patterns patterns{1, options.inputs};
  NeuronReport report;
  report.diagnostics = no_diagnostics(
      "a unit is read at set times, at equilibrium or not; result.temperatures has what "
      "temperature it had by then");
  int64_t total = 0, before = 0, first = 0;
  for (const double time : options.times)
    total += count_steps(held(time, 1), options.dt) * options.samples * static_cast<int64_t>(options.kT.size());
  for (const double kT : options.kT) {
    const Computer computer = neurons(options, kT);
    FokkerPlanckOptions density;
    density.cells = options.cells > 0 ? options.cells : needed_cells(options, kT);
    density.dt = options.dt;
    density.threads = options.threads;
    report.cells = std::max(report.cells, density.cells);
    const double longest = *std::max_element(options.times.begin(), options.times.end());
    const OneUnitTable table =
        solve_fokker_planck({options.J2, options.J3, options.J4, 1.0}, held(longest, kT), 0, options.inputs, density);
    for (const double time : options.times) {
      RunOptions run_options;
      run_options.dt = options.dt;
      run_options.noise = {options.seed, stream::kRun};
      run_options.trajectories = options.samples;
      run_options.first_trajectory = first;  // own draws for each temperature and time
      run_options.threads = options.threads;
      run_options.patterns = &patterns;
      if (options.progress)
        run_options.progress = [&](int64_t done, int64_t) { return options.progress(before + done, total); };
      const Run run = swell::run(computer, held(time, kT), run_options);
      first += options.samples;
      before += run.steps * options.samples;
      report.simulation_wall_s += run.wall_s;
      const Diagnostics found = diagnose(computer, held(time, kT), run_options, run);
      report.warmth.push_back({kT, time, found.kT});
      const bool worse = !report.diagnostics.first_law || found.first_law->share > report.diagnostics.first_law->share;
      if (worse) report.diagnostics.first_law = found.first_law;
      std::vector<double> x(options.samples);
      for (int64_t i = 0; i < inputs; ++i) {
        for (int64_t t = 0; t < options.samples; ++t) x[t] = run.state(t)[i];
        Activation row{options.inputs[i], kT, time, estimate(x)};
        row.spread = row.simulated.stderr_of_mean * std::sqrt(static_cast<double>(options.samples));
        row.fokker_planck = table.mean[(run.steps - 1) * inputs + i];
        row.equilibrium = unit_equilibrium(options.J2, options.J3, options.J4, row.input, kT).mean;
        report.rows.push_back(row);
      }
    }
  }
  judge(options.samples, report);
  return report;
}

std::string NeuronReport::disagreement(double dt) const {
  if (chance >= kChance) return "";
  return fmt::format(
      "simulation and Fokker-Planck equation disagree by up to {:.1f} standard errors, {:.2g} % of the largest "
      "activation, which is not chance: the step dt = {:g} is too long for {} runs; take a shorter --dt, or more "
      "--cells",
      largest_deviation, 100 * largest_difference, dt, samples);
}

nlohmann::ordered_json to_json(const NeuronReport& report) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const Activation& row : report.rows) {
    const auto error = [&](double value) {
      return row.simulated.has_error() ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
    };
    rows.push_back({{"input", row.input},
                    {"kT", row.kT},
                    {"time", row.time},
                    {"simulated", to_json(row.simulated, "1")},
                    {"standard_deviation", error(row.spread)},
                    {"fokker_planck", row.fokker_planck},
                    {"equilibrium", row.equilibrium}});
  }
  nlohmann::ordered_json temperatures = nlohmann::ordered_json::array();
  for (const NeuronReport::Warmth& warmth : report.warmth) {
    temperatures.push_back({{"kT", warmth.kT},
                            {"time", warmth.time},
                            {"achieved", to_json(warmth.achieved ? *warmth.achieved : Estimate{}, "E0")}});
  }
  return {{"activation", rows},
          {"temperatures", temperatures},
          {"fokker_planck_cells", report.cells},
          {"largest_deviation_in_errors", report.largest_deviation},
          {"largest_difference_share", report.largest_difference},
          {"chance", report.chance},
          {"simulation_wall_s", report.simulation_wall_s}};
}

}  // namespace swell::neural
