#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "swell/model/computer.h"
#include "swell/model/ising.h"
#include "swell/model/linear_system.h"

namespace swell::hardware {

// What a given chip can hold: its units, which pairs of them have a coupling, and how finely it is written.
struct Target {
  enum class Graph {
    all_to_all,  // every pair
    king,        // a grid whose cells couple to their eight neighbours
    grid,        // a grid with couplings along `offsets` and their quarter turns
    bipartite,   // every pair of one of the first `left` units and another one
  };
  enum class Law {
    p_bit,     // two states
    linear,    // a spring, x^2
    quartic,   // x^2 and x^4, J4 >= 0
    any_unit,  // x^2, x^3 and x^4
  };
  std::string name, description, source, unpublished;  // where from, and what is not said there
  Graph graph = Graph::all_to_all;
  int64_t rows = 0, columns = 0;                     // king, grid
  int64_t units = 0;                                 // rows columns for those
  int64_t left = 0;                                  // bipartite
  std::vector<std::pair<int64_t, int64_t>> offsets;  // grid: (row, column), each gives up to four neighbours
  int bits = 0;                                      // of a coupling, 0 for any number
  double largest = 0;                                // of |J| in units of the chip, 0 for any
  int sign = 0;                                      // +1, -1: of couplings J of V that it can have; 0 for both
  bool dominant = false;                             // linear: 2 J2_i must be sum_j |J_ij| or more
  int bias_bits = 0;                                 // of a bias (field), 0 for any number
  bool biased = true;                                // units have biases at all
  Law law = Law::any_unit;
  double least_kT = 0, most_kT = 0;  // of its noise, units of the chip; 0 for any
  int readout_bits = 0;              // 0 for any number

  bool is_grid() const { return graph == Graph::king || graph == Graph::grid; }
  // Whether two different places have a coupling.
  bool coupled(int64_t a, int64_t b) const;
  std::vector<int64_t> neighbours(int64_t place) const;
  int64_t most_neighbours() const;
};

// Throws InputError naming what is wrong; `where` starts the message.
void validate(const Target& target, std::string_view where);

// A machine to be placed: its pairs and what its units need. Couplings are of V, or of E = -sum J m m of p-bits.
struct Wanted {
  int64_t units = 0;
  std::vector<IsingEdge> couplings;  // each pair once, none 0
  std::vector<double> bias;          // [units] or empty
  std::vector<double> curvature;     // [units] 2 J2; empty of p-bits
  std::vector<int64_t> shape;        // of the units as a grid, where they are one; else empty
  Target::Law law = Target::Law::linear;
  double kT = 1;  // at which the machine works; 0 where it has none of its own
  bool ising = false;
};
// Of one coupling set. Throws InputError where a linear system has no potential, or noise that is not the same for all.
Wanted wanted_of(const Computer& machine, const CouplingSet& set);
Wanted wanted_of(const IsingModel& model);
Wanted wanted_of(const LinearSystem& system);

// Where the units of a machine go, and what then does not fit.
struct Placement {
  std::vector<int64_t> place;         // [units]
  std::vector<IsingEdge> unheld;      // couplings between places that the chip does not couple
  std::vector<IsingEdge> wrong_sign;  // couplings that it has not got in this sign
  std::vector<std::string> refusals;  // whatever else does not fit, a sentence each
  int64_t tried = 0;                  // moves of the search for places
  double scale = 1;                   // J of the chip over J of the machine: kT of the chip over kT of the machine

  bool fits() const { return unheld.empty() && wrong_sign.empty() && refusals.empty(); }
};

// Places units so that few couplings are left over: as they are numbered; on a grid by rows and columns where the
// machine is one; on a bipartite chip by its two sides where it has them; and from the best of these by exchanges of
// two places, cooled (S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Science 220, 671 (1983)), `moves` of them at the
// most. One unit is one place: chains of several, minor embedding, are left to the tools for it. The same answer for
// one seed.
Placement place(const Wanted& machine, const Target& target, uint64_t seed = 1, int64_t moves = 2'000'000);

// The machine with the numbers that the chip holds, units in their own order: couplings to the levels of `bits` within
// `largest` (or of their own largest), biases to those of `bias_bits`. The placement must fit.
Computer compiled(const Computer& machine, int set, const Target& target);
IsingModel compiled(const IsingModel& model, const Target& target);
LinearSystem compiled(const LinearSystem& system, const Target& target);

// A sentence or more: what does not fit, with the first pairs, and which tools embed such a machine. Empty where it
// fits.
std::string complaint(const Wanted& machine, const Target& target, const Placement& placement);

}  // namespace swell::hardware
