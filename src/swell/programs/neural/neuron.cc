#include "swell/programs/neural/neuron.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/learn/fokker_planck.h"
#include "swell/ledger/diagnose.h"
#include "swell/ledger/to_json.h"
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
  if (!(options.dt > 0)) throw InputError(fmt::format("the step dt is {}; more than 0 is needed", options.dt));
  for (const double kT : options.kT) {
    if (!(kT > 0)) throw InputError(fmt::format("kT is {}; more than 0 is needed", kT));
  }
  for (const double time : options.times) {
    if (!(time > 0)) throw InputError(fmt::format("time is {}; more than 0 is needed", time));
  }
}

void judge(NeuronReport& report) {
  double largest = 0, difference = 0;
  report.samples = report.rows.front().simulated.count;
  for (const Activation& row : report.rows) {
    report.samples = std::min(report.samples, row.simulated.count);
    largest = std::max(largest, std::abs(row.fokker_planck));
    difference = std::max(difference, std::abs(row.simulated.mean - row.fokker_planck));
    report.largest_deviation = std::max(report.largest_deviation, std::abs(row.deviation()));
  }
  report.largest_difference = largest > 0 ? difference / largest : 0;
  report.chance = chance_of(report.largest_deviation, report.samples, static_cast<int64_t>(report.rows.size()));
}

// Heat of a unit, mean over the inputs, kT; error over runs.
Estimate heat_of_unit(const Run& run, double kT, int64_t inputs) {
  std::vector<double> heat(run.trajectories);
  for (int64_t t = 0; t < run.trajectories; ++t) heat[t] = run.book(t, 0).heat / (kT * static_cast<double>(inputs));
  return estimate(heat);
}

// A unit that is read once: the mean over temperatures and times, whose runs are independent.
Bill price(const NeuronReport& report, const NeuronOptions& options) {
  Bill bill;
  bill.prices = options.prices;
  bill.per = "reading";
  double heat = 0, variance = 0, time = 0;
  int64_t runs = 0;
  for (const NeuronReport::Warmth& warmth : report.warmth) {
    heat += warmth.heat_kT.mean;
    variance += warmth.heat_kT.stderr_of_mean * warmth.heat_kT.stderr_of_mean;
    time += warmth.time;
    runs += warmth.heat_kT.count;
  }
  const auto count = static_cast<double>(report.warmth.size());
  bill.results = runs * static_cast<int64_t>(options.inputs.size());
  bill.heat_kT = Estimate{heat / count, std::sqrt(variance) / count, runs};
  bill.preparation_kT = Known<Estimate>::none("a unit begins at x = 0");
  bill.work_kT = Known<Estimate>::none("the input is held; that of switching it on at x = 0 is 0");
  bill.flips = Known<Estimate>::none("no p-bits");
  bill.time_s = time / count * options.prices.time_unit_s;
  bill.side_by_side_s = bill.time_s;
  bill.readouts = 1.0;
  bill.inputs = 1.0;
  bill.writes = Known<double>::none("the potential is that of the unit itself");
  bill.engine = report.engine;
  bill.multiply_adds = report.multiply_adds;
  bill.draws = report.draws;
  bill.host_flips = Known<double>::none("no digital host takes part");
  bill.wall_s = report.simulation_wall_s;
  bill.training_wall_s = Known<double>::none("nothing is trained");
  const char* no_digital = "a single unit has no digital counterpart of its own";
  bill.digital_method = Known<std::string>::none(no_digital);
  bill.digital_multiply_adds = bill.digital_wall_s = Known<double>::none(no_digital);
  return bill;
}

// A measurement on its way, temperature by temperature.
class Measurement {
 public:
  explicit Measurement(const NeuronOptions& options)
      : options_(options), patterns_{1, options.inputs}, inputs_(static_cast<int64_t>(options.inputs.size())) {
    report_.diagnostics = no_diagnostics(
        "a unit is read at set times, at equilibrium or not; result.temperatures has what "
        "temperature it had by then");
    for (const double time : options.times)
      total_ += count_steps(held(time, 1), options.dt) * options.samples * static_cast<int64_t>(options.kT.size());
  }

  NeuronReport report() {
    try {
      for (const double kT : options_.kT) measure(kT);
    } catch (const Interrupted&) {
      if (report_.rows.empty()) throw;
    }
    const size_t means = options_.kT.size() * options_.times.size() * options_.inputs.size();
    judge(report_);
    if (report_.rows.size() < means || report_.samples < options_.samples)
      report_.interruption = fmt::format("interrupted: {} of {} means are done, of {} of {} runs each or more",
                                         report_.rows.size(), means, report_.samples, options_.samples);
    report_.bill = price(report_, options_);
    return std::move(report_);
  }

