#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace swell {

// A thermodynamic computer: N units x with the potential energy
//   V(x) = sum_i (J2_i x_i^2 + J3_i x_i^3 + J4_i x_i^4) + sum_i b_i x_i + sum_{i<j} J_ij x_i x_j - sum_i f_i(t) x_i
// in reduced units (energy in E0, time in 1/mu). It is data and never changes while it runs: what changes in time
// (the drive f, which coupling set is in force, kT, clamped units) is the Protocol.

// A named set of consecutive units. Units are numbered group after group, in the order of the design.
struct Group {
  std::string name;
  std::vector<int64_t> shape;  // extents, row-major; at least one, each >= 1
  int64_t first = 0;           // number of the group's first unit
  int64_t size = 0;            // product of the extents
};

// Couplings between two groups as a full matrix.
struct DenseWeights {
  std::vector<double> values;  // [row group size][column group size], row-major, energy E0
};

// Couplings between two groups as compressed rows; absent entries are zero.
struct SparseWeights {
  std::vector<int64_t> row_start;  // [row group size + 1]
  std::vector<int32_t> column;     // [entries], number within the column group, ascending in each row
  std::vector<double> values;      // [entries], energy E0
};

using CouplingWeights = std::variant<DenseWeights, SparseWeights>;

// J_ij for i in one group and j in another (or the same: then symmetric with zero diagonal). Each pair of groups
// stands in one block only; the mirrored block is implied.
struct CouplingBlock {
  int row_group = 0;
  int column_group = 0;
  CouplingWeights weights;
  // Couplings of a chip that are not the same in both directions: J_ij is the force of unit j on unit i. Within one
  // group the weights need not be symmetric then; between two they are those of the columns on the rows, and `back` has
  // those of the rows on the columns, [values of the weights], in their order.
  bool directed = false;
  std::vector<double> back = {};
  // Couplings of a chip that saturate: a unit acts on others by X tanh(x/X) in place of x, X this; 0 for x.
  double saturation = 0;
};

// The program of a computer, theta = (J, b). A protocol puts one set in force at a time, or none.
struct CouplingSet {
  std::string name;
  std::vector<CouplingBlock> blocks;
  std::vector<double> bias;     // [units], energy E0; zero where biased[group] is 0
  std::vector<char> biased;     // [groups], 1 where the design gives the group's units a bias
  std::vector<double> J2 = {};  // [units], x^2 in place of the computer's while the set is in force, E0; or empty
};

// Memory of a chip, and what drifts on it; run() advances it all. Times in 1/mu, 0 for none.
struct ChipMemory {
  double correlation_time = 0;  // tau of the noise: in place of white noise n dt with tau dn = -n dt + white noise
  double delay = 0;             // T of couplings, which read y in place of x: T dy = (x - y) dt
  double flicker_corner = 0;    // f_c, mu: noise of one-sided density S (1 + f_c / f) in place of white S
  int flicker_decades = 0;      // below f_c, down to which it goes on
  double kT_drift = 0;          // relative: kT (1 + drift t / T) at the time t of a run of length T

  bool remembers() const { return correlation_time > 0 || delay > 0 || flicker_corner > 0; }
};

struct Computer {
  std::vector<Group> groups;
  std::vector<double> J2, J3, J4;  // [units], on-site potential, energy E0
  std::vector<double> mobility;    // [units], 1/(energy x time), mu = 1 in reduced units
  std::vector<CouplingSet> sets;
  double kT = 1;                    // thermal energy, E0, unless a protocol says otherwise
  std::vector<double> warmth = {};  // [units] of a chip: factor of kT of each unit's noise; empty for 1
  ChipMemory memory = {};           // of a chip

  int64_t units() const { return static_cast<int64_t>(J2.size()); }
};

// Whether all forces are the gradient of V: no coupling is directed, saturates or lags. Else there is no energy, and so
// neither work nor heat as its difference.
bool has_potential(const Computer& computer);
// Whether couplings of a set read X tanh(x/X) of a unit.
bool saturates(const Computer& computer);
// Throws InputError where there is none; `what` needs one, and starts the message.
void require_potential(const Computer& computer, std::string_view what);

// The coefficient of x^2 of a unit under a set, or under none (null).
inline double quadratic(const Computer& computer, const CouplingSet* set, int64_t unit) {
  return set && !set->J2.empty() ? set->J2[unit] : computer.J2[unit];
}

// The number of the group with this name, or -1.
int find_group(const Computer& computer, std::string_view name);
// The number of the coupling set with this name, or -1.
int find_set(const Computer& computer, std::string_view name);
// The group that holds this unit.
int group_of_unit(const Computer& computer, int64_t unit);

// Number of independent couplings (each pair once) and biases of a set: what a device has to store.
int64_t count_parameters(const Computer& computer, const CouplingSet& set);
int64_t count_parameters(const Computer& computer);  // of all sets

// The full matrix J of a set, [units][units] row-major, symmetric unless couplings are directed: for references, checks
// and learning.
std::vector<double> dense_matrix(const Computer& computer, const CouplingSet& set);
// Writes such a matrix back into the blocks of a set; entries outside the blocks are dropped.
void assign_from_dense(const Computer& computer, std::span<const double> matrix, CouplingSet& set);

// Throws InputError where a size does not fit, a value is not finite, a block within one group is not symmetric or
// has a diagonal, a mobility or kT is not positive, or the potential does not confine a unit. `where` starts the
// message.
void validate(const Computer& computer, std::string_view where);

}  // namespace swell
