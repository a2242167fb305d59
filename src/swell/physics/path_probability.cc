#include "swell/physics/path_probability.h"

namespace swell {

double step_loss(const Computer& computer, std::span<const double> displacement, std::span<const double> gradient,
                 double kT, double dt) {
  double loss = 0;
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double residual = displacement[i] / (computer.mobility[i] * dt) + gradient[i];
    loss += 0.5 * path_weight(computer.mobility[i], kT, dt) * residual * residual;
  }
  return loss;
}

double log_path_ratio(const Computer& computer, std::span<const double> displacement,
                      std::span<const double> forward_gradient, std::span<const double> reverse_gradient, double kT,
                      double dt) {
  double linear = 0, quadratic = 0;
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double g0 = forward_gradient[i], g = reverse_gradient[i];
    linear += displacement[i] * (g0 + g);
    quadratic += computer.mobility[i] * (g * g - g0 * g0);
  }
  return -linear / (2 * kT) + dt * quadratic / (4 * kT);
}

}  // namespace swell
