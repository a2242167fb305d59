#pragma once

#include <string_view>

#include "swell/engine/cuda/device_calls.h"

namespace swell::cuda {

// By RunOptions::isa: "emulated", or the device where it is empty. Throws InputError where there is none.
const DeviceCalls& find_device(std::string_view isa);

}  // namespace swell::cuda
