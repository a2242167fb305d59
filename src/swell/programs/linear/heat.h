#pragma once

#include <optional>

#include "swell/ledger/statistics.h"
#include "swell/programs/linear/sampler.h"

namespace swell::linear {

// Heat and work of a linear machine, in kT, of one replica from its start at z = 0 to its end. With D = noise / 2 the
// force on z is D^-1 (c - M z) kT: mobilities D / kT in one bath. (Read as units at temperatures of their own, the same
// numbers are the entropy given to the baths over k.)
struct Books {
  Estimate heat;  // given to the bath
  Estimate work;  // done by the part of the force that has no potential; zero where all of it has one
};

class Forces {
 public:
  // Of a machine whose noise leaves no direction out; otherwise the heat in kT has no meaning, and known() is false.
  explicit Forces(const Machine& machine);
  // The potential kT (z stiffness z / 2 - z drive) is known beforehand.
  Forces(Matrix stiffness, std::vector<double> drive);

  bool known() const { return known_; }
  // D^-1 M is symmetric: the force has the potential V = kT (z D^-1 M z / 2 - z D^-1 c), and the machine comes to
  // equilibrium. Switching it on at z = 0, where V = 0, takes no work, and all heat comes from V.
  bool conservative() const { return conservative_; }
  // W = M^T D^-1 M. In the steady state, covariance S, heat flows to the bath at the rate tr(W S) - tr M, in kT per
  // time: <F D^-1 o dz> with F = -M z and c = 0 (U. Seifert, Rep. Prog. Phys. 75, 126001, eq. 2.21).
  const Matrix& dissipation() const { return dissipation_; }

  // From the states in which the replicas ended. Throws std::logic_error where there is no potential.
  Books at_equilibrium(const Average& average) const;
  // From <z W z> in the steady state, for as long as a replica runs; the difference that its relaxation from z = 0
  // makes is left out.
  Books in_steady_state(const Estimate& square, const Average& average) const;

 private:
  bool known_ = true, conservative_ = false;
  Matrix stiffness_;           // D^-1 M
  std::vector<double> drive_;  // D^-1 c
  Matrix dissipation_;         // empty where the force has a potential
  double trace_ = 0;           // of M
};

}  // namespace swell::linear
