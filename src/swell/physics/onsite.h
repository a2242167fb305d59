#pragma once

#include "swell/base/inline.h"

// The potential of one unit and its gradient, for the reference engine (double) and for the kernels (float).
namespace swell {

// c2 x + c3 x^2 + c4 x^3: with c2 = 2 J2, c3 = 3 J3, c4 = 4 J4 the derivative of what follows.
template <class T>
SWELL_INLINE T gradient_of_powers(T x, T c2, T c3, T c4) {
  return x * (c2 + x * (c3 + x * c4));
}
// J2 x^2 + J3 x^3 + J4 x^4, and its derivative.
template <class T>
SWELL_INLINE T onsite_energy(T x, T J2, T J3, T J4) {
  return x * x * (J2 + x * (J3 + x * J4));
}
template <class T>
SWELL_INLINE T onsite_gradient(T x, T J2, T J3, T J4) {
  return gradient_of_powers(x, T(2) * J2, T(3) * J3, T(4) * J4);
}
// Its second derivative.
template <class T>
SWELL_INLINE T onsite_curvature(T x, T J2, T J3, T J4) {
  return T(2) * J2 + x * (T(6) * J3 + x * (T(12) * J4));
}

// A unit's share of the energy without the drive, given the coupling field g_i = sum_j J_ij x_j (each pair counts half
// at either end): summed over units it is V + sum_i f_i x_i.
template <class T>
SWELL_INLINE T unit_energy(T x, T field, T J2, T J3, T J4, T bias) {
  return onsite_energy(x, J2, J3, J4) + x * (T(0.5) * field + bias);
}

// dV/dx_i: on-site, bias, couplings, minus the driving force.
template <class T>
SWELL_INLINE T unit_gradient(T x, T field, T J2, T J3, T J4, T bias, T force) {
  return onsite_gradient(x, J2, J3, J4) + (bias + (field - force));
}

}  // namespace swell
