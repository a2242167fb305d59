// swell circuit: a linear board from its netlist, its noise exactly.

#include <fmt/format.h>

#include <cmath>

#include "swell/base/counted.h"
#include "swell/base/errors.h"
#include "swell/base/quantity.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/diagnostics.h"
#include "swell/cmd/outputs.h"
#include "swell/cmd/progress.h"
#include "swell/engine/run.h"
#include "swell/hardware/circuit/board_system.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/npy.h"
#include "swell/ledger/bill.h"
#include "swell/ledger/diagnostics.h"
#include "swell/ledger/run_costs.h"
#include "swell/ledger/statistics.h"
#include "swell/ledger/to_json.h"
#include "swell/random/streams.h"
#include "swell/report/bill.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::cmd {

namespace {

using Json = nlohmann::ordered_json;
using circuit::BoardSystem;

struct Flags {
  std::string file, output, duration, step;
  int64_t samples = 16;
};

constexpr int64_t kMostShown = 40;
constexpr int64_t kMostInPicture = 100;  // outputs whose correlations are drawn
constexpr double kMostNumbers = 1e9;     // of the simulated outputs

// Simulated outputs, [times][trajectories][outputs], and the variance of each over both.
struct Simulated {
  int64_t times = 0, outputs = 0;
  double every_s = 0;
  std::vector<float> values;
  std::vector<Estimate> variance;  // [outputs] errors over trajectories
  Bill bill;                       // of a board
  // Variances that are not those of the settled board beyond chance; empty where they are.
  std::string disagreement;
  Diagnostics diagnostics;

