#pragma once

#include <span>

#include "swell/engine/run.h"
#include "swell/model/design.h"

namespace swell {

// Patterns for a protocol without images: those of groups with pattern "ones", "zeros" or "label". Row r asks for the
// class labels[r]; without labels for each class in turn. No rows where no group has such a pattern. Throws InputError
// where a label is not that of a unit.
Patterns fixed_patterns(const Design& design, std::span<const int> labels = {});

// Throws InputError where the protocol drives or clamps a group whose pattern is not there (it has none, or it follows
// images and none were given), naming the key: nothing would move.
void require_patterns(const Design& design, const Protocol& protocol, const Patterns& patterns);

}  // namespace swell
