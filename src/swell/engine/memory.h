#pragma once

#include <string>
#include <vector>

#include "swell/engine/run.h"

namespace swell {

// What a run will allocate, at its largest, in bytes, before it allocates it. Beside it stands what the caller holds
// already (the machine, patterns, start).
struct MemoryPlan {
  struct Part {
    std::string what;
    double bytes = 0;
    std::string less;  // what makes it smaller
  };
  std::vector<Part> parts;
  double bytes() const;
};

MemoryPlan plan_memory(const System& system, const Protocol& protocol, const RunOptions& options);

// Of a run that ranks share: what all those on this computer will allocate, each of which ends with the whole result.
MemoryPlan plan_share(const System& system, const Protocol& protocol, const RunOptions& options, const Ranks& ranks);

// The most that a checkpoint of this run takes on the disk.
double checkpoint_bytes(const System& system, const Protocol& protocol, const RunOptions& options);

// Throws InputError where that is more than `available` bytes: what is needed, what there is, and what to reduce.
void check_memory(const MemoryPlan& plan, int64_t available);

}  // namespace swell
