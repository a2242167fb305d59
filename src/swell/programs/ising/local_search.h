#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "swell/model/ising.h"
#include "swell/random/sequence.h"

namespace swell::ising {

// A state of p-bits that knows what each flip costs. Costs and energies are doubles: exact for whole numbers whose sums
// stay below 2^53, so that what is called a minimum is one.
class LocalSearch {
 public:
  // The model outlives the search.
  LocalSearch(const IsingModel& model, std::span<const int8_t> spins);

  void reset(std::span<const int8_t> spins);
  std::span<const int8_t> spins() const { return spins_; }
  double energy() const { return energy_; }
  // Change of energy when this unit flips, 2 m I.
  double cost(int64_t unit) const { return cost_[unit]; }
  // Changes of energy above -grain() count as none: 0 for whole numbers, else what rounding may do.
  double grain() const { return grain_; }
  int64_t flips() const { return flips_; }

  void flip(int64_t unit);

  // Flips units one by one, each to a lower energy, until no flip lowers it. Returns the change of energy.
  double descend();
  // The same, until no flip of one unit and none of two coupled units at once lowers it.
  double descend_pairs();
  // Turns one unit over and holds it there while its neighbours relax, steepest first; then lets it go. From a minimum
  // under single flips it leads to another one, or back. Returns the change of energy; undo() takes it back.
  double hop(int64_t unit);
  void undo();

 private:
  void relax(int64_t held);

  const IsingModel& model_;
  std::vector<int8_t> spins_;
  std::vector<double> cost_;
  double energy_ = 0, grain_ = 0;
  int64_t flips_ = 0;
  std::vector<int32_t> unstable_;  // units that may want to flip
  std::vector<char> listed_;       // [units] whether in unstable_
  std::vector<int32_t> trail_;     // flips since the last hop began
};

// How energies of a model are told apart: beyond the rounding of their sums.
struct EnergyOrder {
  double grain = 0;
  bool less(double a, double b) const { return a < b - grain; }
  bool reaches(double energy, double target) const { return energy <= target + grain; }
};
EnergyOrder energy_order(const IsingModel& model);

// Walks over the minima of single flips by hops, each kept with min(1, exp(-dE / kT)), kT falling from `hot` to `cold`
// (geometrically) in `hops` steps (D. J. Wales, J. P. K. Doye, J. Phys. Chem. A 101, 5111 (1997)). Leaves `state` at
// the lowest minimum found. Where the problem rewards certain sets of units only (one of a group, a permutation), a hop
// goes from one such set to the next, however high the penalty between them. `go_on` is asked now and then.
struct HopOptions {
  double hot = 0, cold = 0;
  int64_t hops = 0;
};
void walk_minima(LocalSearch& state, const HopOptions& options, Sequence& draws, const std::function<bool()>& go_on);

// What hops from this minimum cost: temperatures at which most of them, and few of them, are taken.
struct HopScale {
  double hot, cold, median;  // median of the costs above zero; 0 where no hop costs anything
};
HopScale hop_scale(LocalSearch& state, Sequence& draws);

// Tabu search (F. Glover, E. Taillard, D. de Werra, Ann. Oper. Res. 41, 1 (1993)): always the best flip that was not
// made lately. Leaves `state` at the lowest energy found after `steps` flips without a better one.
void tabu(LocalSearch& state, int64_t steps, Sequence& draws, const std::function<bool()>& go_on);

}  // namespace swell::ising
