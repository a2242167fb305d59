#pragma once

#include "swell/engine/run.h"

namespace swell {

// Books the change of control between a run and the earlier one that it goes on from (RunOptions::came_from): at the
// states that it starts from, V under its first control less V under the last one of the earlier run, which must have
// had the same length of steps. It is work of the first segment, in the course from its first point on.
void book_join(const System& system, const RunOptions& options, Run& run);

}  // namespace swell
