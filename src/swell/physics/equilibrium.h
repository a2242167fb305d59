#pragma once

#include <vector>

namespace swell {

// One unit in equilibrium: the law exp(-beta U) / Z of U(x) = J2 x^2 + J3 x^3 + J4 x^4 - force x.
struct UnitEquilibrium {
  double mean = 0;      // <x>, the activation of the unit as a function of the force
  double variance = 0;  // <x^2> - <x>^2; kT times the slope of the activation (fluctuation-dissipation)
};

// By the trapezoidal rule, which converges faster than any power of the spacing for such a law. Energies in E0. 400
// points give 1e-9 already, for tables of many.
// Throws InputError where kT <= 0 or the potential does not confine.
UnitEquilibrium unit_equilibrium(double J2, double J3, double J4, double force, double kT, int points = 20000);

// The same law as numbers to draw from it: x below which a share p of it lies.
class UnitLaw {
 public:
  // Throws as unit_equilibrium does.
  UnitLaw(double J2, double J3, double J4, double force, double kT);

  // 0 <= p <= 1; by linear interpolation between 2000 points of the distribution function.
  double quantile(double p) const;

 private:
  double low_, step_;
  std::vector<double> below_;  // share of the law below low_ + k step_, from 0 to 1
};

}  // namespace swell
