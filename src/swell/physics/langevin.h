#pragma once

#include "swell/base/inline.h"

namespace swell {

// Overdamped Langevin dynamics, dx = -mu dV/dx dt + sqrt(2 mu kT) dW, one unit and one step at a time.
//
// Euler-Maruyama:        x' = x - mu dt dV/dx + sqrt(2 mu kT dt) R_k             weak order 1
// Leimkuhler-Matthews:   x' = x - mu dt dV/dx + sqrt(2 mu kT dt) (R_k + R_{k+1})/2
//     weak order 2 for equilibrium averages, exact for the covariance of harmonic V. B. Leimkuhler, C. Matthews,
//     Appl. Math. Res. Express 2013, 34 (the BAOAB limit method).
// R are independent standard normals. In a harmonic mode of stiffness a, Euler-Maruyama's stationary variance is
// (kT/a) 2/(2 - a mu dt); both are stable for mu dt < 2/a.

// The new position without noise, as at kT = 0. mobility_dt = mu dt.
template <class T>
SWELL_INLINE T drift_step(T x, T gradient, T mobility_dt) {
  return x - mobility_dt * gradient;
}

// The new position. amplitude = sqrt(2 mu kT dt); noise = R_k, or (R_k + R_{k+1})/2.
template <class T>
SWELL_INLINE T langevin_step(T x, T gradient, T mobility_dt, T amplitude, T noise) {
  return drift_step(x, gradient, mobility_dt) + amplitude * noise;
}

inline double noise_amplitude(double mobility, double kT, double dt) { return __builtin_sqrt(2 * mobility * kT * dt); }

}  // namespace swell
