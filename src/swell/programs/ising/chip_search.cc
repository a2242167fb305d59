#include "swell/programs/ising/chip_search.h"

#include <algorithm>
#include <chrono>
#include <mutex>

#include "swell/base/errors.h"
#include "swell/random/streams.h"

namespace swell::ising {

namespace {

constexpr int64_t kBatch = 32;         // coolings side by side
constexpr int64_t kFirstSweeps = 100;  // of the first batches of a search of given time

struct CostOrder {
  bool less(double a, double b) const { return a < b; }
  bool reaches(double cost, double target) const { return cost <= target; }
};

}  // namespace

SearchResult search_by_cooling(const Pbits& chip, const Range& given, const SearchOptions& options,
                               const std::function<double(std::span<const int8_t>)>& cost_of) {
  SearchResult result;
  const Range range = between(given, options.hot, options.cold);
  result.hot = range.hot;
  result.cold = range.cold;
  result.rule = rule_of(options, range);
  result.reduced_units = chip.model().units;
  result.best_by = "cooling on the chip";
  SearchOptions batches = options;
  batches.start = std::chrono::steady_clock::now();
  batches.runs = (options.runs + kBatch - 1) / kBatch;
  Restarts<std::vector<int8_t>, CostOrder> search(batches, CostOrder{}, result);
  std::mutex mutex;
  int64_t coolings = 0;
  search.each([&](int64_t number) {
    // A search of given time begins with short coolings.
    const int64_t doubled = std::min<int64_t>(number / options.threads, 40);
    const int64_t sweeps = search.timed() ? std::min(kFirstSweeps << doubled, options.sweeps) : options.sweeps;
    RunOptions how;
    how.rule = result.rule;
    how.noise = {options.seed, stream::kRun};
    how.first_trajectory = number * kBatch;
    how.trajectories = search.timed() ? kBatch : std::min(kBatch, options.runs - how.first_trajectory);
    how.isa = options.isa;
    how.one_of_many = true;
    how.kept = Kept::part;  // what was done is counted, however early it ends
    // The first batch takes a sweep in any case, so that there is an answer.
    how.progress = [&, number](const Progress& at) {
      return search.open() || (number == 0 && at.done == 0 && options.go_on());
    };
    Run run;
    try {
      run = swell::run(System(chip.model(), &chip), cooling(range, sweeps), how);
    } catch (const Interrupted&) {
      return;
    }
    for (int64_t t = 0; t < run.trajectories; ++t) {
      const std::span<const int8_t> spins = run.spins_of(t);
      search.offer(cost_of(spins), how.first_trajectory + t, [&] {
        return std::vector<int8_t>{spins.begin(), spins.end()};
      });
    }
    const std::lock_guard lock(mutex);
    coolings += run.trajectories;
    result.sweeps += run.steps * run.trajectories;
    result.costs.add(run);
    for (const int64_t flips : run.flips) result.flips += static_cast<double>(flips);
  });
  result.runs = coolings;
  result.spins = search.take_best();
  if (result.spins.empty()) throw Interrupted("the search ended before its first sweep");
  return result;
}

}  // namespace swell::ising
