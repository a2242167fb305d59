#include "swell/engine/cpu/step_kernels.h"

#include "swell/kernels/dispatch.h"

namespace swell::cpu {

SWELL_KERNEL_TABLES(LayoutKernels, kLayoutKernels, step_kernels)

}  // namespace swell::cpu
