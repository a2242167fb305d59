#pragma once

#include <vector>

namespace swell {

// The mean response of a unit J2 h^2 + J4 h^4 to a field at kT = 1, in the scales in which training has it.

// The field at which the response is bent, and the variance without one.
struct Bend {
  double variance, field;
  double softness() const { return variance * field * field; }
};
Bend bend_of(double J2, double J4);

// J2 of a unit with this softness, which rises with it.
double stiffness_of(double softness, double J4);

// Of the response scaled to slope 1 at 0, over the field in units of the bend: value, and slope times the spacing, at
// nodes from -kReach to kReach (kernels/stage_rows.h).
constexpr float kReach = 32, kSpacing = 1.0f / 32;
std::vector<float> response_table(double J2, double J4, const Bend& bend);

}  // namespace swell
