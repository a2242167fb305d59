#pragma once

#include <span>

#include "swell/model/computer.h"

namespace swell {

// Probability of one Euler-Maruyama step, up to the same constant for both directions (Onsager-Machlup in discrete
// time; S. Whitelam, Phys. Rev. Lett. 136, 037101 (2026)):
//   forward  -ln P(x -> x')  = sum_i ( (x'_i - x_i) + mu_i dt dV0/dx_i(x) )^2 / (4 mu_i kT dt)
//   reverse  -ln P~(x' -> x) = sum_i (-(x'_i - x_i) + mu_i dt dV/dx_i(x') )^2 / (4 mu_i kT dt)
// The floor of the reverse loss for a perfectly matched process is units/2 per step.

// Both are sums of w_i r_i^2 / 2 with w_i = mu_i dt / (2 kT) and r_i = +-dx_i/(mu_i dt) + gradient, the force that the
// noise had to supply.
inline double path_weight(double mobility, double kT, double dt) { return mobility * dt / (2 * kT); }
inline double path_residual(double displacement, double gradient, double mobility, double dt) {
  return displacement / (mobility * dt) + gradient;
}
inline double path_loss(double weight, double residual) { return 0.5 * weight * residual * residual; }

// Throws InputError where the noise is not white, or the force is not one of the state alone: what a step does then
// follows from the steps before it too, and none of this holds.
void require_white_noise(const Computer& computer);

// -ln P of the displacement under the gradient at the place it starts from; sizes [units]. A unit of a chip has its own
// share of kT. Throws InputError as require_white_noise(), and where a unit has no noise.
double step_loss(const Computer& computer, std::span<const double> displacement, std::span<const double> gradient,
                 double kT, double dt);

}  // namespace swell
