#pragma once

#include <string>

#include "swell/model/design.h"

namespace swell {

// Drawings of a machine as SVG, for report pages.

// Groups as boxes, coupling blocks of all sets as lines between them (a loop above a group that is coupled within),
// with what they are. At most 12 groups are drawn; the rest are counted.
std::string machine_drawing(const Design& design);

// The segments of a protocol along its time: durations, couplings in force, what is driven, clamped and how warm.
std::string protocol_drawing(const Design& design, const Protocol& protocol);

}  // namespace swell
