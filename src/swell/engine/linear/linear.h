#pragma once

#include "swell/engine/memory.h"
#include "swell/engine/run.h"

namespace swell::linear {

// Linear systems under a protocol, in double precision: dz = -(M z - c - f(t)) dt + sqrt(kT) B dW, f the drive. Clamped
// quantities stay at their patterns. With the exact integrator every step is the transition of the process, the control
// standing still meanwhile. Books where the force has a potential (engine/linear/forces.h).
Run run(const System& system, const Protocol& protocol, const RunOptions& options);

void plan(const System& system, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan);

}  // namespace swell::linear
