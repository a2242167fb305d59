#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "swell/base/clock.h"
#include "swell/base/progress.h"
#include "swell/base/ranks.h"
#include "swell/base/threads.h"

namespace swell {

// What bounds a search for the best answer, which is begun again and again until time, target or the user ends it.
struct SearchLimits {
  uint64_t seed = 1;
  int threads = 1;
  // That share the runs and call this alike; null for this process alone. Every rank has runs of its own, of a fixed
  // number or for the same time; who calls each() puts their answers together. Each stops at the target by itself.
  Ranks* ranks = nullptr;
  double seconds = 10;  // wall time from `start`; 0 for `runs` runs, the same answer for any threads
  int64_t runs = 8;     // with seconds = 0
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();  // reading and preparing count too
  std::optional<double> target;                                                    // stop at this cost or below
  std::function<bool()> go_on = [] { return true; };  // false ends the search, with the best so far
  // Seconds of those allowed; the figure is the best so far, infinity before there is an answer.
  ProgressCallback progress;
};

// How it went.
struct SearchCourse {
  double seconds = 0, seconds_to_best = 0;
  int64_t runs = 0;
  bool hit_target = false, interrupted = false;
  struct Improvement {
    double seconds, cost;
  };
  std::vector<Improvement> trace;
};

// Of the improvements that several searches made side by side, those that improved on all before them.
inline std::vector<SearchCourse::Improvement> in_one_course(std::vector<SearchCourse::Improvement> all) {
  std::ranges::stable_sort(all, {}, &SearchCourse::Improvement::seconds);
  std::vector<SearchCourse::Improvement> kept;
  for (const SearchCourse::Improvement& step : all) {
    if (kept.empty() || step.cost < kept.back().cost) kept.push_back(step);
  }
  return kept;
}

// Runs of one search on several threads, and the best answer of all. Order says how costs are told apart: less(a, b)
// and reaches(cost, target).
template <class Answer, class Order>
class Restarts {
 public:
  Restarts(const SearchLimits& limits, Order order, SearchCourse& course)
      : limits_(limits), order_(std::move(order)), course_(course) {}

  bool timed() const { return limits_.seconds > 0; }
  double elapsed() const { return seconds_since(limits_.start); }
  double left() const { return limits_.seconds - elapsed(); }
  bool in_time() const { return !done_ && (!timed() || left() > 0); }

  // Asked from inside runs now and then; false ends them.
  bool open() {
    const std::lock_guard lock(mutex_);
    if (done_) return false;
    if (!limits_.go_on()) done_ = course_.interrupted = true;
    if (timed() && left() <= 0) done_ = true;
    if (!tell(limits_.progress, {"searching", elapsed(), limits_.seconds, best_cost_}))
      done_ = course_.interrupted = true;
    return !done_;
  }
  // No better answer is to be looked for.
  void close() { done_ = true; }

  // Keeps the better; of equals that of the lower run, so that a fixed number of runs has one answer. True where the
  // answer was taken.
  bool offer(double cost, int64_t number, const std::function<Answer()>& answer) {
    const std::lock_guard lock(mutex_);
    const bool better = !any_ || order_.less(cost, best_cost_);
    if (!better && (order_.less(best_cost_, cost) || number >= best_run_)) return false;
    if (better) {
      course_.seconds_to_best = elapsed();
      course_.trace.push_back({course_.seconds_to_best, cost});
    }
    any_ = true;
    best_ = answer();
    best_cost_ = cost;
    best_run_ = number;
    if (limits_.target && order_.reaches(cost, *limits_.target)) {
      course_.hit_target = true;
      if (timed()) done_ = true;
    }
    return true;
  }

  // Makes the runs, numbered from 0; at least one, so that there is an answer. Returns how many were begun.
  int64_t each(const std::function<void(int64_t number)>& run) {
    std::atomic<int64_t> next = 0, begun = 0;
    const int ranks = limits_.ranks ? limits_.ranks->size() : 1, rank = limits_.ranks ? limits_.ranks->rank() : 0;
    const auto take = [&] { return next++ * ranks + rank; };
    parallel_for(limits_.threads, limits_.threads, [&](int64_t) {
      for (int64_t number = take(); number == 0 || ((timed() || number < limits_.runs) && open()); number = take()) {
        ++begun;
        run(number);
      }
    });
    course_.seconds = elapsed();
    return begun;
  }

  // The run that gave the best answer; -1 where a start is.
  int64_t best_run() const {
    const std::lock_guard lock(mutex_);
    return best_run_;
  }
  double best_cost() const {
    const std::lock_guard lock(mutex_);
    return best_cost_;
  }
  // Begins anew, as if no answer had come yet.
  void forget() {
    const std::lock_guard lock(mutex_);
    best_ = Answer{};
    best_cost_ = std::numeric_limits<double>::infinity();
    best_run_ = 0;
    any_ = false;
  }
  // After the runs; what Answer is by default where there was none.
  Answer take_best() { return std::move(best_); }

 private:
  const SearchLimits& limits_;
  const Order order_;
  SearchCourse& course_;
  Answer best_{};
  double best_cost_ = std::numeric_limits<double>::infinity();
  int64_t best_run_ = 0;
  bool any_ = false;
  std::atomic<bool> done_ = false;
  mutable std::mutex mutex_;
};

}  // namespace swell
