#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "swell/base/threads.h"
#include "swell/ledger/diagnostics.h"

namespace swell::route {

// How costs are told apart: sums of decimals of few places as the whole numbers that they are, so that no digit is lost
// to rounding; others to a part in 10^9.
struct Measure {
  double per_unit = 0;  // costs are whole multiples of 1/per_unit, a power of ten; 0 where they are not

  double value(double cost) const { return per_unit > 0 ? std::round(cost * per_unit) / per_unit : cost; }
  double grain(double cost) const { return per_unit > 0 ? 0 : 1e-9 * std::max(1.0, std::abs(cost)); }
  bool less(double a, double b) const { return value(a) < value(b) - grain(b); }
  bool reaches(double cost, double target) const { return value(cost) <= target + grain(target); }
};

// Routes are looked for by restarts of a cooled Metropolis chain on moves that keep a tour a tour.
struct SearchOptions {
  uint64_t seed = 1;
  int threads = 1;
  double seconds = 10;  // wall time from `start`; 0 for `runs` runs, the same for any threads
  int64_t runs = 4;     // with seconds = 0
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();  // reading and preparing count too
  std::optional<double> target;                                                    // stop at this cost or below
  std::function<bool()> go_on = [] { return true; };
  std::function<void(double best, double seconds)> progress = [](double, double) {};
};

struct SearchFigures {
  double seconds = 0, seconds_to_best = 0;
  int64_t runs = 0;
  double moves = 0, accepted = 0;
  double hot = 0, cold = 0;  // kT, in units of the cost
  bool interrupted = false;
  std::optional<int64_t> bound;  // of a tour: none is shorter
  std::string start;             // the construction that the search began with, if any
  Diagnostics diagnostics = no_diagnostics("a search that cools has no equilibrium");
};

// Runs of one search on several threads until time, target or the user ends it.
template <class Answer>
class Runs {
 public:
  Runs(const SearchOptions& options, const Measure& measure, SearchFigures& figures)
      : options_(options), measure_(measure), figures_(figures) {}

  // Asked from inside runs now and then; false ends them.
  bool open() {
    const std::lock_guard lock(mutex_);
    if (done_) return false;
    if (!options_.go_on()) done_ = figures_.interrupted = true;
    if (options_.seconds > 0 && elapsed() >= options_.seconds) done_ = true;
    options_.progress(best_cost_, elapsed());
    return !done_;
  }

  // Keeps the better; of equals that of the lower run, so that a fixed number of runs has one answer.
  void offer(const Answer& answer, double cost, int64_t number) {
    const std::lock_guard lock(mutex_);
    const bool better = !any_ || measure_.less(cost, best_cost_);
    if (!better && (measure_.less(best_cost_, cost) || number >= best_run_)) return;
    if (better) figures_.seconds_to_best = elapsed();
    any_ = true;
    best_ = answer;
    best_cost_ = cost;
    best_run_ = number;
    if (options_.target && measure_.reaches(cost, *options_.target) && options_.seconds > 0) done_ = true;
  }

  void count(double moves, double accepted) {
    const std::lock_guard lock(mutex_);
    figures_.moves += moves;
    figures_.accepted += accepted;
  }

  // Makes the runs; at least one, so that there is an answer.
  Answer best_of(const std::function<void(int64_t number)>& run) {
    std::atomic<int64_t> next = 0;
    parallel_for(options_.threads, options_.threads, [&](int64_t) {
      for (int64_t number = next++; number == 0 || ((options_.seconds > 0 || number < options_.runs) && open());
           number = next++)
        run(number);
    });
    figures_.runs = std::min<int64_t>(next, options_.seconds > 0 ? INT64_MAX : options_.runs);
    figures_.seconds = elapsed();
    return std::move(best_);
  }

 private:
  double elapsed() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - options_.start).count();
  }

  const SearchOptions& options_;
  const Measure measure_;
  SearchFigures& figures_;
  Answer best_;
  double best_cost_ = 1e300;
  int64_t best_run_ = 0;
  bool done_ = false, any_ = false;
  std::mutex mutex_;
};

}  // namespace swell::route
