#pragma once

#include "swell/engine/pbits/layout.h"

namespace swell {

// Advances one replica by sweep number k of the call as plainly as possible, in double precision, with the draws of the
// given coding: the judge of the kernels. Adds to its heat and flips.
void sweep_plainly(const Pbits::Layout& layout, Coding coding, const PbitOptions& options, int64_t replica, int64_t k,
                   double beta, std::span<int8_t> spins, double& heat, int64_t& flips);

}  // namespace swell
