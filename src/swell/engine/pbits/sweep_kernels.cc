#include "swell/engine/pbits/sweep_kernels.h"

#include "swell/kernels/dispatch.h"

namespace swell::cpu {

SWELL_KERNEL_TABLES(pbits::PbitKernels, kPbitKernels, pbit_kernels)

}  // namespace swell::cpu
