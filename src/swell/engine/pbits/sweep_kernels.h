#pragma once

#include <string_view>

#include "swell/engine/pbits/kernel.h"

namespace swell::cpu {

// The sweeps for an instruction set as in kernels/dispatch.h.
const pbits::PbitKernels& pbit_kernels(std::string_view isa = {});

}  // namespace swell::cpu
