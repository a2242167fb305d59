#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "swell/engine/restarts.h"
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
using SearchOptions = SearchLimits;

struct SearchFigures : SearchCourse {
  double moves = 0, accepted = 0;
  double hot = 0, cold = 0;      // kT, in units of the cost
  std::optional<int64_t> bound;  // of a tour: none is shorter
  int64_t best_run = -1;         // that gave the answer; below 0 for what came before all runs
  std::string start;             // the construction that the search began with, if any
  Diagnostics diagnostics = no_diagnostics("a search that cools has no equilibrium");
};

// Restarts that count the moves of their chains.
template <class Answer>
class Runs : public Restarts<Answer, Measure> {
 public:
  Runs(const SearchOptions& options, const Measure& measure, SearchFigures& figures)
      : Restarts<Answer, Measure>(options, measure, figures), figures_(figures) {}

  // Moves of a chain; `runs` where they make up a run that is counted here, not by each().
  void count(double moves, double accepted, int64_t runs = 0) {
    const std::lock_guard lock(mutex_);
    figures_.moves += moves;
    figures_.accepted += accepted;
    figures_.runs += runs;
  }

 private:
  SearchFigures& figures_;
  std::mutex mutex_;
};

}  // namespace swell::route
