#pragma once

#include <span>
#include <vector>

#include "swell/model/computer.h"
#include "swell/physics/onsite.h"

namespace swell {

// What is in force at one time: a coupling set (null: none) and the driving force on each unit.
struct Control {
  const CouplingSet* set = nullptr;
  std::span<const double> force;  // [units], energy E0 per unit of x; empty means none
};

// sum_j J_ij x_j for every unit i; zeros without a set. x and result: [units].
std::vector<double> coupling_field(const Computer& computer, const CouplingSet* set, std::span<const double> x);

// V(x), energy E0. x: [units].
double energy(const Computer& computer, const Control& control, std::span<const double> x);

// dV/dx. x and result: [units], energy E0 per unit of x.
std::vector<double> gradient(const Computer& computer, const Control& control, std::span<const double> x);

}  // namespace swell
