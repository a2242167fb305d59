#include "swell/programs/ising/langevin.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/model/sparse.h"
#include "swell/programs/ising/local_search.h"
#include "swell/random/streams.h"

namespace swell::ising {

namespace {

constexpr double kStep = 0.02;         // dt times the stiffest curvature
constexpr int64_t kFirstSteps = 2000;  // of the first cooling; twice as many in each later one
constexpr int64_t kMostSteps = 256000;
constexpr double kSliceSeconds = 0.1;  // of a search of given time
constexpr int64_t kFewSteps = 16;      // of its first slice
constexpr int64_t kFixedSlice = 1000;  // of one of given length

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
  require_reciprocal(model, "a search for the lowest energy needs");
  require_starts(options, model);
  SearchOptions limits = options;
  limits.start = std::chrono::steady_clock::now();
  const Range range = temperature_range(model);
  SearchResult result;
  const Range asked = between(range, options.hot, options.cold);
  result.hot = asked.hot;
  result.cold = asked.cold;
  result.best_by = "cooled continuous units";
  result.reduced_units = model.units;
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
  // A cooling goes in slices, so that what was done is booked however early it ends.
  LocalSearch minimum(model, std::vector<int8_t>(model.units, 1));
  Restarts<std::vector<int8_t>, EnergyOrder> search(limits, EnergyOrder{minimum.grain()}, result);
  const auto elapsed = [&] { return search.elapsed(); };
  const auto go_on = [&] { return !result.hit_target && search.open(); };
  const auto offer = [&](std::span<const int8_t> spins) {
    minimum.reset(spins);
    minimum.descend();
    search.offer(minimum.energy(), 0,
                 [&] { return std::vector<int8_t>(minimum.spins().begin(), minimum.spins().end()); });
  };
  for (const std::vector<int8_t>& start : options.starts) offer(start);
  double steps_per_s = 0;
  for (int64_t round = 0; (round == 0 || go_on()) && (options.seconds > 0 || round < options.runs); ++round) {
    int64_t steps = options.sweeps;
    if (options.seconds > 0) {
      steps = std::min(kMostSteps, kFirstSteps << std::min<int64_t>(round, 20));
      const auto room = static_cast<int64_t>(std::max(0.0, options.seconds - elapsed()) * steps_per_s);
      if (round > 0) steps = std::clamp<int64_t>(room, kFirstSteps / 4, steps);
    }
    std::vector<double> states;  // at the wells, or at 0
    for (int64_t t = 0; t < run_options.trajectories; ++t) {
      const std::span<const int8_t> start = start_of(options, run_options.first_trajectory + t);
      states.insert(states.end(), start.begin(), start.end());
    }
    const Schedule cooling{{{0, result.hot}, {static_cast<double>(steps), result.cold / 10}}};  // over steps
    for (int64_t done = 0; done < steps && (done == 0 || go_on());) {
      const auto quick = static_cast<int64_t>(kSliceSeconds * steps_per_s);
      const int64_t slice = options.seconds > 0 ? std::min(steps - done, std::max<int64_t>(kFewSteps, quick))
                                                : std::min(steps - done, kFixedSlice);
      Segment segment;
      segment.name = "cooling";
      segment.duration = static_cast<double>(slice) * run_options.dt;
      segment.couplings = 0;
      segment.drive.resize(1);
      segment.kT.knots = {{0, cooling(static_cast<double>(done))}, {1, cooling(static_cast<double>(done + slice))}};
      segment.clamped = {0};
      run_options.start = states;
      run_options.first_step = done;
      const double before = elapsed();
      Run run = swell::run(computer, {"annealing", {segment}}, run_options);
      steps_per_s = static_cast<double>(slice) / std::max(1e-6, elapsed() - before);
      done += slice;
      result.sweeps += slice * run.trajectories;
      result.costs.add(run);
      result.time += segment.duration * static_cast<double>(run.trajectories);
      for (int64_t t = 0; t < run.trajectories; ++t) {
        result.heat += run.book(t, 0).heat;
        result.entropy += run.book(t, 0).entropy;
      }
      states = std::move(run.states);
    }
    ++result.runs;
    run_options.first_trajectory += run_options.trajectories;  // other draws
    const int64_t flips = minimum.flips();
    for (int64_t t = 0; t < run_options.trajectories; ++t) {
      std::vector<int8_t> spins;
      for (int64_t i = 0; i < model.units; ++i) spins.push_back(states[t * model.units + i] > 0 ? 1 : -1);
      offer(spins);
    }
    result.host_flips += static_cast<double>(minimum.flips() - flips);
  }
  minimum.reset(search.take_best());
  if (options.seconds == 0 || search.left() > 0) minimum.descend_pairs();
  result.spins.assign(minimum.spins().begin(), minimum.spins().end());
  result.energy = minimum.energy();
  result.seconds = elapsed();
  return result;
}

}  // namespace swell::ising
