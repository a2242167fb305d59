#include "swell/base/cpu.h"

#include <unistd.h>

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

#else

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

}  // namespace swell
