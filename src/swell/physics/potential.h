#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "swell/model/computer.h"
#include "swell/physics/onsite.h"

namespace swell {

// What is in force at one time: a coupling set (null: none) and the driving force on each unit.
struct Control {
  const CouplingSet* set = nullptr;
  std::span<const double> force;  // [units], energy E0 per unit of x; empty means none
};

// Calls visit(i, j, J_ij) for each coupling of a block, in both directions: unit j acts on unit i.
template <class Visit>
void visit_block(const Computer& computer, const CouplingBlock& block, const Visit& visit) {
  const Group& rows = computer.groups[block.row_group];
  const Group& columns = computer.groups[block.column_group];
  const bool mirrored = block.row_group != block.column_group;
  const double* back = block.back.empty() ? nullptr : block.back.data();
  const auto both = [&](int64_t r, int64_t c, double J) {
    visit(rows.first + r, columns.first + c, J);
    if (mirrored) visit(columns.first + c, rows.first + r, back ? *back++ : J);
  };
  if (const auto* dense = std::get_if<DenseWeights>(&block.weights)) {
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t c = 0; c < columns.size; ++c) both(r, c, dense->values[r * columns.size + c]);
    }
    return;
  }
  const auto& sparse = std::get<SparseWeights>(block.weights);
  for (int64_t r = 0; r < rows.size; ++r) {
    for (int64_t e = sparse.row_start[r]; e < sparse.row_start[r + 1]; ++e) both(r, sparse.column[e], sparse.values[e]);
  }
}

// The same for all couplings of a set.
template <class Visit>
void visit_couplings(const Computer& computer, const CouplingSet& set, const Visit& visit) {
  for (const CouplingBlock& block : set.blocks) visit_block(computer, block, visit);
}

// How a unit acts on others through couplings that saturate at X.
inline double saturated(double x, double X) { return X * std::tanh(x / X); }

// sum_j J_ij x_j for every unit i; zeros without a set. x and result: [units].
std::vector<double> coupling_field(const Computer& computer, const CouplingSet* set, std::span<const double> x);

// V(x), energy E0. x: [units]. Throws InputError where forces have no potential.
double energy(const Computer& computer, const Control& control, std::span<const double> x);

// dV/dx, or minus the force where that has no potential. x and result: [units], energy E0 per unit of x.
std::vector<double> gradient(const Computer& computer, const Control& control, std::span<const double> x);

}  // namespace swell
