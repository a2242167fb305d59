#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swell/engine/ising/pbits.h"

namespace swell::ising {

// How ground states are looked for. Every move keeps detailed balance at its temperature, or takes the better of two.
enum class Method {
  anneal,     // cool once, then again and again from a lower temperature; keep what is better, cluster by cluster
  tempering,  // replica exchange between temperatures, and isoenergetic cluster moves between two replicas at each
};

struct SearchOptions {
  Method method = Method::anneal;
  uint64_t seed = 1;
  int threads = 1;
  double seconds = 10;           // wall time; 0 for `runs` runs of `sweeps` sweeps, the same for any threads
  int64_t runs = 8;              // with seconds = 0
  int64_t sweeps = 10000;        // with seconds = 0, of each run
  double hot = 0, cold = 0;      // kT, in units of the couplings; 0 for what the model's fields say
  std::optional<double> target;  // stop at this energy or below
  std::string isa;
  std::function<bool()> go_on = [] { return true; };  // false ends the search, with the best so far
  std::function<void(double best_energy, double seconds)> progress = [](double, double) {};
};

struct SearchResult {
  std::vector<int8_t> spins;
  double energy = 0;
  double seconds_to_best = 0, seconds = 0;
  int64_t runs = 0;    // begun
  int64_t sweeps = 0;  // over all replicas
  double flips = 0;    // over all
  double heat = 0;     // to the bath over all, in units of the couplings
  double hot = 0, cold = 0;
  bool hit_target = false, interrupted = false;
  struct Improvement {
    double seconds, energy;
  };
  std::vector<Improvement> trace;
};

// Temperatures between which annealing matters: a share of the local field's spread where replicas begin to order, and
// one where they are frozen.
struct Range {
  double hot, cold;
};
Range temperature_range(const IsingModel& model);

SearchResult search(const Pbits& pbits, const SearchOptions& options);

// Sets of units in which two states differ, each connected and none a neighbour of another, so that the energy changes
// of exchanging them add up: takes over from `other` every one that does not raise the energy of `state`. Without
// fields `other` may be turned over first. Returns the change of energy, <= 0.
double take_better_clusters(const IsingModel& model, std::span<int8_t> state, std::span<const int8_t> other);

}  // namespace swell::ising
