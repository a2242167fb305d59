#pragma once

#include <string_view>
#include <vector>

#include "swell/model/design.h"

namespace swell {

// A protocol, and in which of its segments training takes the trajectories for examples.
struct LearnedProtocol : Protocol {
  std::vector<char> learned;  // [segments] 1 where it does
};

// That of a design, whose segments say `learned = true`. Throws InputError where the design has no such protocol or a
// value is neither true nor false.
LearnedProtocol learned_protocol(const Design& design, std::string_view name);

// Throws InputError where nothing is learned.
void require_learned(const LearnedProtocol& protocol);

}  // namespace swell
