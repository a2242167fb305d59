#include "swell/engine/cuda/device.h"

// Stands in for device.cu in a build without the device's compiler (cuda.cmake).
namespace swell::cuda {

const DeviceCalls* device() { return nullptr; }
std::string device_name() { return {}; }
std::string why_no_device() { return "this build has no kernels for one: nvcc was not found when it was configured"; }
double peak_flops(Element) { return 0; }

}  // namespace swell::cuda
