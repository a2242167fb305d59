#include "swell/programs/ising/chip_search.h"

#include <algorithm>
#include <cmath>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/random/streams.h"

namespace swell::ising {

namespace {

constexpr int64_t kBatch = 32;         // coolings side by side
constexpr int64_t kFirstSweeps = 100;  // of the first batch of a search of given time

}  // namespace

SearchResult search_by_cooling(const Pbits& chip, const Range& given, const SearchOptions& options,
                               const std::function<double(std::span<const int8_t>)>& cost_of) {
  SearchResult result;
  Range range = given;
  if (options.hot > 0) range.hot = options.hot;
  if (options.cold > 0) range.cold = options.cold;
  result.hot = range.hot;
  result.cold = range.cold;
  result.reduced_units = chip.model().units;
  result.best_by = "cooling on the chip";
  const bool timed = options.seconds > 0;
  const auto start = std::chrono::steady_clock::now();
  int64_t sweeps = timed ? std::min(kFirstSweeps, options.sweeps) : options.sweeps;
  double best = INFINITY;
  while (result.spins.empty() || (timed ? seconds_since(start) < options.seconds : result.runs < options.runs)) {
    RunOptions how;
    how.noise = {options.seed, stream::kRun};
    how.trajectories = timed ? kBatch : std::min(kBatch, options.runs - result.runs);
    how.first_trajectory = result.runs;
    how.threads = options.threads;
    how.isa = options.isa;
    how.one_of_many = true;
    // The first batch is made in any case, so that there is an answer.
    how.progress = [&](int64_t, int64_t) {
      return options.go_on() && (!timed || result.spins.empty() || seconds_since(start) < options.seconds);
    };
    Run run;
    try {
      run = swell::run(System(chip.model(), &chip), cooling(range, sweeps), how);
    } catch (const Interrupted&) {
      result.interrupted = !options.go_on();
      if (result.spins.empty()) throw;
      break;
    }
    for (int64_t t = 0; t < run.trajectories; ++t) {
      const double cost = cost_of(run.spins_of(t));
      result.flips += static_cast<double>(run.flips[t]);
      if (cost >= best) continue;
      best = cost;
      result.spins.assign(run.spins_of(t).begin(), run.spins_of(t).end());
      result.seconds_to_best = seconds_since(start);
      result.trace.push_back({result.seconds_to_best, cost});
    }
    result.runs += run.trajectories;
    result.sweeps += run.trajectories * sweeps;
    sweeps = std::min(2 * sweeps, options.sweeps);
  }
  result.seconds = seconds_since(start);
  return result;
}

}  // namespace swell::ising
