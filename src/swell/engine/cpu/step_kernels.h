#pragma once

#include <string_view>

#include "swell/engine/cpu/kernel.h"

namespace swell::cpu {

// The steps for an instruction set as in kernels/dispatch.h.
const LayoutKernels& step_kernels(std::string_view isa = {});

}  // namespace swell::cpu
