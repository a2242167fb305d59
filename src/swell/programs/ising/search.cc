#include "swell/programs/ising/search.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <limits>
#include <mutex>

#include "swell/base/threads.h"
#include "swell/programs/ising/tempering.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::ising {

namespace {

constexpr double kShareOfCycles = 0.3;      // of a run's sweeps, spent on annealing again
constexpr int64_t kMostSweeps = 1'000'000;  // of a run: beyond it, another start finds more
// Some landscapes want many starts, some one slow cooling: a few short runs first, in a quarter of the time.
constexpr int64_t kShortRuns = 10;       // of each thread
constexpr double kShareOfShort = 0.025;  // of the time, each
constexpr int64_t kCycleSweeps = 300;
constexpr int64_t kProbeSweeps = 50;   // to learn how fast sweeps are
constexpr int64_t kQuenchSweeps = 20;  // where time runs out on the way down

std::vector<double> cooling(double hot, double cold, int64_t sweeps) {
  std::vector<double> beta(sweeps);
  for (int64_t k = 0; k < sweeps; ++k) {
    const double done = sweeps > 1 ? static_cast<double>(k) / static_cast<double>(sweeps - 1) : 1;
    beta[k] = 1 / (hot + (cold - hot) * done);
  }
  return beta;
}

}  // namespace

Range temperature_range(const IsingModel& model) {
  // Fields of random signs spread by the root of their squares' sum.
  double squares = 0;
  int64_t busy = 0;
  for (int64_t i = 0; i < model.units; ++i) {
    double sum = model.h[i] * model.h[i];
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) sum += model.J[k] * model.J[k];
    squares += sum;
    busy += sum > 0;
  }
  const double spread = busy > 0 ? std::sqrt(squares / static_cast<double>(busy)) : 1;
  return {0.45 * spread, 0.06 * spread};
}

double take_better_clusters(const IsingModel& model, std::span<int8_t> state, std::span<const int8_t> other) {
  const bool fields = std::any_of(model.h.begin(), model.h.end(), [](double h) { return h != 0; });
  int64_t overlap = 0;
  for (size_t i = 0; i < state.size(); ++i) overlap += state[i] * other[i];
  const int8_t sign = !fields && overlap < 0 ? -1 : 1;
  const auto differs = [&](int64_t i) { return state[i] != sign * other[i]; };
  std::vector<char> seen(state.size(), 0);
  std::vector<int32_t> cluster;
  double gain = 0;
  for (int64_t start = 0; start < model.units; ++start) {
    if (seen[start] || !differs(start)) continue;
    cluster.assign(1, static_cast<int32_t>(start));
    seen[start] = 1;
    double cost = 0;
    for (size_t at = 0; at < cluster.size(); ++at) {
      const int32_t i = cluster[at];
      double outside = model.h[i];
      for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) {
        const int32_t j = model.neighbour[k];
        if (!differs(j)) {
          outside += model.J[k] * state[j];
        } else if (!seen[j]) {
          seen[j] = 1;
          cluster.push_back(j);
        }
      }
      cost += 2 * state[i] * outside;
    }
    if (cost > 0) continue;
    // Turned over below, so that `differs` holds until all clusters are found: mark with 2.
    for (const int32_t i : cluster) seen[i] = 2;
    gain += cost;
  }
  for (size_t i = 0; i < state.size(); ++i) {
    if (seen[i] == 2) state[i] = static_cast<int8_t>(-state[i]);
  }
  return gain;
}

namespace {

using Clock = std::chrono::steady_clock;

// One search: what its runs share.
class Search {
 public:
  Search(const Pbits& pbits, const SearchOptions& options) : pbits_(pbits), model_(pbits.model()), options_(options) {
    const Range range = temperature_range(model_);
    result_.hot = options.hot > 0 ? options.hot : range.hot;
    result_.cold = options.cold > 0 ? options.cold : range.cold;
    result_.energy = std::numeric_limits<double>::infinity();
  }

  SearchResult result() {
    if (options_.seconds > 0) {
      std::atomic<int64_t> next = 0;
      parallel_for(options_.threads, options_.threads, [&](int64_t) {
        double sweeps_per_s = 0;
        do {
          run(next++, sweeps_per_s);
        } while (open());
      });
    } else {
      parallel_for(options_.runs, options_.threads, [&](int64_t number) {
        double unused = 0;
        if (number == 0 || open()) run(number, unused);
      });
    }
    result_.seconds = elapsed();
    return std::move(result_);
  }

 private:
  double elapsed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  double left() const { return options_.seconds - elapsed(); }

  bool open() {
    const std::lock_guard lock(mutex_);
    if (done_) return false;
    if (!options_.go_on()) done_ = result_.interrupted = true;
    if (options_.seconds > 0 && left() <= 0) done_ = true;
    options_.progress(result_.energy, elapsed());
    return !done_;
  }

