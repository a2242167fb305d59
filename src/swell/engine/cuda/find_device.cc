#include "swell/engine/cuda/find_device.h"

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/engine/cuda/device.h"
#include "swell/engine/cuda/emulated.h"

namespace swell::cuda {

const DeviceCalls& find_device(std::string_view isa) {
  if (isa == "emulated") return emulated();
  if (!isa.empty()) {
    throw InputError(
        fmt::format("the cuda engine has no instruction set '{}'; it takes 'emulated', or none for the device", isa));
  }
  if (const DeviceCalls* found = device()) return *found;
  throw InputError(fmt::format("the cuda engine needs a device: {}; the cpu engine needs none", why_no_device()));
}

}  // namespace swell::cuda
