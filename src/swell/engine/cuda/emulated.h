#pragma once

#include "swell/engine/cuda/device_calls.h"

namespace swell::cuda {

// The processor in the device's place, in plain loops over the same arithmetic: for tests and sanitizers where there is
// no device. Products are summed in ascending order, in single precision; the tensor cores' order is their own.
const DeviceCalls& emulated();

}  // namespace swell::cuda
