#include "swell/hardware/spu.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/linear/transition.h"
#include "swell/kernels/matrices.h"
#include "swell/programs/linear/reference.h"

namespace swell::hardware {
namespace {

using namespace linear;

Matrix example() {
  Matrix a(3, 3);
  a.values = {3, -0.5, -0.2, -0.5, 2, 0.4, -0.2, 0.4, 1};
  return a;
}

// cov v = kappa0 R C^-1, cov i = kappa0 R / L, cov(v, i) = 0, in volts and amperes, from the circuit's own equations.
TEST(spu, covariances_are_those_of_the_published_law) {
  for (const double inductance : {1e-7, 1e-6, 1e-4}) {  // from overdamped to ringing
    SpuParts parts;
    parts.inductance_henry = inductance;
    const Matrix a = example();
    const Spu spu = make_spu(a, parts, 1);
    const Matrix S = lyapunov_by_schur(spu.machine.drift, spu.machine.noise).value;
    Matrix C = a;
    for (double& value : C.values) value *= parts.capacitance_farad / 2;  // the mean diagonal entry of a is 2
    const Matrix inverse = inverse_by_cholesky(C).value;
    const double kR = parts.noise_A2s * parts.resistance_ohm, V2 = spu.volt() * spu.volt();
    for (int64_t i = 0; i < 3; ++i) {
      for (int64_t j = 0; j < 3; ++j) {
        EXPECT_NEAR(S(i, j) * V2, kR * inverse(i, j), 1e-12 * kR * inverse(0, 0) * 10);
        EXPECT_NEAR(S(3 + i, 3 + j) * spu.ampere() * spu.ampere(), i == j ? kR / inductance : 0,
                    1e-10 * kR / inductance);
        EXPECT_NEAR(S(i, 3 + j), 0, 1e-10 * std::sqrt(S(3 + j, 3 + j)));
      }
    }
  }
}

TEST(spu, one_cell_rings_at_its_frequency_and_decays_at_its_rate) {
  Matrix a(1, 1);
  a(0, 0) = 1;
  SpuParts parts;  // L C = 1e-15 s^2, 1 / (2 R C) = 5e6 / s: it rings at sqrt(1e15 - 2.5e13) rad/s
  const Spu spu = make_spu(a, parts, 1);
  const double t = 0.8, decay = 5e6 * t * spu.time_unit_s();
  const double phase = std::sqrt(1e15 - 2.5e13) * t * spu.time_unit_s();
  const Transition step = make_transition(spu.machine, Integrator::exact, t, 1);
  // The trace of e^{-M t} is the sum of both modes.
  EXPECT_NEAR(step.F_transposed(0, 0) + step.F_transposed(1, 1), 2 * std::exp(-decay) * std::cos(phase), 1e-12);
}

TEST(spu, couplings_beyond_the_published_chip_are_counted) {
  const Spu spu = make_spu(example(), {}, 1);
  EXPECT_EQ(spu.negative_couplings, 1);
  EXPECT_EQ(spu.negative_cells, 0);
  EXPECT_NEAR(spu.volt(), 0.1, 1e-15);
}

TEST(spu, parts_must_be_positive) {
  SpuParts parts;
  parts.resistance_ohm = 0;
  EXPECT_THROW(make_spu(example(), parts, 1), InputError);
  parts.resistance_ohm = std::nan("");
  EXPECT_THROW(make_spu(example(), parts, 1), InputError);
}

}  // namespace
}  // namespace swell::hardware
