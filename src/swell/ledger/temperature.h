#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/ledger/statistics.h"
#include "swell/model/ising.h"
#include "swell/model/linear_system.h"
#include "swell/physics/potential.h"

namespace swell {

// The temperature that a machine has, by what its units do, to be held against the one that was set.

// Sums over the units of one state.
struct Equipartition {
  double virial = 0;      // mean over free units of x dV/dx, E0
  double step_share = 0;  // mean over them of (mu dt / 2) (dV/dx)^2, E0
};

// Langevin units: <x_i dV/dx_i> = kT for each unit at equilibrium, any V that confines (R. Tolman, The Principles of
// Statistical Mechanics (1938), section 33; by parts from exp(-V / kT)). In discrete steps of Euler-Maruyama
// stationarity of <x_i^2> says, exactly and for any V,
//   <x_i dV/dx_i> = kT + (mu_i dt / 2) <(dV/dx_i)^2>,
// which is the O(dt) by which that scheme is too warm: kT a mu dt / (2 - a mu dt) in a harmonic mode of stiffness a.
// Leimkuhler-Matthews is exact there, and off by O(dt^2) elsewhere. free: [units] 1 where a unit moves. gradient: of V.
Equipartition equipartition(const Computer& computer, std::span<const double> x, std::span<const double> gradient,
                            std::span<const char> free, double dt);

// The same of a linear system dz = -(M z - c) dt + B dW: in any steady state, with any noise, <z z^T> stands still, so
//   2 <(z - <z>) . M (z - <z>)> = trace(B B^T) + h <|M (z - <z>)|^2>,
// h the step of Euler-Maruyama, 0 for the other schemes where they are exact. states: [replicas][m], one system for
// all; means are those over the replicas. Without the term of h, the left side over trace(B B^T), which is that of kT =
// 1: the temperature achieved.
Estimate linear_temperature(const LinearSystem& system, std::span<const double> states, double euler_step);

// p-bits: given its local field h_i = sum_j J_ij m_j + h, a unit at equilibrium has <m_i> = tanh(h_i / kT), by Gibbs'
// and by Metropolis' rule (R. Glauber, J. Math. Phys. 4, 294 (1963), eq. 44). The kT that solves
//   sum_i <m_i h_i - h_i tanh(h_i / kT)> = 0
// is that of J. Besag's pseudo-likelihood (The Statistician 24, 179 (1975)); its error is that of the linearised
// equation over the replicas, by the delta method. spins: [replicas][units], units in fields all of the model.
// Without a value where no kT > 0 solves it: all units lie along their fields (frozen), or against them on average.
Estimate pbit_temperature(const IsingModel& model, std::span<const int8_t> spins);
// From pairs of spin and field, [replicas][units] each.
Estimate pbit_temperature(std::span<const int8_t> spins, std::span<const double> fields, int64_t replicas);

}  // namespace swell