  // An output of a board at a time.
  double value(int64_t time, int64_t trajectory, int64_t output) const {
    const int64_t trajectories = static_cast<int64_t>(values.size()) / (times * outputs);
    return static_cast<double>(values[(time * trajectories + trajectory) * outputs + output]);
  }
};

Bill price(const BoardSystem& board, const Run& run, double duration_s) {
  Bill bill;
  bill.per = "board";
  bill.heat_kT = bill.work_kT = Known<Estimate>::unknown(
      "what the resistors and sources of a board take and give is not booked; the parts have no common kT");
  bill.preparation_kT = Known<Estimate>::none("the board begins at rest");
  bill.flips = Known<Estimate>::none("no p-bits");
  bill.time_s = bill.side_by_side_s = duration_s;
  bill.readouts = static_cast<double>(run.snapshot_times.size() * board.outputs.size());
  bill.inputs = bill.writes = Known<double>::none("the netlist is the board");
  book_costs(bill, run);
  bill.training_wall_s = Known<double>::none("nothing is trained");
  const char* no_digital = "the noise of a board has no digital counterpart of its own";
  bill.digital_method = Known<std::string>::none(no_digital);
  bill.digital_multiply_adds = bill.digital_wall_s = Known<double>::none(no_digital);
  return bill;
}

std::string disagreement(const BoardSystem& board, const Matrix& covariance, const Simulated& simulated) {
  double largest = 0;
  int64_t at = -1, compared = 0;
  for (int64_t k = 0; k < simulated.outputs; ++k) {
    const Estimate& variance = simulated.variance[k];
    if (board.white[k] != 0 || !(covariance(k, k) > 0) || !(variance.stderr_of_mean > 0)) continue;
    ++compared;
    const double off = (variance.mean - covariance(k, k)) / variance.stderr_of_mean;
    if (std::abs(off) <= std::abs(largest)) continue;
    largest = off;
    at = k;
  }
  if (at < 0 || chance_of(std::abs(largest), simulated.variance[at].count, compared) >= kChance) return "";
  return fmt::format(
      "the simulated variance of {} is {:.3g} of the settled board's, {:.1f} standard errors off, which is not chance: "
      "the board has not settled in the first half of {:.3g} s",
      board.outputs[at], simulated.variance[at].mean / covariance(at, at), std::abs(largest),
      static_cast<double>(simulated.times) * simulated.every_s);
}

// Of the second half of the simulation: boards side by side that are told apart by more than chance have not settled.
Diagnostics diagnose(const BoardSystem& board, const Simulated& simulated, int64_t trajectories) {
  constexpr int64_t kLeastDraws = 8, kMostDraws = 128, kMostChains = 256;
  Diagnostics told = no_diagnostics("resistors of a board have temperatures of their own");
  told.chain = "boards";
  told.advice = "a longer --duration";
  told.start = simulated.disagreement;
  const int64_t half = simulated.times - simulated.times / 2, stride = (half + kMostDraws - 1) / kMostDraws;
  Chains chains{std::min(trajectories, kMostChains), half / stride, {}};
  if (chains.draws < kLeastDraws) {
    told.r_hat = told.effective_draws =
        Known<double>::unknown(fmt::format("the second half has {} times; {} are needed", chains.draws, kLeastDraws));
    return told;
  }
  told.r_hat = told.effective_draws = Known<double>::unknown("no output varies");
  for (int64_t k = 0; k < std::min(simulated.outputs, kMostInPicture); ++k) {
    if (board.white[k] != 0) continue;
    chains.values.clear();
    for (int64_t t = 0; t < chains.chains; ++t) {
      for (int64_t s = chains.draws; s > 0; --s)
        chains.values.push_back(simulated.value(simulated.times - 1 - (s - 1) * stride, t, k));
    }
    watch(told, board.outputs[k], chains, r_hat_limit(chains));
  }
  return told;
}

int64_t samples_in_force(const Flags& flags, const Common& common) {
  return common.quick ? std::min<int64_t>(flags.samples, 4) : flags.samples;
}

Simulated simulate(const BoardSystem& board, const Matrix& covariance, const Flags& flags, const Common& common) {
  const double duration = amount_in(flags.duration, "s"), every = amount_in(flags.step, "s");
  const double steps = std::round(duration / every);
  if (!(every > 0) || !(steps >= 1))
    throw InputError("--duration and --step need a time above 0, and at least one step");
  const int64_t trajectories = samples_in_force(flags, common);
  Simulated result;
  result.outputs = static_cast<int64_t>(board.outputs.size());
  result.every_s = every;
  if (steps * static_cast<double>(trajectories) * static_cast<double>(result.outputs + board.system.size()) >
      kMostNumbers)
    throw InputError(fmt::format("{:g} times of {} trajectories are too many numbers; {:g} are allowed", steps,
                                 trajectories, kMostNumbers));
  const Protocol protocol{"board", {{"run", steps * every, 0, {}, {}, {}}}};
  RunOptions options;
  options.integrator = Integrator::exact;
  options.dt = every;
  options.noise = {common.draws(), stream::kRun};
  options.trajectories = trajectories;
  options.threads = common.threads;
  options.snapshots = {1, 0, 0, board.system.size(), trajectories, nullptr};
  ProgressLine progress("trajectory-steps");
  options.progress = [&](const Progress& at) { return progress.show("simulating", at.done, at.total); };
  const Run run = swell::run(board.system, protocol, options);
  clear_progress();
  const int64_t m = board.system.size();
  result.times = static_cast<int64_t>(run.snapshot_times.size());
  result.values.resize(result.times * trajectories * result.outputs);
  for (int64_t row = 0; row < result.times * trajectories; ++row) {
    for (int64_t k = 0; k < result.outputs; ++k) {
      double value = board.rest[k];
      for (int64_t z = 0; z < m; ++z) value += board.read(k, z) * static_cast<double>(run.snapshots[row * m + z]);
      result.values[row * result.outputs + k] = static_cast<float>(board.white[k] != 0 ? std::nan("") : value);
    }
  }
  // The second half, after it has settled.
  const std::vector<double> mean = board.mean();
  for (int64_t k = 0; k < result.outputs; ++k) {
    std::vector<double> each;
    for (int64_t t = 0; t < trajectories; ++t) {
      double sum = 0;
      int64_t count = 0;
      for (int64_t s = result.times / 2; s < result.times; ++s, ++count) {
        const double value = result.value(s, t, k);
        sum += (value - mean[k]) * (value - mean[k]);
      }
      each.push_back(sum / static_cast<double>(count));
    }
    result.variance.push_back(estimate(each));
  }
  result.bill = price(board, run, steps * every);
  result.disagreement = disagreement(board, covariance, result);
  result.diagnostics = diagnose(board, result, trajectories);
  return result;
}

// A figure that was computed, not sampled: an estimate of no values.
Json computed(double value, const char* unit) {
  return {
      {"value", std::isfinite(value) ? Json(value) : Json(nullptr)}, {"stderr", nullptr}, {"count", 0}, {"unit", unit}};
}

void say_outputs(const BoardSystem& board, const std::vector<double>& mean, const Matrix& covariance,
                 const Simulated* simulated, const Common& common) {
  const auto n = static_cast<int64_t>(board.outputs.size());
  for (int64_t k = 0; k < std::min(n, kMostShown); ++k) {
    const char* const unit = board.outputs[k][0] == 'v' ? "V" : "A";
    if (board.white[k] != 0) {
      common.say(
          fmt::format("  {:<12} {:>12.5g} {}, white noise reaches it unfiltered", board.outputs[k], mean[k], unit));
      continue;
    }
    std::string line = fmt::format("  {:<12} {:>12.5g} {}, rms noise {:.6g} {}", board.outputs[k], mean[k], unit,
                                   std::sqrt(std::max(0.0, covariance(k, k))), unit);
    if (simulated && covariance(k, k) > 0)
      line += fmt::format("; simulated variance over exact {}",
                          to_text(scaled(simulated->variance[k], 1 / covariance(k, k)), 4));
    common.say(line);
  }
  if (n > kMostShown) common.say(fmt::format("  and {} more, in --json and -o", n - kMostShown));
}

// The noise of each output, and which outputs it moves together.
std::string page_of(const BoardSystem& board, const std::string& name, const std::vector<double>& mean,
                    const Matrix& covariance, const Simulated* simulated) {
  const auto n = static_cast<int64_t>(board.outputs.size());
  const auto rms = [&](int64_t k) { return std::sqrt(std::max(0.0, covariance(k, k))); };
  const auto unit = [&](int64_t k) { return board.outputs[k][0] == 'v' ? "V" : "A"; };
  int64_t loudest = -1;
  std::vector<int64_t> noisy;
  for (int64_t k = 0; k < n; ++k) {
    if (board.white[k] != 0 || !(rms(k) > 0)) continue;
    noisy.push_back(k);
    if (board.outputs[k][0] == 'v' && (loudest < 0 || rms(k) > rms(loudest))) loudest = k;
  }
  std::string body = fmt::format("<h1>The noise of {}</h1>\n", escaped(name));
  if (loudest >= 0) {
    body += answer(
        "largest noise of a voltage", fmt::format("{:.5g} V rms", rms(loudest)),
        fmt::format("of {}, settled; from the board's equations, without sampling.", escaped(board.outputs[loudest])));
  }
  std::vector<std::string> head{"output", "rests at", "rms noise"};
  if (simulated) head.emplace_back("variance simulated / exact");
  std::vector<std::vector<std::string>> rows;
  for (int64_t k = 0; k < n; ++k) {
    std::vector<std::string> row{escaped(board.outputs[k]), fmt::format("{:.5g} {}", mean[k], unit(k)),
                                 board.white[k] != 0 ? "white, unfiltered" : fmt::format("{:.6g} {}", rms(k), unit(k))};
    if (simulated) {
      const bool known = board.white[k] == 0 && rms(k) > 0;
      row.push_back(known ? with_error(simulated->variance[k], 1 / covariance(k, k)) : "");
    }
    rows.push_back(std::move(row));
  }
  body += number_table("Outputs", head, rows);
  if (simulated) {
    body += explain_errors("boards simulated side by side");
    body += warning(simulated->diagnostics.complaint());
    body += bill_tables(simulated->bill);
  }
  const auto m = static_cast<int64_t>(noisy.size());
  if (m < 2 || m > kMostInPicture) return html_page(name, body);
  std::vector<double> correlation;
  for (const int64_t i : noisy) {
    for (const int64_t j : noisy) correlation.push_back(covariance(i, j) / (rms(i) * rms(j)));
  }
  std::vector<std::string> names;
  for (const int64_t k : noisy) names.push_back(escaped(board.outputs[k]));
  body += figure(heat_map(correlation, m, m, 1),
                 fmt::format("Correlation of the noise: 1 where two outputs move as one, 0 where each moves by itself. "
                             "Rows and columns in order: {}.",
                             fmt::join(names, ", ")));
  return html_page(name, body);
}

void write_files(const Flags& flags, const BoardSystem& board, const Matrix& covariance, const Simulated* simulated,
                 int64_t trajectories, Result& result) {
  const std::filesystem::path folder = flags.output;
  write_npy(folder / "covariance.npy", std::vector<int64_t>{covariance.rows, covariance.columns}, covariance.values);
  std::string names;
  for (const std::string& name : board.outputs) names += name + "\n";
  write_file_atomically(folder / "outputs.txt", names);
  result.result["files"] = {{"covariance", (folder / "covariance.npy").string()},
                            {"outputs", (folder / "outputs.txt").string()}};
  if (!simulated) return;
  write_npy(folder / "course.npy", std::vector<int64_t>{simulated->times, trajectories, simulated->outputs},
            simulated->values);
  result.result["files"]["course"] = (folder / "course.npy").string();
}

Result run_circuit(const Flags& flags, const Common& common) {
  if (flags.duration.empty() != flags.step.empty()) throw InputError("--duration and --step go together");
  const std::vector<std::byte> bytes = read_file(flags.file, circuit::kMostBytes);
  const circuit::Board netlist = circuit::parse_board(as_text(bytes), flags.file);
  if (!flags.output.empty()) require_writable_folder(flags.output);
  for (const std::string& card : netlist.left_out) common.say("left out: " + card);
  const BoardSystem board = circuit::make_system(netlist);
  const Matrix covariance = board.covariance();
  const std::vector<double> mean = board.mean();
  std::optional<Simulated> simulated;
  if (!flags.duration.empty()) simulated = simulate(board, covariance, flags, common);
  const int64_t moving = board.system.size();
  common.say(fmt::format(
      "{}, {}, {} fluctuating {}; settled:", counted(static_cast<int64_t>(netlist.elements.size()), "element"),
      counted(static_cast<int64_t>(netlist.nodes.size()) - 1, "node"), moving,
      moving == 1 ? "quantity" : "quantities"));
  say_outputs(board, mean, covariance, simulated ? &*simulated : nullptr, common);
  Result result;
  result.inputs = {
      {"file", flags.file}, {"samples", samples_in_force(flags, common)}, {"temperature_K", netlist.kelvin}};
  Json outputs = Json::array();
  for (size_t k = 0; k < board.outputs.size(); ++k) {
    const auto i = static_cast<int64_t>(k);
    const bool volts = board.outputs[k][0] == 'v';
    Json one = {{"name", board.outputs[k]},
                {"operating_point", computed(mean[k], volts ? "V" : "A")},
                {"variance", computed(covariance(i, i), volts ? "V^2" : "A^2")}};
    if (board.white[k] != 0) one["white"] = true;
    if (simulated && board.white[k] == 0)
      one["simulated_variance"] = swell::to_json(simulated->variance[k], volts ? "V^2" : "A^2");
    outputs.push_back(one);
  }
  if (simulated) {
    result.check("simulation against the settled board", simulated->disagreement.empty(), simulated->disagreement);
    add_diagnostics(result, simulated->diagnostics);
    say_diagnostics(simulated->diagnostics);
    result.bill = swell::to_json(simulated->bill);
    say_bill(simulated->bill);
  }
  if (!common.report.empty())
    result.page = page_of(board, flags.file, mean, covariance, simulated ? &*simulated : nullptr);
  result.result = {{"elements", netlist.elements.size()}, {"states", board.system.size()}, {"outputs", outputs}};
  if (!flags.output.empty()) {
    const int64_t trajectories =
        simulated ? static_cast<int64_t>(simulated->values.size()) / (simulated->times * simulated->outputs) : 0;
    write_files(flags, board, covariance, simulated ? &*simulated : nullptr, trajectories, result);
    common.say("wrote " + flags.output);
  }
  return result;
}

}  // namespace

Command circuit_command() {
  return {"circuit", "the noise of a linear board, from its netlist", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            app.add_option("FILE", flags->file,
                           "SPICE netlist of R L C K V I G E, .subckt and .param; every resistor is noisy at its "
                           "temperature (dtemp=, noisy=0), current sources may have noise= in A^2/Hz")
                ->required();
            app.add_option("--duration", flags->duration, "simulate for so long (1ms), from 0 on; with --step")
                ->option_text("TIME");
            app.add_option("--step", flags->step,
                           "time between two reads of the simulation; the transition is exact, however long it is")
                ->option_text("TIME");
            app.add_option("-n,--samples", flags->samples, "boards that are simulated side by side")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{2}, int64_t{1} << 20));
            app.add_option("-o,--output", flags->output, "folder for covariance.npy, outputs.txt and course.npy");
            return [flags](const Common& common) { return run_circuit(*flags, common); };
          }};
}

}  // namespace swell::cmd
