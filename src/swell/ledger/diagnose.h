#pragma once

#include "swell/engine/run.h"
#include "swell/ledger/diagnostics.h"

namespace swell {

// Of a run of any kind, by the state in which its last segment ended, the course that it kept (Observables) and its
// books. Times: from where its averages begin (Observables::from_step), without averages the second half of the last
// segment. A last segment whose control still moves is driven, and has no temperature to achieve.
Diagnostics diagnose(const System& system, const Protocol& protocol, const RunOptions& options, const Run& run);

}  // namespace swell
