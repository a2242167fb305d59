#pragma once

#include "swell/engine/run.h"

namespace swell::cpu {

// The fast engine for batches of trajectories. Tiles of up to 64 trajectories, one thread each, J packed once, noise,
// update and books fused behind each row block. States in single precision, sums of the books in double.
Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options);

// Whether bf16 products are summed in the order of a tile unit (AMX), which other instruction sets do not keep.
bool sums_in_tiles(const RunOptions& options);

// For the prediction of memory, bytes: of all tiles at one time, and of a packed set of couplings.
double bytes_under_way(const Computer& computer, const RunOptions& options);
double packed_bytes(const Computer& computer, const CouplingSet& set, const RunOptions& options);

}  // namespace swell::cpu
