#pragma once

#include <cmath>

namespace swell {

// Whether a move that costs dE is taken at kT, min(1, exp(-dE / kT)) (Metropolis et al., J. Chem. Phys. 21, 1087
// (1953)). `uniform` draws a number in [0, 1), and only where chance decides. For flips of single p-bits see glauber.h.
template <class Uniform>
bool metropolis_takes(double cost, double kT, const Uniform& uniform) {
  return cost <= 0 || (kT > 0 && uniform() < std::exp(-cost / kT));
}

}  // namespace swell
