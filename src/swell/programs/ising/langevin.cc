#include "swell/programs/ising/langevin.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/model/sparse.h"
#include "swell/random/streams.h"

namespace swell::ising {

namespace {

constexpr double kStep = 0.02;         // dt times the stiffest curvature
constexpr int64_t kFirstSteps = 2000;  // of the first cooling; twice as many in each later one
constexpr int64_t kMostSteps = 256000;

}  // namespace

Computer to_computer(const IsingModel& model, double barrier) {
  Computer computer;
  computer.groups = {{"units", {model.units}, 0, model.units}};
  computer.J2.assign(model.units, -2 * barrier);
  computer.J3.assign(model.units, 0.0);
  computer.J4.assign(model.units, barrier);
  computer.mobility.assign(model.units, 1.0);
  std::vector<Edge> edges;
  for (int64_t i = 0; i < model.units; ++i) {
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
      if (model.neighbour[k] > i) edges.push_back({i, model.neighbour[k], -model.J[k]});
    }
  }
  CouplingSet set;
  set.name = "problem";
  set.blocks.push_back({0, 0, sparse_from_edges(model.units, model.units, true, edges)});
  for (const double h : model.h) set.bias.push_back(-h);
  set.biased = {1};
  computer.sets = {set};
  return computer;
}

SearchResult search_continuously(const IsingModel& model, const SearchOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto elapsed = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  const Range range = temperature_range(model);
  SearchResult result;
  result.hot = options.hot > 0 ? options.hot : range.hot;
  result.cold = options.cold > 0 ? options.cold : range.cold;
  result.energy = std::numeric_limits<double>::infinity();
  // Wells about as deep as the local fields' spread: units cross while it is warm, and hold +-1 when it is cold.
  const double barrier = range.hot;
  const Computer computer = to_computer(model, barrier);
  double stiffest = 8 * barrier;
  for (int64_t i = 0; i < model.units; ++i) stiffest = std::max(stiffest, 8 * barrier + largest_field(model, i));
  RunOptions run_options;
  run_options.dt = kStep * 8 / stiffest;
  run_options.trajectories = 16 * options.threads;
  run_options.threads = options.threads;
  run_options.noise = {options.seed, stream::kPbits};
  run_options.isa = options.isa;
  const auto go_on = [&] {
    result.interrupted = result.interrupted || !options.go_on();
    options.progress(result.energy, elapsed());
    return !result.interrupted &&
           (options.seconds == 0 || elapsed() < options.seconds || !std::isfinite(result.energy));
  };
  run_options.progress = [&](int64_t, int64_t) { return go_on(); };
  for (int64_t round = 0; go_on() && !result.hit_target && (options.seconds > 0 || round < options.runs); ++round) {
    const int64_t steps =
        options.seconds > 0 ? std::min(kMostSteps, kFirstSteps << std::min<int64_t>(round, 20)) : options.sweeps;
    Segment segment;
    segment.name = "cooling";
    segment.duration = static_cast<double>(steps) * run_options.dt;
    segment.couplings = 0;
    segment.drive.resize(1);
    segment.kT.knots = {{0, result.hot}, {1, result.cold / 10}};
    segment.clamped = {0};
    run_options.first_trajectory = round * run_options.trajectories;
    Run run;
    try {
      run = swell::run(computer, {"annealing", {segment}}, run_options);
    } catch (const Interrupted&) {
      break;
    }
    ++result.runs;
    result.sweeps += steps * run.trajectories;
    for (int64_t t = 0; t < run.trajectories; ++t) {
      result.heat += run.book(t, 0).heat;
      std::vector<int8_t> spins;
      for (const double x : run.state(t)) spins.push_back(x > 0 ? 1 : -1);
      const double energy = ising_energy(model, spins);
      if (energy >= result.energy) continue;
      result.energy = energy;
      result.spins = std::move(spins);
      result.seconds_to_best = elapsed();
      result.trace.push_back({elapsed(), energy});
    }
    result.hit_target = options.target && result.energy <= *options.target + 1e-12 * std::abs(*options.target);
  }
  if (result.spins.empty()) {
    result.spins.assign(model.units, 1);
    result.energy = ising_energy(model, result.spins);
  }
  result.seconds = elapsed();
  return result;
}

}  // namespace swell::ising
