#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "swell/programs/route/connect.h"
#include "swell/programs/route/linear_program.h"

namespace swell::route {

// The linear relaxation of a round. Unknown is how often each street is walked beyond its duty (each way by itself
// where ways differ). Rows, found as they are needed: every set of junctions that a round enters is left
// (connectivity), and a set with an odd number of duties across its border is crossed once more (parity); A. Corberan,
// G. Laporte (eds.), Arc Routing, SIAM (2014), chapters 5 and 6. With rewards also whether a street is walked; the cost
// is the reward's negative.
class Relaxation {
 public:
  Relaxation(const RoundTask& task, const WholeLengths& whole);

  struct Change {
    int column;
    bool up;
    double value;  // between two whole numbers: the column is above, or below
  };
  void apply(const std::vector<Change>& changes);

  bool solve(double seconds) { return program_->solve(seconds); }
  bool infeasible() const { return program_->infeasible(); }
  double bound() const;                       // in the network's unit of length, or -reward
  bool cut();                                 // adds rows that the solution breaks; false where none was found
  std::pair<int, double> fractional() const;  // the column furthest from whole; -1: all are whole

  // For constructions: streets are the cheaper, the more the solution walks them; the way that it serves them.
  std::vector<int64_t> prices() const;
  std::vector<char> forward() const;

 private:
  double extra(int64_t s) const;
  void build(const std::vector<double>& lengths);
  void balance_rows();
  bool cut_parity();
  bool cut_connections();
  void add_cut(const std::vector<char>& inside, double least, int reward_column = -1);

  const RoundTask& task_;
  const WholeLengths& whole_;
  const bool symmetric_;
  double scale_ = 1, base_ = 0;                     // cost = scale x the program's + base
  std::vector<int> forward_, back_, reward_, end_;  // columns by street, or by junction; -1: none
  std::vector<double> least_, most_;                // bounds of the columns at the root
  std::vector<int64_t> part_;
  std::unique_ptr<LinearProgram> program_;
};

}  // namespace swell::route
