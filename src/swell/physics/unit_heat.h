#pragma once

#include "swell/physics/onsite.h"

namespace swell {

// Heat that one unit gives to its own bath in a step from x to y, while the others go with it and the control stands
// still (K. Sekimoto, Stochastic Energetics, Springer 2010, 4.1.2):
//   q_i = -dx_i o dV/dx_i = U_i(x_i) - U_i(y_i) - (y_i - x_i) (b_i - f_i + sum_j J_ij (x_j + y_j) / 2)
// with U_i the on-site energy and o the product of Stratonovich. A coupling's energy is a product of two states, so
// that the mean field makes the split exact: sum_i q_i = V(x) - V(y), to rounding. Of units with baths of their own it
// is no convention: it is the work of the forces of friction and noise on this unit alone.
//   field: sum_j J_ij (x_j + y_j) / 2; force: f_i of the drive.
template <typename T>
T unit_heat(T x, T y, T field, T J2, T J3, T J4, T bias, T force) {
  return onsite_energy(x, J2, J3, J4) - onsite_energy(y, J2, J3, J4) - (y - x) * (bias - force + field);
}

}  // namespace swell
