#pragma once

#include <cmath>

namespace swell {

// The probability that a move which costs dE is taken at kT, min(1, exp(-dE / kT)) (Metropolis et al., J. Chem. Phys.
// 21, 1087 (1953)). For flips of single p-bits see glauber.h.
inline double metropolis_probability(double cost, double kT) {
  if (cost <= 0) return 1;
  return kT > 0 ? std::exp(-cost / kT) : 0;
}

// Whether it is taken. `uniform` draws a number in [0, 1), and only where chance decides.
template <class Uniform>
bool metropolis_takes(double cost, double kT, const Uniform& uniform) {
  return cost <= 0 || (kT > 0 && uniform() < metropolis_probability(cost, kT));
}

}  // namespace swell
