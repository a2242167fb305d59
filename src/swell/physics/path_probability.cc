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
    const double mobility = computer.mobility[i];
    loss += path_loss(path_weight(mobility, thermal_energy(computer, i, kT), dt),
                      path_residual(displacement[i], gradient[i], mobility, dt));
  }
  return loss;
}

}  // namespace swell
