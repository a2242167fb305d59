#pragma once

#include <cstdint>

#include "swell/model/computer.h"

namespace swell::hardware {

enum class Rounding {
  nearest,     // to the nearest level: equal couplings get equal errors, which add up over the units that share them
  stochastic,  // up or down at random, right on average: errors of different couplings are independent and average out
};

// A pass Computer -> Computer: what a device with so many bits per parameter would hold, a sign and bits - 1 of
// magnitude. Each coupling block, and each set's biases, is rounded to 2^bits - 1 evenly spaced levels from -largest to
// +largest of its own magnitudes, zero among them (step max/(2^(bits-1) - 1)); two bits are -1, 0 and +1. Both entries
// of a pair within a group are rounded alike. The seed decides the draws of stochastic rounding, one chip for each.
// bits: 2 to 24, otherwise InputError.
Computer quantise(const Computer& computer, int bits, Rounding rounding = Rounding::nearest, uint64_t seed = 1);

}  // namespace swell::hardware
