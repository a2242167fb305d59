// What couplings in bf16 and in bf16x3 do to forces, and that they do the same everywhere.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

#include "conformance/scenes.h"
#include "swell/base/errors.h"
#include "swell/kernels/dispatch.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"

namespace swell::test {

namespace {

constexpr Precision kHalves[] = {Precision::bf16x3, Precision::bf16};
constexpr const char* kTiles = "amx-emulated";

// States and books of a run with everything in it.
swell::Run everything(const Scene& scene, Precision precision, std::string_view isa, int tile, int threads = 2,
                      int64_t trajectories = 37) {
  RunOptions options = scene.with(EngineKind::cpu, Integrator::leimkuhler_matthews);
  options.precision = precision;
  options.isa = isa;
  options.tile = tile;
  options.threads = threads;
  options.trajectories = trajectories;
  return run(scene.computer, scene.protocol, options);
}

void expect_same_bytes(const swell::Run& one, const swell::Run& other, const std::string& what) {
  EXPECT_EQ(0, std::memcmp(one.states.data(), other.states.data(), one.states.size() * sizeof(double))) << what;
  EXPECT_EQ(0, std::memcmp(one.books.data(), other.books.data(), one.books.size() * sizeof(SegmentBooks))) << what;
}

// One step without noise from a given start: x' = x - mu dt dV/dx, so that forces are read off the states.
struct StillStep {
  static constexpr double kDt = 1;  // a long one, so that the rounding of the new state is small beside the force
  Computer computer;
  int64_t trajectories;
  std::vector<double> start;
  Protocol protocol;

