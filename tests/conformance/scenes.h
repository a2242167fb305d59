#pragma once

#include "physics/machines.h"

// What every engine must agree on: machines of all sizes under a protocol that changes all that a protocol can.
namespace swell::test {

struct Scene {
  Computer computer;
  Protocol protocol{"everything", {}};
  Patterns patterns{3, {}};
  RunOptions options = run_options(5e-3, 5, 90);

  // Sizes of the groups; the last group is clamped for a while where there are several.
  explicit Scene(const std::vector<int64_t>& sizes) : computer(quartic_machine(sizes, 0.7)) {
    computer.kT = 0.4;
    for (int64_t i = 0; i < computer.units(); ++i) computer.mobility[i] = 0.5 + 0.1 * static_cast<double>(i % 7);
    add_set(computer, random_couplings(computer.units(), 1.0, 91));
    for (int64_t i = 0; i < 3 * computer.units(); ++i) patterns.values.push_back(fixed_normal(92, i));
    Segment heated = ramp(computer, 0.3, 2.0, -1.0, 0);
    heated.kT = {{{0.0, 0.1}, {0.5, 1.0}, {1.0, 0.0}}};
    for (size_t g = 0; g < sizes.size(); ++g) heated.drive[g].knots[0].value = 2.0 - static_cast<double>(g);
    Segment clamped = ramp(computer, 0.4, 0.0, 1.0, 1);
    clamped.clamped.back() = sizes.size() > 1;
    protocol.segments = {ramp(computer, 0.3, 0.0, 2.0), heated, clamped, hold(computer, 0.2, 0)};
    options.threads = 2;
  }

  // Options that refer to this scene's patterns.
  RunOptions with(EngineKind engine, Integrator integrator = Integrator::euler_maruyama) const {
    RunOptions result = options;
    result.engine = engine;
    result.integrator = integrator;
    result.patterns = &patterns;
    return result;
  }
};

}  // namespace swell::test
