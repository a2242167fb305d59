#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/engine/pbits/pbits.h"
#include "swell/engine/restarts.h"
#include "swell/ledger/diagnostics.h"
#include "swell/ledger/run_costs.h"
#include "swell/programs/ising/temperatures.h"

namespace swell::ising {

// How ground states are looked for.
enum class Method {
  anneal,     // p-bits cooled again and again, recombined; hops between minima and tabu search where those do better
  tempering,  // replica exchange between temperatures, and isoenergetic cluster moves between two replicas at each
};

struct SearchOptions : SearchLimits {
  Method method = Method::anneal;
  int64_t sweeps = 10000;    // with seconds = 0, of each run
  double hot = 0, cold = 0;  // kT, in units of the couplings; 0 for what the model's fields say
  // Of p-bits. Empty for Gibbs' rule where hot and cold are the same, since the answer then is the equilibrium of a
  // device; for Metropolis' where p-bits are cooled, since that finds ground states sooner.
  std::optional<FlipRule> rule;
  std::string isa;
  // States to begin with, +1 and -1 of all units: run k (replica k of tempering, trajectory k of continuous units)
  // begins in number k modulo their count, at the temperature `hot`. Each, descended, is an answer as well, so that
  // none is better than what is found. Empty: random states.
  std::vector<std::vector<int8_t>> starts;
};

// The rule of a search between these temperatures.
FlipRule rule_of(const SearchOptions& options, const Range& range);
// The state that run k begins in; empty without starts.
inline std::span<const int8_t> start_of(const SearchOptions& options, int64_t k) {
  if (options.starts.empty()) return {};
  return options.starts[static_cast<size_t>(k) % options.starts.size()];
}
// Throws InputError where starts do not fit the model.
void require_starts(const SearchOptions& options, const IsingModel& model);

// Every answer is a minimum under flips of one unit, and where time allows of two coupled ones.
struct SearchResult : SearchCourse {
  std::vector<int8_t> spins;
  double energy = 0;
  int64_t sweeps = 0;         // of p-bits, over all replicas
  double flips = 0;           // of p-bits, over all
  double heat = 0;            // that p-bits, or continuous units, gave to the bath, in units of the couplings
  double entropy = 0;         // continuous units: sum of heat / kT
  double time = 0;            // that continuous units ran for, 1/mu, one after another
  RunCosts costs;             // of the simulation of all of these
  double host_flips = 0;      // made by the digital host: descents, hops, tabu search, units turned over by mergers
  int64_t reduced_units = 0;  // p-bits left after exact reduction
  double hot = 0, cold = 0;
  FlipRule rule = FlipRule::metropolis;  // that p-bits were flipped by
  std::string best_by;  // what found the answer: "annealing", "hops", "tabu search", "recombination", ...
  Diagnostics diagnostics = no_diagnostics("a search that cools has no equilibrium");

  // Tempering: kT of the rungs from cold to hot, and how often replicas of a rung and the next one changed places since
  // the rungs were last moved.
  std::vector<double> rungs;            // [rungs]
  std::vector<double> swap_acceptance;  // [rungs - 1]; empty where none was tried
};

SearchResult search(const Pbits& pbits, const SearchOptions& options);

}  // namespace swell::ising
