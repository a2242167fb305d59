#pragma once

#include <string>

#include "swell/hardware/target.h"

namespace swell {

// Where the units of a machine lie on a chip, as an SVG: places as dots (those in use filled), couplings as lines,
// those that the chip has not got in another colour. Grids are drawn as they are, cut to what is in use; others in a
// circle. Empty where nothing was placed or it is too large to be seen.
std::string placement_drawing(const hardware::Wanted& machine, const hardware::Target& target,
                              const hardware::Placement& placement);

}  // namespace swell
