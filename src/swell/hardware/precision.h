#pragma once

#include "swell/model/computer.h"

namespace swell::hardware {

// A pass Computer -> Computer: what a device with so many bits per parameter would hold. Each coupling block, and each
// set's biases, is rounded to the nearest of 2^bits evenly spaced levels from -largest to +largest of its own
// magnitudes (step 2 max/(2^bits - 1); rounding noise step^2/12). bits: 1 to 24, otherwise InputError.
Computer quantise(const Computer& computer, int bits);

}  // namespace swell::hardware