 private:
  // The Fokker-Planck equation, then a run for each time. Throws Interrupted.
  void measure(double kT) {
    const Computer computer = neurons(options_, kT);
    FokkerPlanckOptions density;
    density.cells = options_.cells > 0 ? options_.cells : needed_cells(options_, kT);
    density.dt = options_.dt;
    density.threads = options_.threads;
    density.progress = [this](const Progress& at) {
      return tell(options_.progress, {"Fokker-Planck equation", at.done, at.total});
    };
    report_.cells = std::max(report_.cells, density.cells);
    const double longest = *std::max_element(options_.times.begin(), options_.times.end());
    const OneUnitTable table = solve_fokker_planck({options_.J2, options_.J3, options_.J4, 1.0}, held(longest, kT), 0,
                                                   options_.inputs, density);
    for (const double time : options_.times) simulate(computer, kT, time, table);
  }

  void simulate(const Computer& computer, double kT, double time, const OneUnitTable& table) {
    RunOptions how;
    static_cast<RunSettings&>(how) = options_;
    how.dt = options_.dt;
    how.noise = {options_.seed, stream::kRun};
    how.trajectories = options_.samples;
    how.first_trajectory = first_;  // own draws for each temperature and time
    how.patterns = &patterns_;
    how.kept = Kept::finished;
    how.progress = [this](const Progress& at) {
      return tell(options_.progress,
                  {"simulating", static_cast<double>(before_) + at.done, static_cast<double>(total_)});
    };
    const Run run = swell::run(computer, held(time, kT), how);
    if (run.interrupted && run.trajectories < 2) throw Interrupted("interrupted before two runs of a time had ended");
    first_ += options_.samples;
    before_ += run.steps * options_.samples;
    report_.simulation_wall_s += run.wall_s;
    report_.multiply_adds += static_cast<double>(run.multiply_adds);
    report_.draws += static_cast<double>(run.draws);
    report_.engine = run.engine;
    const Diagnostics found = diagnose(computer, held(time, kT), how, run);
    report_.warmth.push_back({kT, time, found.kT, heat_of_unit(run, kT, inputs_)});
    const bool worse = !report_.diagnostics.first_law || found.first_law->share > report_.diagnostics.first_law->share;
    if (worse) report_.diagnostics.first_law = found.first_law;
    std::vector<double> x(run.trajectories);
    for (int64_t i = 0; i < inputs_; ++i) {
      for (int64_t t = 0; t < run.trajectories; ++t) x[t] = run.state(t)[i];
      Activation row{options_.inputs[i], kT, time, estimate(x)};
      row.spread = row.simulated.stderr_of_mean * std::sqrt(static_cast<double>(run.trajectories));
      row.fokker_planck = table.mean[(run.steps - 1) * inputs_ + i];
      row.equilibrium = unit_equilibrium(options_.J2, options_.J3, options_.J4, row.input, kT).mean;
      report_.rows.push_back(row);
    }
    if (run.interrupted) throw Interrupted("interrupted");
  }

  const NeuronOptions& options_;
  const Patterns patterns_;
  const int64_t inputs_;
  NeuronReport report_;
  int64_t total_ = 0, before_ = 0, first_ = 0;
};

}  // namespace

double Activation::deviation() const {
  return simulated.stderr_of_mean > 0 ? (simulated.mean - fokker_planck) / simulated.stderr_of_mean : 0.0;
}

NeuronReport measure_neuron(const NeuronOptions& options) {
  check(options);
  return Measurement(options).report();
}

std::string NeuronReport::disagreement(double dt) const {
  if (chance >= kChance) return "";
  return fmt::format(
      "simulation and Fokker-Planck equation disagree by up to {:.1f} standard errors, {:.2g} % of the largest "
      "activation, which is not chance: the step dt = {:g} is too long for {} runs; take a shorter dt, or more "
      "cells",
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
                            {"achieved", to_json(warmth.achieved ? *warmth.achieved : Estimate{}, "E0")},
                            {"heat", to_json(warmth.heat_kT, "kT")}});
  }
  return {{"activation", rows},
          {"temperatures", temperatures},
          {"fokker_planck_cells", report.cells},
          {"largest_deviation_in_errors", report.largest_deviation},
          {"largest_difference_share", report.largest_difference},
          {"chance", report.chance},
          {"samples", report.samples},
          {"interrupted", !report.interruption.empty()},
          {"simulation_wall_s", report.simulation_wall_s}};
}

}  // namespace swell::neural
