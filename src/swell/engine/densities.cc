#include "swell/engine/densities.h"

#include "swell/engine/cpu/dispatch.h"

namespace swell {

void advance_densities(const DensityStep& step) { cpu::kernels().advance_densities(step); }

}  // namespace swell
