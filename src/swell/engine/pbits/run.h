#pragma once

#include "swell/engine/memory.h"
#include "swell/engine/run.h"

namespace swell::pbits {

// p-bits under a protocol. Trajectories are replicas; where all couplings are whole multiples of one number, 64 and
// more of them go 512 to a word (Coding::bits), with draws of their own. Clamps and drives are for few trajectories.
Run run(const System& system, const Protocol& protocol, const RunOptions& options);

void plan(const System& system, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan);

}  // namespace swell::pbits
