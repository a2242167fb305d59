#include "swell/physics/path_probability.h"

#include <fmt/format.h>

#include "swell/base/errors.h"

namespace swell {

namespace {

double thermal_energy(const Computer& computer, int64_t unit, double kT) {
  if (computer.warmth.empty()) return kT;
  if (!(computer.warmth[unit] > 0))
    throw InputError(fmt::format("unit {} of this chip has no noise, and so its paths have no probability", unit));
  return kT * computer.warmth[unit];
}

}  // namespace

void require_white_noise(const Computer& computer) {
  if (computer.memory.remembers())
    throw InputError(
        "a path probability needs steps that do not remember; this chip has a delay, or noise with a correlation time "
        "or 1/f noise");
}

double step_loss(const Computer& computer, std::span<const double> displacement, std::span<const double> gradient,
                 double kT, double dt) {
  require_white_noise(computer);
  double loss = 0;
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double residual = displacement[i] / (computer.mobility[i] * dt) + gradient[i];
    loss += 0.5 * path_weight(computer.mobility[i], thermal_energy(computer, i, kT), dt) * residual * residual;
  }
  return loss;
}

double log_path_ratio(const Computer& computer, std::span<const double> displacement,
                      std::span<const double> forward_gradient, std::span<const double> reverse_gradient, double kT,
                      double dt) {
  require_white_noise(computer);
  double linear = 0, quadratic = 0;  // over the share of kT
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double g0 = forward_gradient[i], g = reverse_gradient[i];
    const double share = thermal_energy(computer, i, 1);
    linear += displacement[i] * (g0 + g) / share;
    quadratic += computer.mobility[i] * (g * g - g0 * g0) / share;
  }
  return -linear / (2 * kT) + dt * quadratic / (4 * kT);
}

}  // namespace swell
