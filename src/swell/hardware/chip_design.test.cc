#include "swell/hardware/chip_design.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/engine/run.h"
#include "swell/model/builder.h"

namespace swell::hardware {

namespace {

// One harmonic unit, V = x^2 / 2, whose protocol says kT itself, as those of design files do.
Design harmonic(double kT) {
  MachineBuilder machine;
  machine.group("x", {1}).kT(kT);
  Design design;
  design.computer = machine.computer();
  design.protocols.push_back(ProtocolBuilder(design.computer, "rest").segment("rest", 8.0).kT(0.4, 0.2).protocol());
  return design;
}

}  // namespace

TEST(chip_design, a_chip_has_its_temperature_in_the_protocols_of_its_design_too) {
  Imperfections spec;
  spec.temperature = 3;
  spec.temperature_spread = 0.2;
  for (const double kT : {0.2, 0.0}) {
    const Design design = harmonic(kT);
    const Design chip = perturb(design, spec, 5);
    Computer warm = design.computer;
    warm.kT = 1;
    const double factor = perturb(warm, spec, 5).kT;
    EXPECT_GT(std::abs(factor - 3), 0.01);
    EXPECT_DOUBLE_EQ(chip.computer.kT, kT * factor);
    const Segment& segment = chip.protocols[0].segments[0];
    EXPECT_DOUBLE_EQ(segment.kT(0), 0.4 * factor);
    EXPECT_DOUBLE_EQ(segment.kT(1), 0.2 * factor);
  }
}

// d<x^2>/dt = 2 kT - 2 <x^2> of this unit: while it cools steadily it is behind by |dkT/dt| / 2. 20,000 independent
// states tell <x^2> within a hundredth, its standard error; five of them are allowed (a chance of 6e-7).
TEST(chip_design, the_noise_of_a_chip_is_that_of_its_temperature) {
  Imperfections spec;
  spec.temperature = 3;
  const Design chip = perturb(harmonic(0.2), spec, 1);
  RunOptions options;
  options.integrator = Integrator::leimkuhler_matthews;
  options.dt = 0.02;
  options.noise = {7, 0};
  options.trajectories = 20'000;
  const auto run = swell::run(chip.computer, find_protocol(chip, "rest"), options);
  double square = 0;
  for (int64_t t = 0; t < run.trajectories; ++t) square += std::pow(run.state(t)[0], 2) / 20'000;
  const double expected = 3 * (0.2 + 0.2 / 16);
  EXPECT_NEAR(square, expected, 5 * 0.01 * expected);
}

}  // namespace swell::hardware
