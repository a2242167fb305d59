#pragma once

#include <string>

#include "swell/engine/cuda/device_calls.h"

namespace swell::cuda {

// The device of this computer, or null: none is there, or this build has no kernels for one.
const DeviceCalls* device();
// Its name as the driver tells it, and in a build without kernels or on a computer without a device why there is none.
std::string device_name();
std::string why_no_device();

// Operations (two to a multiply-add) that it does in a second out of registers, or out of shared memory on the tensor
// cores. There must be a device.
double peak_flops(Element element);

}  // namespace swell::cuda
