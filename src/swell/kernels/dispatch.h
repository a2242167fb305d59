#pragma once

#include <string_view>
#include <vector>

#include "swell/kernels/kernel.h"

namespace swell::cpu {

// Instruction sets that kernels are built for, best last. With the emulated one a tile unit is done in plain code, for
// tests.
enum class Isa { portable, v3, v4, v4_bf16, amx, amx_emulated };

// By name ("portable", "v3", "v4", "v4-bf16", "amx", "amx-emulated"); the best one for none. Throws InputError where
// the processor or the build has not got it.
Isa find_isa(std::string_view name = {});
// Names of the instruction sets that run here, best first.
std::vector<std::string_view> available_isas();
// Whether bf16 products go through a tile unit, which sums in an order of its own.
bool has_tiles(Isa isa);

// Every family of kernels leaves a table in the namespace of each instruction set. Defines `const Type& function(isa)`,
// the table for an instruction set by name; inside namespace swell::cpu.
#ifdef SWELL_X86_KERNELS
#define SWELL_KERNEL_TABLES(Type, table, function) \
  namespace portable {                             \
  extern const Type table;                         \
  }                                                \
  namespace v3 {                                   \
  extern const Type table;                         \
  }                                                \
  namespace v4 {                                   \
  extern const Type table;                         \
  }                                                \
  namespace v4_bf16 {                              \
  extern const Type table;                         \
  }                                                \
  namespace amx {                                  \
  extern const Type table;                         \
  }                                                \
  const Type& function(std::string_view isa) {     \
    switch (find_isa(isa)) {                       \
      case Isa::v3:                                \
        return v3::table;                          \
      case Isa::v4:                                \
        return v4::table;                          \
      case Isa::v4_bf16:                           \
        return v4_bf16::table;                     \
      case Isa::amx:                               \
        return amx::table;                         \
      default:                                     \
        return portable::table;                    \
    }                                              \
  }
#else
#define SWELL_KERNEL_TABLES(Type, table, function) \
  namespace portable {                             \
  extern const Type table;                         \
  }                                                \
  const Type& function(std::string_view isa) {     \
    find_isa(isa);                                 \
    return portable::table;                        \
  }
#endif

// The kernels of this folder.
const Kernels& kernels(std::string_view isa = {});

}  // namespace swell::cpu
