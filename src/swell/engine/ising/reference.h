#pragma once

#include "swell/engine/ising/layout.h"

namespace swell {

// Advances one replica as plainly as possible, in double precision, with the draws of the given coding: the judge of
// the kernels. Adds to its heat and flips; `beta` per sweep.
void sample_plainly(const Pbits::Layout& layout, Coding coding, const PbitOptions& options, int64_t replica,
                    std::span<const double> beta, std::span<int8_t> spins, double& heat, int64_t& flips);

}  // namespace swell
