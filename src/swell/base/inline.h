#pragma once

// Small formulas that both the portable library and the kernels built for one instruction set use. Always inlined, so
// that no copy built with wide instructions can be linked into portable code. A compiler for another processor may ask
// for words of its own in front of them (engine/cuda/device_words.h); elsewhere there are none.
#ifndef SWELL_DEVICE
#define SWELL_DEVICE
// a b + c where a b is exact, so that one rounding or two give the same bits; and the root, rounded correctly, of x >=
// 0.
#define SWELL_EXACT_MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#define SWELL_SQUARE_ROOT(x) __builtin_sqrtf(x)
#endif
#define SWELL_INLINE [[gnu::always_inline]] SWELL_DEVICE inline
