#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "swell/base/threads.h"

namespace swell::route {

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
};

// Runs of one search on several threads until time, target or the user ends it.
template <class Answer>
class Runs {
 public:
  Runs(const SearchOptions& options, SearchFigures& figures) : options_(options), figures_(figures) {}

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
    const double grain = 1e-9 * std::max(1.0, std::abs(cost));
    if (any_ && (cost > best_cost_ + grain || (cost > best_cost_ - grain && number >= best_run_))) return;
    if (!any_ || cost < best_cost_ - grain) figures_.seconds_to_best = elapsed();
    any_ = true;
    best_ = answer;
    best_cost_ = cost;
    best_run_ = number;
    if (options_.target && cost <= *options_.target + grain && options_.seconds > 0) done_ = true;
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
  SearchFigures& figures_;
  Answer best_;
  double best_cost_ = 1e300;
  int64_t best_run_ = 0;
  bool done_ = false, any_ = false;
  std::mutex mutex_;
};

}  // namespace swell::route
