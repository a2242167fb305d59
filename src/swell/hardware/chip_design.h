#pragma once

#include "swell/hardware/imperfections.h"
#include "swell/model/design.h"

namespace swell::hardware {

// A design as one chip: its computer with faults, and its protocols at the chip's temperature, since those of a design
// say kT themselves. Throws InputError as perturb() of the computer does.
Design perturb(const Design& design, const Imperfections& spec, uint64_t seed);

}  // namespace swell::hardware
