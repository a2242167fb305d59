#include "swell/engine/cpu/dispatch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "swell/base/cpu.h"
#include "swell/base/errors.h"

namespace swell::cpu {

namespace portable {
extern const Kernels kKernels, kEmulatedTileKernels;
}
#ifdef SWELL_X86_KERNELS
namespace v3 {
extern const Kernels kKernels;
}
namespace v4 {
extern const Kernels kKernels;
}
namespace v4_bf16 {
extern const Kernels kKernels;
}
namespace amx {
extern const Kernels kKernels;
}
#endif

namespace {

std::vector<const Kernels*> runnable() {
  std::vector<const Kernels*> found;
#ifdef SWELL_X86_KERNELS
  if (cpu_has_amx()) found.push_back(&amx::kKernels);
  if (cpu_has_bf16()) found.push_back(&v4_bf16::kKernels);
  if (cpu_has_v4()) found.push_back(&v4::kKernels);
  if (cpu_has_v3()) found.push_back(&v3::kKernels);
#endif
  found.push_back(&portable::kKernels);
  return found;
}

}  // namespace

std::vector<std::string_view> available_isas() {
  std::vector<std::string_view> names;
  for (const Kernels* kernel : runnable()) names.push_back(kernel->isa);
  return names;
}

const Kernels& kernels(std::string_view isa) {
  for (const Kernels* kernel : runnable()) {
    if (isa.empty() || isa == kernel->isa) return *kernel;
  }
  if (isa == portable::kEmulatedTileKernels.isa) return portable::kEmulatedTileKernels;
  throw InputError(
      fmt::format("instruction set '{}' is not to be had here; allowed is {}", isa, fmt::join(available_isas(), ", ")));
}

}  // namespace swell::cpu
