#pragma once

#include "swell/model/linear_system.h"

namespace swell::linear {

// S with M S + S M^T = noise, the covariance in which a linear system settles at kT = 1 (C. Gardiner, Handbook of
// Stochastic Methods, 4.4.6), by the complex Schur form of M (lyapunov.h). Quantities are scaled by powers of two
// first, so that units of any size are held. Throws InputError where a mode does not decay.
Matrix stationary_covariance(const LinearSystem& system);

// How far a linear system is from detailed balance: kT times the entropy that it gives to the baths for each unit of
// time in the steady state, k per time: tr(M^T D^-1 M S) - tr M, D = noise / 2. All of it is housekeeping (T. Hatano,
// S. Sasa, Phys. Rev. Lett. 86, 3463 (2001)): it flows without any change of the control, and is 0 with reciprocal
// couplings and one temperature. Throws InputError where noise leaves a direction out, for then it has no meaning.
double entropy_production_rate(const LinearSystem& system, const Matrix& covariance);

// The irreversible circulation: M S - noise / 2, antisymmetric in the steady state; entry (i, j) is half the rate at
// which area is swept in the plane of z_i and z_j (K. Tomita, H. Tomita, Prog. Theor. Phys. 51, 1731 (1974)).
Matrix circulation(const LinearSystem& system, const Matrix& covariance);

}  // namespace swell::linear
