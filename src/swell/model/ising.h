#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace swell {

// A network of p-bits m_i = +1 or -1, the discrete counterpart of a Computer, with the energy
//   E(m) = -sum_{i<j} J_ij m_i m_j - sum_i h_i m_i
// (a minus where the potential of a Computer has a plus; programs/ising/langevin.h turns one into the other).
//
// On a chip J_ij and J_ji may differ: J_ij is then what m_j adds to the field of unit i, and there is no E.

struct IsingEdge {
  int64_t a = 0, b = 0;  // two different units
  double J = 0;
};

struct IsingModel {
  int64_t units = 0;
  // Compressed rows of J, both directions stored; symmetric unless `directed`.
  std::vector<int64_t> row_start;  // [units + 1]
  std::vector<int32_t> neighbour;  // [entries], ascending in each row
  std::vector<double> J;           // [entries]
  std::vector<double> h;           // [units]
  // A square lattice on a torus with one coupling between neighbours and one field, else 0 rows: unit r * columns + c.
  int64_t rows = 0, columns = 0;
  bool directed = false;  // J_ij is not J_ji

  int64_t degree(int64_t unit) const { return row_start[unit + 1] - row_start[unit]; }
  int64_t edges() const { return static_cast<int64_t>(neighbour.size()) / 2; }
};

// Couplings in any order; several of one pair add up. `h` may be empty for no fields. Throws InputError where a unit is
// out of range or coupled to itself, or a number is not finite.
IsingModel make_ising(int64_t units, std::span<const IsingEdge> edges, std::vector<double> h = {});

// A torus of rows x columns p-bits with coupling J to the four neighbours; each extent at least 3.
IsingModel square_lattice(int64_t rows, int64_t columns, double J, double h = 0);

// Throws InputError where couplings are directed; `what` needs an energy, and starts the message.
void require_reciprocal(const IsingModel& model, std::string_view what);

// Throws InputError where couplings are directed.
double ising_energy(const IsingModel& model, std::span<const int8_t> spins);

// I_i = h_i + sum_j J_ij m_j.
double local_field(const IsingModel& model, std::span<const int8_t> spins, int64_t unit);

// sum_j |J_ij| + |h_i|: the largest |I_i|.
double largest_field(const IsingModel& model, int64_t unit);

// Whether all couplings and fields are whole numbers.
bool has_whole_numbers(const IsingModel& model);

// Whether every sum of couplings, fields and `constant` is exact in double precision: all are whole multiples of one
// power of two, and together they stay below 2^53 of it. Energies of such a model can be compared to the last bit.
bool has_exact_sums(const IsingModel& model, double constant = 0);

}  // namespace swell
