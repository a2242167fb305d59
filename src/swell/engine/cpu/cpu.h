#pragma once

#include "swell/engine/run.h"

namespace swell::cpu {

// The fast engine for batches of trajectories. Tiles of up to 64 trajectories, one thread each, J packed once, noise,
// update and books fused behind each row block. States in single precision, books in double.
Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options);

}  // namespace swell::cpu
