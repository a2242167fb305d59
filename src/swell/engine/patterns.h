#pragma once

#include <span>

#include "swell/engine/run.h"
#include "swell/model/design.h"

namespace swell {

// Patterns for a protocol without images: those of groups with pattern "ones", "zeros" or "label". Rows ask for the
// classes of `labels` in turn; without labels for each class in turn. Where classes have several styles rows go through
// these as well, each as often as its share says; `seed` decides where they begin. No rows where no group has such a
// pattern. Throws InputError where a label is not a class.
Patterns fixed_patterns(const Design& design, std::span<const int> labels = {}, Seed seed = 1);

// The class that a row asks for.
int asked_class(const Design& design, const Patterns& patterns, int64_t row);

// Throws InputError where the protocol drives or clamps a group whose pattern is not there (it has none, or it follows
// images and none were given), naming the key: nothing would move.
void require_patterns(const Design& design, const Protocol& protocol, const Patterns& patterns);

}  // namespace swell
