#pragma once

#include <string_view>

#include "swell/engine/cuda/machine.h"

namespace swell::cuda {

// By RunOptions::isa: "emulated", or the device where it is empty. Throws InputError where there is none.
const Machine& find_machine(std::string_view isa);

}  // namespace swell::cuda
