#include "swell/physics/path_probability.h"

namespace swell {

double step_loss(const Computer& computer, std::span<const double> displacement, std::span<const double> gradient,
                 double kT, double dt) {
  double loss = 0;
  for (int64_t i = 0; i < computer.units(); ++i) {
    const double mobility = computer.mobility[i];
    loss += path_loss(path_weight(mobility, kT, dt), path_residual(displacement[i], gradient[i], mobility, dt));
  }
  return loss;
}

}  // namespace swell
