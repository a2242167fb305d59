#pragma once

#include <string_view>
#include <vector>

#include "swell/engine/cpu/kernel.h"

namespace swell::cpu {

// The kernels for this processor; `isa` ("portable", "v3", "v4", "v4-bf16", "amx") asks for one, empty for the best;
// for tests, "amx-emulated" has a tile unit in plain code. Throws InputError where the processor or the build has not
// got it.
const Kernels& kernels(std::string_view isa = {});

// Names of the instruction sets that run here, best first.
std::vector<std::string_view> available_isas();

}  // namespace swell::cpu
