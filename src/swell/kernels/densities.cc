#include "swell/kernels/densities.h"

#include "swell/kernels/dispatch.h"

namespace swell {

void advance_densities(const DensityStep& step) { cpu::kernels().advance_densities(step); }

}  // namespace swell
