#include "swell/physics/potential.h"

namespace swell {

namespace {

void add_field(const Computer& computer, const CouplingBlock& block, std::span<const double> x,
               std::vector<double>& field) {
  const Group& rows = computer.groups[block.row_group];
  const Group& columns = computer.groups[block.column_group];
  const bool mirrored = block.row_group != block.column_group;
  const auto add = [&](int64_t r, int64_t c, double J) {
    field[rows.first + r] += J * x[columns.first + c];
    if (mirrored) field[columns.first + c] += J * x[rows.first + r];
  };
  if (const auto* dense = std::get_if<DenseWeights>(&block.weights)) {
    for (int64_t r = 0; r < rows.size; ++r) {
      for (int64_t c = 0; c < columns.size; ++c) add(r, c, dense->values[r * columns.size + c]);
    }
    return;
  }
  const auto& sparse = std::get<SparseWeights>(block.weights);
  for (int64_t r = 0; r < rows.size; ++r) {
    for (int64_t e = sparse.row_start[r]; e < sparse.row_start[r + 1]; ++e) add(r, sparse.column[e], sparse.values[e]);
  }
}

}  // namespace

std::vector<double> coupling_field(const Computer& computer, const CouplingSet* set, std::span<const double> x) {
  std::vector<double> field(computer.units(), 0.0);
  if (!set) return field;
  for (const CouplingBlock& block : set->blocks) add_field(computer, block, x, field);
  return field;
}

double energy(const Computer& computer, const Control& control, std::span<const double> x) {
  const std::vector<double> field = coupling_field(computer, control.set, x);
  double sum = 0;
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double bias = control.set ? control.set->bias[i] : 0.0;
    sum += unit_energy(x[i], field[i], quadratic(computer, control.set, i), computer.J3[i], computer.J4[i], bias);
    if (!control.force.empty()) sum -= control.force[i] * x[i];
  }
  return sum;
}

std::vector<double> gradient(const Computer& computer, const Control& control, std::span<const double> x) {
  std::vector<double> result = coupling_field(computer, control.set, x);
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double bias = control.set ? control.set->bias[i] : 0.0;
    const double force = control.force.empty() ? 0.0 : control.force[i];
    result[i] = unit_gradient(x[i], result[i], quadratic(computer, control.set, i), computer.J3[i], computer.J4[i],
                              bias, force);
  }
  return result;
}

}  // namespace swell
