#pragma once

#include <span>
#include <vector>

#include "swell/kernels/matrices.h"
#include "swell/model/linear_system.h"

namespace swell::linear {

// The forces of a linear system, in kT: with D = noise / 2 the force on z is D^-1 (c - M z) kT, mobilities D / kT in
// one bath. (Read as units at temperatures of their own, the same numbers are the entropy given to the baths over k.)
class Forces {
 public:
  // Of a machine whose noise leaves no direction out, or which says its stiffness; otherwise the heat in kT has no
  // meaning, and known() is false. Throws InputError where the stiffness is not that of an equilibrium of the drift and
  // the noise.
  explicit Forces(const LinearSystem& machine);
  // The potential kT (z stiffness z / 2 - z drive) is known beforehand.
  Forces(Matrix stiffness, std::vector<double> drive);

  bool known() const { return known_; }
  // D^-1 M is symmetric: the force has the potential V = kT (z D^-1 M z / 2 - z D^-1 c), and the machine comes to
  // equilibrium. Switching it on at z = 0, where V = 0, takes no work, and all heat comes from V.
  bool conservative() const { return conservative_; }
  // W = M^T D^-1 M. In the steady state, covariance S, heat flows to the bath at the rate tr(W S) - tr M, in kT per
  // time: <F D^-1 o dz> with F = -M z and c = 0 (U. Seifert, Rep. Prog. Phys. 75, 126001, eq. 2.21).
  const Matrix& dissipation() const { return dissipation_; }

  // V(z) in units of kT, z: [m]; pull: of a drive, [m] force, empty for none. Throws std::logic_error where there is
  // no potential.
  double potential(const double* z, std::span<const double> pull = {}) const;
  // D^-1 f in place of f, [m]: the force in kT that moves z at the speed f. Of a machine with a stiffness K M^-1 f,
  // which is the same wherever there is a D^-1.
  void to_force(std::span<double> speed) const;
  double trace() const { return trace_; }  // of M

 private:
  void take_stored_energy(const LinearSystem& machine);

  bool known_ = true, conservative_ = false;
  Matrix stiffness_;           // D^-1 M, or K
  Matrix noise_;               // 2 D
  Matrix to_force_;            // D^-1, or K M^-1; empty where D is diagonal
  std::vector<double> drive_;  // D^-1 c
  Matrix dissipation_;         // empty where the force has a potential
  double trace_ = 0;
};

}  // namespace swell::linear
