#pragma once

#include "swell/model/computer.h"

namespace swell::hardware {

// A pass Computer -> Computer: what a device with so many bits per parameter would hold, a sign and bits - 1 of
// magnitude. Each coupling block, and each set's biases, is rounded to the nearest of 2^bits - 1 evenly spaced levels
// from -largest to +largest of its own magnitudes, zero among them (step max/(2^(bits-1) - 1)). A scale without zero
// would turn the many small couplings into half-steps, and their sum into heat. bits: 2 to 24, otherwise InputError.
Computer quantise(const Computer& computer, int bits);

}  // namespace swell::hardware
