// The steps of both layouts for one instruction set, for engine/cpu/step_kernels.cc.

#include "swell/engine/cpu/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

extern const StepKernels kWideKernels, kNarrowKernels;

extern const LayoutKernels kLayoutKernels;
const LayoutKernels kLayoutKernels = {&kWideKernels, &kNarrowKernels};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
