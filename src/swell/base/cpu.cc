#include "swell/base/cpu.h"

#include <unistd.h>

#if defined(__x86_64__) && defined(__linux__)
#include <cpuid.h>
#include <sys/syscall.h>
#endif

namespace swell {

#if defined(__x86_64__)

bool cpu_has_v3() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}

bool cpu_has_v4() {
  return cpu_has_v3() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool cpu_has_bf16() { return cpu_has_v4() && __builtin_cpu_supports("avx512bf16"); }

namespace {

// CPUID leaf 7, EDX: bit 22 bf16 products, bit 24 tiles. Linux saves the tiles' data only for a process that has asked
// for it (ARCH_REQ_XCOMP_PERM of state component 18), and refuses where it does not know them at all.
bool may_use_amx() {
#if defined(__linux__)
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kBits = 1u << 22 | 1u << 24;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || (d & kBits) != kBits) return false;
  constexpr long kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return false;
#endif
}

}  // namespace

bool cpu_has_amx() {
  static const bool may = cpu_has_bf16() && may_use_amx();
  return may;
}

#else

bool cpu_has_amx() { return false; }

bool cpu_has_bf16() { return false; }
bool cpu_has_v3() { return false; }
bool cpu_has_v4() { return false; }

#endif

long cpu_l2_bytes() {
#if defined(_SC_LEVEL2_CACHE_SIZE)
  const long size = sysconf(_SC_LEVEL2_CACHE_SIZE);
  if (size > 0) return size;
#endif
  return 512 * 1024;
}

long cpu_l3_bytes() {
#if defined(_SC_LEVEL3_CACHE_SIZE)
  const long size = sysconf(_SC_LEVEL3_CACHE_SIZE);
  if (size > 0) return size;
#endif
  return cpu_l2_bytes();
}

}  // namespace swell
