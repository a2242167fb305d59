#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "swell/model/matrix.h"

namespace swell {

// A linear stochastic system: m fluctuating quantities z (voltages, currents, positions and momenta) with
//   dz = -(M z - c) dt + B dW,   B B^T = noise,
// in reduced units, M any matrix: non-reciprocal and underdamped networks too. Where all modes decay,
// z ~ N(M^-1 c, S) at equilibrium with M S + S M^T = noise (C. Gardiner, Handbook of Stochastic Methods, 4.4.6), and
// <z(t + s) z(t)^T> = e^{-M s} S about the mean.
struct LinearSystem {
  Matrix drift;           // M, [m][m]
  std::vector<double> c;  // [m]
  Matrix noise;           // B B^T at kT = 1 of a protocol, which scales it: [m][m], symmetric, positive semidefinite
  // K of the stored energy V = z K z / 2 - z K M^-1 c, in E0, [m][m]: what heat is counted by where noise leaves
  // directions out (inductors, momenta), so that mobilities do not say it. At one temperature K^-1 is the covariance:
  // K M + M^T K = K noise K. Empty where nothing needs to be said: V follows from noise / 2 wherever D^-1 M is
  // symmetric.
  Matrix stiffness = {};
  int64_t size() const { return drift.rows; }
};

// Throws InputError where a size does not fit, a number is not finite, or the noise or the stiffness is not symmetric.
// `where` starts the message.
void validate(const LinearSystem& system, std::string_view where);

}  // namespace swell