  void offer(std::span<const int8_t> spins, double energy, int64_t number) {
    const std::lock_guard lock(mutex_);
    // Of equal ones the first run's, so that runs of a fixed length have one answer.
    const double grain = 1e-12 * std::max(1.0, std::abs(energy));
    if (energy > result_.energy + grain) return;
    if (energy > result_.energy - grain && number >= best_run_) return;
    if (energy < result_.energy - grain) {
      result_.seconds_to_best = elapsed();
      result_.trace.push_back({elapsed(), energy});
    }
    best_run_ = number;
    result_.energy = energy;
    result_.spins.assign(spins.begin(), spins.end());
    if (options_.target && energy <= *options_.target + grain) {
      result_.hit_target = true;
      if (options_.seconds > 0) done_ = true;
    }
  }

  PbitRun sample(int64_t number, int64_t& sweep, std::vector<double> beta, std::span<const int8_t> start) {
    PbitOptions options;
    options.coding = Coding::narrow;
    options.noise = {options_.seed, stream::kPbits};
    options.first_replica = number;
    options.first_sweep = sweep;
    sweep += static_cast<int64_t>(beta.size());
    options.beta = std::move(beta);
    options.start = start;
    options.isa = options_.isa;
    options.go_on = [this] { return open(); };
    PbitRun run = pbits_.sample(options);
    const std::lock_guard lock(mutex_);
    result_.sweeps += run.sweeps_done[0];
    result_.flips += static_cast<double>(run.flips[0]);
    result_.heat += run.heat[0];
    return run;
  }

  // Sweeps of the run that begins now.
  int64_t plan(int64_t number, int64_t& sweep, double& sweeps_per_s) {
    if (options_.seconds == 0) return options_.sweeps;
    if (sweeps_per_s == 0) {
      const auto start = Clock::now();
      sample(number, sweep, cooling(result_.hot, result_.cold, kProbeSweeps), {});
      sweeps_per_s = kProbeSweeps / std::max(1e-7, std::chrono::duration<double>(Clock::now() - start).count());
    }
    const double room = std::max(0.0, left()) * sweeps_per_s / (1 + kShareOfCycles);
    const double whole = options_.seconds * sweeps_per_s / (1 + kShareOfCycles);
    if (number < kShortRuns * options_.threads && room > whole / 2)
      return std::max<int64_t>(kProbeSweeps, static_cast<int64_t>(kShareOfShort * whole));
    // Runs share the time that is left evenly, instead of a last one that is too short to be of use.
    const double runs = std::ceil(room / static_cast<double>(kMostSweeps));
    return std::max<int64_t>(kProbeSweeps, static_cast<int64_t>(0.97 * room / std::max(1.0, runs)));
  }

  void run(int64_t number, double& sweeps_per_s) {
    {
      const std::lock_guard lock(mutex_);
      ++result_.runs;
    }
    int64_t sweep = 0;
    const int64_t sweeps = plan(number, sweep, sweeps_per_s);
    const auto start = Clock::now();
    PbitRun first = sample(number, sweep, cooling(result_.hot, result_.cold, sweeps), {});
    if (first.sweeps_done[0] < sweeps) first = quench(number, sweep, first);
    std::vector<int8_t> state = first.best_spins;
    double energy = first.best_energy[0];
    offer(state, energy, number);
    const int64_t cycle = std::min(kCycleSweeps, std::max<int64_t>(20, sweeps / 30));
    for (int64_t k = 0; k * cycle < static_cast<int64_t>(kShareOfCycles * static_cast<double>(sweeps)); ++k) {
      if (!open()) break;
      const double u =
          draw_uniform({options_.seed, stream::kPbitSwaps}, static_cast<uint64_t>(number), static_cast<uint64_t>(k));
      // From where a few units move to where most do.
      const double from = result_.cold + (0.2 + 0.35 * u) * (result_.hot - result_.cold);
      const PbitRun again = sample(number, sweep, cooling(from, result_.cold, cycle), state);
      const bool better = again.best_energy[0] < energy;
      const double gain = take_better_clusters(model_, state, better ? again.best_of(0) : again.spins_of(0));
      if (gain < 0) {
        energy = ising_energy(model_, state);
        offer(state, energy, number);
      }
    }
    sweeps_per_s =
        static_cast<double>(sweep) / std::max(1e-7, std::chrono::duration<double>(Clock::now() - start).count());
  }

  // Stopped on the way down: the state is hot, so it is cooled at once.
  PbitRun quench(int64_t number, int64_t& sweep, const PbitRun& from) {
    PbitOptions options;
    options.coding = Coding::narrow;
    options.noise = {options_.seed, stream::kPbits};
    options.first_replica = number;
    options.first_sweep = sweep;
    options.beta = cooling(result_.cold, 0.1 * result_.cold, kQuenchSweeps);
    options.start = from.spins;
    options.isa = options_.isa;
    return pbits_.sample(options);
  }

  const Pbits& pbits_;
  const IsingModel& model_;
  const SearchOptions& options_;
  const Clock::time_point start_ = Clock::now();
  std::mutex mutex_;
  SearchResult result_;
  int64_t best_run_ = 0;
  bool done_ = false;
};

}  // namespace

SearchResult search(const Pbits& pbits, const SearchOptions& options) {
  if (options.method == Method::tempering) return temper(pbits, options);
  return Search(pbits, options).result();
}

}  // namespace swell::ising
