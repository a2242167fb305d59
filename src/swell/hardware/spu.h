#pragma once

#include "swell/model/linear_system.h"

namespace swell::hardware {

// The stochastic processing unit of D. Melanson et al., Nat. Commun. 16, 3757 (2025): cells of a resistor, an inductor
// and a noise current source, coupled by capacitors. With node voltages v and inductor currents i,
//   di = L^-1 v dt,   dv = -C^-1 (R^-1 v + i) dt + sqrt(2 kappa0) C^-1 dW,
// C the Maxwell capacitance matrix: C_ii + sum_j C_ij on the diagonal, -C_ij off it. At equilibrium
// cov v = kappa0 R C^-1, cov i = kappa0 R / L, cov(v, i) = 0. The program is C = capacitance_farad A / mean diagonal of
// A. The published component values are not known to us; these are round figures for a board of discrete parts.
struct SpuParts {
  double resistance_ohm = 100;
  double inductance_henry = 1e-6;
  double capacitance_farad = 1e-9;  // of the mean diagonal entry of A
  double noise_A2s = 1e-13;         // kappa0: 0.1 V rms at a node
};

// A programmed circuit in reduced units: voltages in V0 = sqrt(kappa0 R / C0), currents in V0 / R, time in R C0.
struct Spu {
  LinearSystem machine;  // z = (v, i), [2 d]
  double a0 = 1;         // mean diagonal entry of A: <v v^T> in V0^2 is a0 A^-1
  SpuParts parts;
  int64_t negative_couplings = 0;  // C_ij < 0, beyond the published chip: they need a coupling of reversed polarity
  int64_t negative_cells = 0;      // C_ii < 0, likewise

  // The same without the equations: what an answer keeps.
  Spu description() const { return {{}, a0, parts, negative_couplings, negative_cells}; }

  double time_unit_s() const { return parts.resistance_ohm * parts.capacitance_farad; }
  double volt() const;
  double ampere() const { return volt() / parts.resistance_ohm; }
};

// Throws InputError where a part is not positive. Its node equations are solved for dv, as every circuit simulator
// does: that factorisation of C belongs to the simulation, the circuit needs none.
Spu make_spu(const Matrix& a, const SpuParts& parts, int threads);

}  // namespace swell::hardware
