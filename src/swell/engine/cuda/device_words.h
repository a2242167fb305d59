#pragma once

// The first include of every device source: formulas that are marked SWELL_INLINE are then compiled for the processor
// and for the device (base/inline.h).
#define SWELL_DEVICE __host__ __device__
#define SWELL_EXACT_MULTIPLY_ADD(a, b, c) __builtin_fmaf(a, b, c)
#define SWELL_SQUARE_ROOT(x) swell::cuda::square_root(x)

namespace swell::cuda {

// The root to the last bit, of normal numbers and zeros alone: what the compiler's own makes of them, without its
// branch for others, around which nothing else is computed.
__host__ __device__ inline float square_root(float x) {
#ifdef __CUDA_ARCH__
  float inverse;
  asm("rsqrt.approx.f32 %0, %1;" : "=f"(inverse) : "f"(x));
  const float root = x * inverse;
  const float better = __builtin_fmaf(__builtin_fmaf(-root, root, x), 0.5f * inverse, root);
  return x > 0 ? better : x;
#else
  return __builtin_sqrtf(x);
#endif
}

}  // namespace swell::cuda
