#pragma once

// Small formulas that both the portable library and the kernels built for one instruction set use. Always inlined, so
// that no copy built with wide instructions can be linked into portable code.
#define SWELL_INLINE [[gnu::always_inline]] inline
