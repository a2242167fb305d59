#pragma once

#include <cstdint>

#include "swell/programs/linear/matrix.h"

namespace swell::linear {

// Couplings of so many bits, a sign and bits - 1 of magnitude, evenly spaced up to the largest |a_ij|. To the nearest
// level, or for realisation k of n up or down so that each entry's average over all n is right to a step / n. Throws
// InputError for bits below 2 or above 24.
Matrix round_to_bits(const Matrix& a, int bits);
// From one level to the next.
double level_of(const Matrix& a, int bits);
Matrix round_to_bits(const Matrix& a, int bits, int64_t realisation, int64_t realisations, uint64_t seed);

}  // namespace swell::linear
