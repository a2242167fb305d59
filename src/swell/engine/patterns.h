#pragma once

#include "swell/engine/run.h"
#include "swell/model/design.h"

namespace swell {

// Patterns for a protocol without images: those of groups with pattern "ones" or "zeros". No rows where there are
// none.
Patterns fixed_patterns(const Design& design);

// Throws InputError where the protocol drives or clamps a group whose pattern is not there (it has none, or it follows
// images and none were given), naming the key: nothing would move.
void require_patterns(const Design& design, const Protocol& protocol, const Patterns& patterns);

}  // namespace swell
