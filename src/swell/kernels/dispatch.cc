#include "swell/kernels/dispatch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "swell/base/cpu.h"
#include "swell/base/errors.h"

namespace swell::cpu {

namespace {

struct Runnable {
  Isa isa;
  std::string_view name;
};

// Best first.
std::vector<Runnable> runnable() {
  std::vector<Runnable> found;
#ifdef SWELL_X86_KERNELS
  if (cpu_has_amx()) found.push_back({Isa::amx, "amx"});
  if (cpu_has_bf16()) found.push_back({Isa::v4_bf16, "v4-bf16"});
  if (cpu_has_v4()) found.push_back({Isa::v4, "v4"});
  if (cpu_has_v3()) found.push_back({Isa::v3, "v3"});
#endif
  found.push_back({Isa::portable, "portable"});
  return found;
}

}  // namespace

std::vector<std::string_view> available_isas() {
  std::vector<std::string_view> names;
  for (const Runnable& one : runnable()) names.push_back(one.name);
  return names;
}

Isa find_isa(std::string_view name) {
  for (const Runnable& one : runnable()) {
    if (name.empty() || name == one.name) return one.isa;
  }
  if (name == "amx-emulated") return Isa::amx_emulated;
  throw InputError(fmt::format("instruction set '{}' is not to be had here; allowed is {}", name,
                               fmt::join(available_isas(), ", ")));
}

bool has_tiles(Isa isa) { return isa == Isa::amx || isa == Isa::amx_emulated; }

SWELL_KERNEL_TABLES(Kernels, kKernels, kernels)

}  // namespace swell::cpu
