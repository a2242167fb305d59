// What bf16 couplings do to forces, and that they do the same everywhere.

#include <gtest/gtest.h>

#include <cstring>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/engine/cpu/dispatch.h"

namespace swell::test {

namespace {

// States and books of a run with everything in it, bf16.
swell::Run everything(const Scene& scene, std::string_view isa, int tile, int threads = 2) {
  RunOptions options = scene.with(EngineKind::cpu, Integrator::leimkuhler_matthews);
  options.precision = Precision::bf16;
  options.isa = isa;
  options.tile = tile;
  options.threads = threads;
  options.trajectories = 37;
  return run(scene.computer, scene.protocol, options);
}

}  // namespace

// One step without noise from a given start: x' = x - mu dt dV/dx, so that forces are read off the states. bf16 has 8
// bits of mantissa, one of them implied: J and x are each off by at most 2^-8 of their size, their product by 2^-7 and
// a little; f32 states of order one add 1e-7.
TEST(bf16, forces_are_off_by_the_rounding_of_couplings_and_states) {
  Scene scene({90, 60});
  const int64_t n = 150;
  std::vector<double> start;
  for (int64_t k = 0; k < 20 * n; ++k) start.push_back(fixed_normal(110, k));
  Segment still = hold(scene.computer, 5e-3, 1);
  still.kT = {{{0.0, 0.0}}};
  RunOptions options = run_options(5e-3, 20, 111);
  options.start = start;
  const auto exact = run(scene.computer, {"step", {still}}, options);
  options.precision = Precision::bf16;
  const auto rounded = run(scene.computer, {"step", {still}}, options);
  const auto J = dense_matrix(scene.computer, scene.computer.sets[1]);
  double squares = 0, expected = 0;
  for (int64_t t = 0; t < 20; ++t) {
    for (int64_t i = 0; i < n; ++i) {
      double bound = 0;
      for (int64_t j = 0; j < n; ++j) {
        const double term = J[i * n + j] * start[t * n + j];
        bound += std::abs(term);
        expected += term * term;
      }
      const double scale = scene.computer.mobility[i] * 5e-3;
      const double error = (rounded.state(t)[i] - exact.state(t)[i]) / scale;
      EXPECT_LE(std::abs(error), bound * 0x1p-7 * 1.01 + 4e-7 / scale);
      squares += error * error;
    }
  }
  // Rounding errors are uniform within half a unit: relative variance (2^-7)^2/12 times the mean of 1/m^2 over
  // mantissas m in [1, 2), 0.5 to 0.72 by their law, once for J and once for x. With only one of them rounded it is
  // half of that.
  const double relative = std::sqrt(squares / expected);
  EXPECT_GT(relative, 0x1p-7 * std::sqrt(2 * 0.45 / 12));
  EXPECT_LT(relative, 0x1p-7 * std::sqrt(2 * 0.80 / 12));
}

TEST(bf16, gives_the_same_bytes_on_every_instruction_set_layout_and_thread_count) {
  const Scene scene({21, 34, 70});  // groups that begin at odd units
  const auto plain = everything(scene, "portable", 16, 1);
  for (const std::string_view isa : cpu::available_isas()) {
    for (const int tile : {1, 7, 16, 64}) {
      const auto other = everything(scene, isa, tile);
      EXPECT_EQ(0, std::memcmp(plain.states.data(), other.states.data(), plain.states.size() * sizeof(double)))
          << isa << tile;
      EXPECT_EQ(0, std::memcmp(plain.books.data(), other.books.data(), plain.books.size() * sizeof(SegmentBooks)))
          << isa << tile;
    }
  }
}

// Energies are functions of the state in bf16 as well, so the first law closes as in f32: to double rounding of sums
// over 240 steps.
TEST(bf16, keeps_the_first_law) {
  const Scene scene({21, 34, 70});
  const auto result = everything(scene, {}, 0);
  for (int64_t t = 0; t < result.trajectories; ++t) {
    double balance = result.end_energy[t] - result.start_energy[t];
    for (int64_t s = 0; s < result.segments; ++s) balance -= result.book(t, s).work - result.book(t, s).heat;
    EXPECT_NEAR(balance, 0, 1e-9);
  }
}

TEST(bf16, is_refused_by_the_reference_engine) {
  const Scene scene({3});
  RunOptions options = scene.with(EngineKind::reference);
  options.precision = Precision::bf16;
  EXPECT_THROW(run(scene.computer, scene.protocol, options), InputError);
}

}  // namespace swell::test
