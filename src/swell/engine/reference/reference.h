#pragma once

#include "swell/engine/run.h"

namespace swell::reference {

// The plain engine: double precision, one trajectory at a time, one thread, readable as the equation. It judges the
// fast ones. Snapshots are stored as they are, rounded to float; `observer` sees every step in full precision.
using Observer =
    std::function<void(int64_t trajectory, int64_t step, std::span<const double> x, std::span<const double> x_next)>;

Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options, const Observer& observer = {});

}  // namespace swell::reference
