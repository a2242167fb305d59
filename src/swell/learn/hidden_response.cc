#include "swell/learn/hidden_response.h"

#include <cmath>
#include <cstdint>

#include "swell/physics/equilibrium.h"

namespace swell {

namespace {

double response_at(double J2, double J4, double force) { return unit_equilibrium(J2, 0, J4, force, 1, 400).mean; }

}  // namespace

Bend bend_of(double J2, double J4) {
  const double variance = unit_equilibrium(J2, 0, J4, 0, 1, 400).variance;
  double low = 0, high = 1;
  const double wanted = std::tanh(1.0);
  while (response_at(J2, J4, high) / (variance * high) > wanted) high *= 2;
  for (int k = 0; k < 50; ++k) {
    const double middle = 0.5 * (low + high);
    (response_at(J2, J4, middle) / (variance * middle) > wanted ? low : high) = middle;
  }
  return {variance, low};
}

// For other J4 than 1 energies scale as h^4 J4.
double stiffness_of(double softness, double J4) {
  const double scale = std::sqrt(J4);
  double low = -1 * scale, high = 1 * scale;
  while (bend_of(high, J4).softness() < softness) high *= 2;
  for (int k = 0; k < 40; ++k) {
    const double middle = 0.5 * (low + high);
    (bend_of(middle, J4).softness() < softness ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

std::vector<float> response_table(double J2, double J4, const Bend& bend) {
  const auto count = static_cast<int64_t>(2 * kReach / kSpacing) + 1;
  const double scale = std::sqrt(bend.softness() * bend.variance);  // lambda
  std::vector<float> nodes(2 * count);
  for (int64_t k = 0; k <= count / 2; ++k) {
    const double u = static_cast<double>(k) * static_cast<double>(kSpacing);
    const UnitEquilibrium law = unit_equilibrium(J2, 0, J4, u * bend.field, 1, 400);
    const int64_t up = count / 2 + k, down = count / 2 - k;
    nodes[2 * up] = static_cast<float>(law.mean / scale);
    nodes[2 * down] = -nodes[2 * up];
    nodes[2 * up + 1] = nodes[2 * down + 1] =
        static_cast<float>(law.variance * bend.field / scale * static_cast<double>(kSpacing));
  }
  nodes[2 * (count / 2)] = 0;
  return nodes;
}

}  // namespace swell
