#pragma once

#include <cstdint>

#include "swell/model/computer.h"
#include "swell/model/matrix.h"

namespace swell::hardware {

enum class Rounding {
  nearest,     // to the nearest level: equal couplings get equal errors, which add up over the units that share them
  stochastic,  // up or down at random, right on average: errors of different couplings are independent and average out
};

// A pass Computer -> Computer: what a device with so many bits per parameter would hold. Each coupling block, and each
// set's biases, is rounded to the levels (model/levels.h) of its own magnitudes. Both entries of a pair within a
// group are rounded alike. The seed decides the draws of stochastic rounding, one chip for each.
// bits: 2 to 24, otherwise InputError.
Computer quantise(const Computer& computer, int bits, Rounding rounding = Rounding::nearest, uint64_t seed = 1);

// The same for a matrix: to the nearest level, or for realisation k of n up or down so that each entry's average over
// all n is right to a step / n.
Matrix round_to_bits(const Matrix& a, int bits);
Matrix round_to_bits(const Matrix& a, int bits, int64_t realisation, int64_t realisations, uint64_t seed);

}  // namespace swell::hardware
