#include "swell/physics/potential.h"

namespace swell {

std::vector<double> coupling_field(const Computer& computer, const CouplingSet* set, std::span<const double> x) {
  std::vector<double> field(computer.units(), 0.0);
  if (!set) return field;
  for (const CouplingBlock& block : set->blocks) {
    const double X = block.saturation;
    visit_block(computer, block,
                [&](int64_t i, int64_t j, double J) { field[i] += J * (X > 0 ? saturated(x[j], X) : x[j]); });
  }
  return field;
}

double energy(const Computer& computer, const Control& control, std::span<const double> x) {
  require_potential(computer, "an energy needs");
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
