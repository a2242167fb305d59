#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/model/ising.h"
#include "swell/programs/ising/local_search.h"
#include "swell/random/sequence.h"

namespace swell::ising {

// Moves of many units at once that are exact: a random part of the units is chosen so that, all others held, its units
// can be summed out one by one while no more than `width` others are coupled to the one that goes (F. Hamze, N. de
// Freitas, From fields to trees, UAI 2004; A. Selby, arXiv 1409.3934). Each costs a table of at most 2^width entries.
// Of sparse graphs most units can be in such a part. The model outlives the moves.
class LowWidth {
 public:
  LowWidth(const IsingModel& model, int width);

  // Chooses the part: always the unit with the fewest others coupled to it goes next; where all have more than `width`,
  // one that has many is held. Ties are drawn.
  void choose(Sequence& draws);
  // Of the chosen part.
  int64_t units() const { return static_cast<int64_t>(order_.size()); }
  bool holds(int64_t unit) const { return !chosen_[unit]; }

  // Gives the chosen units a state drawn from exp(-E / kT), all others as they are; with kT = 0 one of the lowest
  // energy. Flips in `state` what changes. Returns the change of energy; with kT = 0 at most state.grain().
  double relax(LocalSearch& state, double kT, Sequence& draws);

 private:
  void eliminate(int32_t unit);
  void hold_one(Sequence& draws);
  void update(int32_t unit);
  void sort_into_trees();
  void add_child(size_t child, size_t node, int64_t size);
  void combine(int64_t size, double kT, uint32_t draw);

  const IsingModel& model_;
  int width_;
  // While units go.
  std::vector<std::vector<int32_t>> rows_;     // [units] whom it is coupled to, by what went as well
  std::vector<std::vector<int32_t>> others_;   // [units] rows_ when it went
  std::vector<std::vector<int32_t>> buckets_;  // [rows' length] units with such a row, and some that had one
  std::vector<int32_t> gone_;                  // in this order
  std::vector<char> alive_, marked_;
  size_t left_ = 0;
  // The chosen part, in an order in which all that a unit's table is made of stands just before it.
  std::vector<char> chosen_;       // [units]
  std::vector<int32_t> order_;     // [chosen]
  std::vector<int32_t> children_;  // [chosen] tables that its own is made of
  std::vector<int64_t> first_;     // [chosen + 1] where its scope begins
  std::vector<int32_t> scope_;     // the units it depends on: the one that goes last first
  std::vector<double> bond_;       // beside scope_: its coupling to them
  // Of a move.
  std::vector<double> tables_, up_, down_;
  std::vector<int32_t> map_;
  struct Table {
    size_t node;
    int64_t at;
  };
  std::vector<Table> pending_;
  std::vector<char> answers_;  // [chosen][2^scope] whether the unit is up, by the signs of its scope
  std::vector<int64_t> answers_at_;
  std::vector<int8_t> spins_;  // [units]
};

}  // namespace swell::ising
