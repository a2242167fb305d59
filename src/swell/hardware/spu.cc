#include "swell/hardware/spu.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/kernels/matrices.h"

namespace swell::hardware {

double Spu::volt() const { return std::sqrt(parts.noise_A2s * parts.resistance_ohm / parts.capacitance_farad); }

Spu make_spu(const Matrix& a, const SpuParts& parts, int threads) {
  const auto require_positive = [](double value, const char* what) {
    if (!(value > 0) || !std::isfinite(value))
      throw InputError(
          fmt::format("the {} of the stochastic processing unit is {:g}, allowed are positive numbers", what, value));
  };
  require_positive(parts.resistance_ohm, "resistance");
  require_positive(parts.inductance_henry, "inductance");
  require_positive(parts.capacitance_farad, "capacitance");
  require_positive(parts.noise_A2s, "noise");
  const int64_t d = a.rows;
  Spu spu;
  spu.parts = parts;
  spu.a0 = trace(a) / static_cast<double>(d);
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Rows C = Eigen::Map<const Rows>(a.values.data(), d, d) / spu.a0;
  Matrix response(d, d);  // C^-1: what the voltages do when currents flow into the nodes
  Eigen::Map<Rows>(response.values.data(), d, d) = C.llt().solve(Rows::Identity(d, d));
  for (int64_t i = 0; i < d; ++i) {
    double cell = 0;
    for (int64_t j = 0; j < d; ++j) {
      cell += a(i, j);
      if (j > i && a(i, j) > 0) ++spu.negative_couplings;
    }
    if (cell < -1e-12 * spu.a0) ++spu.negative_cells;
  }
  // With time in R C0: dv = -C^-1 (v + i) dt + sqrt(2) C^-1 dW, di = (R^2 C0 / L) v dt.
  const double swing = parts.resistance_ohm * parts.resistance_ohm * parts.capacitance_farad / parts.inductance_henry;
  spu.machine.drift = Matrix(2 * d, 2 * d);
  spu.machine.noise = Matrix(2 * d, 2 * d);
  spu.machine.stiffness = Matrix(2 * d, 2 * d);
  spu.machine.c.assign(2 * d, 0.0);
  const Matrix spread = product(response, response, threads);
  for (int64_t i = 0; i < d; ++i) {
    spu.machine.stiffness(d + i, d + i) = 1 / swing;
    for (int64_t j = 0; j < d; ++j) {
      spu.machine.stiffness(i, j) = a(i, j) / spu.a0;
      spu.machine.drift(i, j) = spu.machine.drift(i, d + j) = response(i, j);
      spu.machine.noise(i, j) = spread(i, j) + spread(j, i);
    }
    spu.machine.drift(d + i, i) = -swing;
  }
  return spu;
}

}  // namespace swell::hardware
