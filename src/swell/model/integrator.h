#pragma once

#include <string_view>

namespace swell {

// How one step of Langevin units, or of a linear system, is taken. The formulas stand in physics/langevin.h and
// engine/linear/transition.h.
enum class Integrator {
  euler_maruyama,
  leimkuhler_matthews,  // the same with averaged noise: exact at equilibrium of harmonic potentials
  exact,                // of linear systems: the transition of the Ornstein-Uhlenbeck process, right at any step
};

// "euler-maruyama", "leimkuhler-matthews", "exact".
std::string_view name_of(Integrator integrator);

}  // namespace swell