  StillStep(const std::vector<int64_t>& sizes, int64_t trajectories_) : trajectories(trajectories_) {
    computer = Scene(sizes).computer;
    for (int64_t k = 0; k < trajectories * computer.units(); ++k)
      start.push_back(static_cast<double>(static_cast<float>(0.3 * fixed_normal(110, k))));
    Segment still = hold(computer, kDt, 1);
    still.kT = {{{0.0, 0.0}}};
    protocol = {"step", {still}};
  }
  swell::Run with(Precision precision, std::string_view isa = {}) const {
    RunOptions options = run_options(kDt, trajectories, 111);
    options.start = start;
    options.precision = precision;
    options.isa = isa;
    return run(computer, protocol, options);
  }
  std::vector<double> couplings() const { return dense_matrix(computer, computer.sets[1]); }
};

// How far the products of a precision put forces off: rms over the rms size of the terms' sum, checked term by term
// against `bound` times their sizes; the exact field is summed in double from f32 couplings and states.
double relative_error(const StillStep& step, Precision precision, std::string_view isa, double bound) {
  const auto rounded = step.with(precision, isa);
  const auto J = step.couplings();
  const int64_t n = step.computer.units();
  const CouplingSet& set = step.computer.sets[1];
  double squares = 0, expected = 0;
  for (int64_t t = 0; t < step.trajectories; ++t) {
    for (int64_t i = 0; i < n; ++i) {
      double field = 0, sizes = 0;
      for (int64_t j = 0; j < n; ++j) {
        const double term = static_cast<double>(static_cast<float>(J[i * n + j])) * step.start[t * n + j];
        field += term;
        sizes += std::abs(term);
        expected += term * term;
      }
      const double x = step.start[t * n + i], scale = step.computer.mobility[i] * StillStep::kDt;
      const double gradient =
          unit_gradient(x, field, step.computer.J2[i], step.computer.J3[i], step.computer.J4[i], set.bias[i], 0.0);
      const double error = (rounded.state(t)[i] - langevin_step(x, gradient, scale, 0.0, 0.0)) / scale;
      // The force and the state, of order ten or less, are rounded to f32.
      EXPECT_LE(std::abs(error), sizes * bound + 2e-6 / scale);
      squares += error * error;
    }
  }
  return std::sqrt(squares / expected);
}

// ---- The stated order of sums, in plain loops

float high_part(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  if (std::abs(value) < 0x1p-48f) return 0.0f;
  bits += 0x7fffu + ((bits >> 16) & 1u);
  return std::bit_cast<float>(bits & 0xffff0000u);
}
float low_part(float value) { return high_part(value - high_part(value)); }

// One product after the other: of each pair of units (2k, 2k + 1) the odd one first; with bf16x3 Jh xl, Jh xh, Jl xh.
float one_by_one(Precision precision, const float* J, const float* x, int64_t n) {
  float sum = 0;
  const auto add = [&](int64_t pair, auto part_J, auto part_x) {
    if (2 * pair + 1 < n) sum = std::fma(part_J(J[2 * pair + 1]), part_x(x[2 * pair + 1]), sum);
    sum = std::fma(part_J(J[2 * pair]), part_x(x[2 * pair]), sum);
  };
  for (int64_t pair = 0; 2 * pair < n; ++pair) {
    if (precision == Precision::bf16x3) add(pair, high_part, low_part);
    add(pair, high_part, high_part);
    if (precision == Precision::bf16x3) add(pair, low_part, high_part);
  }
  return sum;
}

// Blocks of 32 units from 0 on, even and odd ones apart from zero; with bf16x3 three such blocks of products.
float in_blocks(Precision precision, const float* J, const float* x, int64_t n) {
  float sum = 0;
  const auto add = [&](int64_t first, auto part_J, auto part_x) {
    float even = 0, odd = 0;
    for (int64_t j = first; j < std::min(first + 32, n); ++j) {
      float& one = j % 2 == 0 ? even : odd;
      one = std::fma(part_J(J[j]), part_x(x[j]), one);
    }
    sum += even + odd;
  };
  for (int64_t first = 0; first < n; first += 32) {
    if (precision == Precision::bf16x3) add(first, high_part, low_part);
    add(first, high_part, high_part);
    if (precision == Precision::bf16x3) add(first, low_part, high_part);
  }
  return sum;
}

template <class Sum>
void expect_order(const StillStep& step, Precision precision, std::string_view isa, Sum sum) {
  const auto result = step.with(precision, isa);
  const int64_t n = step.computer.units();
  const auto couplings = step.couplings();
  const std::vector<float> J(couplings.begin(), couplings.end()), start(step.start.begin(), step.start.end());
  const Computer& c = step.computer;
  for (int64_t t = 0; t < step.trajectories; ++t) {
    for (int64_t i = 0; i < n; ++i) {
      const auto single = [](double value) { return static_cast<float>(value); };
      const float x = start[t * n + i], field = sum(precision, J.data() + i * n, start.data() + t * n, n);
      const float gradient =
          unit_gradient(x, field, single(c.J2[i]), single(c.J3[i]), single(c.J4[i]), single(c.sets[1].bias[i]), 0.0f);
      const float next = langevin_step(x, gradient, single(c.mobility[i] * StillStep::kDt), 0.0f, 0.0f);
      ASSERT_EQ(single(result.state(t)[i]), next) << name_of(precision) << " " << isa << " " << t << " " << i;
    }
  }
}

}  // namespace

// bf16 has 8 bits of mantissa, one of them implied: J and x are each off by at most 2^-8 of their size, their product
// by 2^-7 and a little. bf16x3 leaves out Jl xl and what the low parts have no room for: 3 x 2^-16 and a little. In f32
// only the sum is rounded, up to 1296 times by 2^-24 of what it is then.
//
// The rms figures at 1296 units: rounding errors are uniform within half a
// unit: relative variance r^2 = (2^-7)^2/12 times the mean of 1/m^2 over mantissas m in [1, 2), 0.5 to 0.72 by their
// law, once for J and once for x. So bf16 has r sqrt(2), 1.8e-3 to 2.7e-3. bf16x3 has r^2 sqrt(3), from Jl xl and the
// rounding of Jl and xl, some less as a rest is uniform and not of one size: 3.5e-6 to 7e-6. An f32 sum comes to 7e-7.
TEST(precision, forces_are_off_by_the_rounding_of_couplings_and_states) {
  const StillStep step({90, 785, 421}, 3);
  const auto expect = [&](Precision precision, std::string_view isa, double bound, double least, double most) {
    const double error = relative_error(step, precision, isa, bound);
    EXPECT_GT(error, least) << name_of(precision) << isa;
    EXPECT_LT(error, most) << name_of(precision) << isa;
  };
  expect(Precision::f32, {}, 1296 * 0x1p-24, 1e-9, 1e-6);
  for (const std::string_view isa : {"", kTiles}) {
    expect(Precision::bf16, isa, 0x1p-7 * 1.01, 0x1p-7 * std::sqrt(2 * 0.45 / 12), 0x1p-7 * std::sqrt(2 * 0.80 / 12));
    expect(Precision::bf16x3, isa, 3 * 0x1p-16 * 1.01, 3.5e-6, 7e-6);
  }
}

TEST(precision, sums_keep_the_stated_order) {
  // The best there is, but for tile units, whose order is the other one.
  std::string_view without_tiles;
  for (const std::string_view isa : cpu::available_isas()) {
    if (without_tiles.empty() && !cpu::has_tiles(cpu::find_isa(isa))) without_tiles = isa;
  }
  // One group, so that blocks begin at unit 0; 150 units end within a pair of blocks, 551 within a pair of units and
  // beyond the columns that a tile unit takes at once.
  for (const int64_t units : {150, 551}) {
    const StillStep step({units}, 17);
    for (const Precision precision : kHalves) {
      expect_order(step, precision, without_tiles, one_by_one);
      expect_order(step, precision, kTiles, in_blocks);
      // The default, on a processor with tile units.
      if (cpu::has_tiles(cpu::find_isa())) expect_order(step, precision, {}, in_blocks);
    }
  }
}

TEST(precision, bf16_gives_the_same_bytes_on_every_instruction_set_layout_and_thread_count) {
  const Scene scene({21, 34, 70});  // groups that begin at odd units
  for (const Precision precision : kHalves) {
    const auto plain = everything(scene, precision, "portable", 16, 1);
    for (const std::string_view isa : cpu::available_isas()) {
      if (cpu::has_tiles(cpu::find_isa(isa))) continue;
      for (const int tile : {1, 7, 16, 64})
        expect_same_bytes(plain, everything(scene, precision, isa, tile), std::string(isa) + std::to_string(tile));
    }
  }
}

// The unit of AMX has an order of its own, the same in plain code and, where the processor has it, in instructions. Of
// the other order it differs by the rounding of f32 sums, as in tests/conformance/engines.cc.
TEST(precision, tile_units_give_the_same_bytes_for_every_tile_and_thread_count) {
  const Scene scene({21, 34, 70});
  for (const Precision precision : kHalves) {
    const auto plain = everything(scene, precision, kTiles, 16, 1),
               other = everything(scene, precision, "portable", 16);
    for (size_t k = 0; k < plain.states.size(); ++k) ASSERT_NEAR(plain.states[k], other.states[k], 1e-5) << k;
    for (const int tile : {1, 32, 48, 64})
      expect_same_bytes(plain, everything(scene, precision, kTiles, tile), std::to_string(tile));
    for (const std::string_view isa : cpu::available_isas()) {
      if (cpu::has_tiles(cpu::find_isa(isa)))
        expect_same_bytes(plain, everything(scene, precision, isa, 0), std::string(isa));
    }
  }
}

// Runs of one or two trajectories in bf16 read each coupling once, for both of its units, and so sum in an order of
// their own: the same on every instruction set and for every number of threads, and off the other by the rounding of
// f32 sums.
TEST(precision, one_or_two_trajectories_in_bf16_use_each_coupling_in_both_directions) {
  const Scene scenes[] = {Scene({21, 34, 70}), Scene({150}), Scene({64, 64})};
  for (const Scene& scene : scenes) {
    const auto many = everything(scene, Precision::bf16, "portable", 16);
    for (const int64_t trajectories : {1, 2}) {
      const auto plain = everything(scene, Precision::bf16, "portable", 0, 1, trajectories);
      for (size_t k = 0; k < plain.states.size(); ++k) ASSERT_NEAR(plain.states[k], many.states[k], 1e-5) << k;
      for (const std::string_view isa : cpu::available_isas()) {
        if (cpu::has_tiles(cpu::find_isa(isa))) continue;
        for (const int threads : {1, 2})
          expect_same_bytes(plain, everything(scene, Precision::bf16, isa, 0, threads, trajectories), std::string(isa));
      }
    }
  }
  // Each direction of a product has its place: against the field of all products, unit by unit.
  for (const std::string_view isa : {"portable", ""}) {
    const double error = relative_error(StillStep({90, 785, 421}, 1), Precision::bf16, isa, 0x1p-7 * 1.01);
    EXPECT_GT(error, 0x1p-7 * std::sqrt(2 * 0.45 / 12));
    EXPECT_LT(error, 0x1p-7 * std::sqrt(2 * 0.80 / 12));
  }
}

// Energies are functions of the state in any precision, so the first law closes as in f32: to double rounding of sums
// over 240 steps.
TEST(precision, bf16_keeps_the_first_law) {
  const Scene scene({21, 34, 70});
  for (const Precision precision : kHalves) {
    for (const std::string_view isa : {"", kTiles}) {
      const auto result = everything(scene, precision, isa, 0);
      for (int64_t t = 0; t < result.trajectories; ++t) {
        double balance = result.end_energy[t] - result.start_energy[t];
        for (int64_t s = 0; s < result.segments; ++s) balance -= result.book(t, s).work - result.book(t, s).heat;
        EXPECT_NEAR(balance, 0, 1e-9);
      }
    }
  }
}

TEST(precision, bf16_is_refused_by_the_reference_engine) {
  const Scene scene({3});
  RunOptions options = scene.with(EngineKind::reference);
  for (const Precision precision : kHalves) {
    options.precision = precision;
    EXPECT_THROW(run(scene.computer, scene.protocol, options), InputError);
  }
}

}  // namespace swell::test
