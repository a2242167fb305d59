#pragma once

#include "swell/engine/memory.h"
#include "swell/engine/run.h"

namespace swell::cpu {

// The fast engine for batches of trajectories. Tiles of up to 64 trajectories, one thread each, J packed once, noise,
// update and books fused behind each row block. States in single precision, sums of the books in double.
Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options);

// What it allocates: trajectories under way, packed couplings, a checkpoint.
void plan(const Computer& computer, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan);

}  // namespace swell::cpu
