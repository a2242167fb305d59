#pragma once

#include "swell/engine/memory.h"
#include "swell/engine/run.h"

namespace swell::cuda {

// Machines of Langevin units on a graphics processor, all trajectories of a batch side by side; states stay on it
// between snapshots. With RunOptions::isa = "emulated" the processor takes its place, for tests. In f32 the states of a
// trajectory have the bytes of the cpu engine; tf32 and bf16 are for its tensor cores. Books are taken where the
// control changes (and every so many steps, to notice divergence): in between, the heats of the steps add up to the
// difference of V.
Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options);

void plan(const Computer& computer, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan);

// Whether a device is here and this run is long enough to gain from it, and asks for nothing that it cannot do.
bool gains(const Computer& computer, const Protocol& protocol, const RunOptions& options);

}  // namespace swell::cuda
