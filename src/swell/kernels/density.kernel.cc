// Implicit steps of one-dimensional Fokker-Planck equations, built once per instruction set. Columns do not meet and
// products and sums stand apart, so that every instruction set gives the same bits. Far from where a unit is, densities
// would fall to subnormal numbers, on which many processors are a hundred times slower: kFloor keeps them above, and
// leaves every density above 1e-184 as it is, to the last bit.

#include "swell/base/inline.h"
#include "swell/kernels/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void advance_densities(const DensityStep& step);

namespace {

#if defined(__AVX512F__)
constexpr int kBytes = 64;
#elif defined(__AVX2__)
constexpr int kBytes = 32;
#else
constexpr int kBytes = 16;
#endif
constexpr int64_t kWidth = kBytes / 8;
typedef double Register __attribute__((vector_size(kBytes)));
constexpr double kFloor = 1e-200;

// Two registers of columns: the elimination waits for itself, and two chains wait less than one.
struct Pair {
  Register a, b;
};
SWELL_INLINE Pair load(const double* p) {
  return {*reinterpret_cast<const Register*>(p), *reinterpret_cast<const Register*>(p + kWidth)};
}
SWELL_INLINE void store(double* p, Pair v) {
  *reinterpret_cast<Register*>(p) = v.a;
  *reinterpret_cast<Register*>(p + kWidth) = v.b;
}
SWELL_INLINE Pair operator+(Pair u, Pair v) { return {u.a + v.a, u.b + v.b}; }
SWELL_INLINE Pair operator-(Pair u, Pair v) { return {u.a - v.a, u.b - v.b}; }
SWELL_INLINE Pair operator*(Pair u, Pair v) { return {u.a * v.a, u.b * v.b}; }
SWELL_INLINE Pair operator*(double s, Pair v) { return {s * v.a, s * v.b}; }
SWELL_INLINE Pair operator+(Pair v, double s) { return {v.a + s, v.b + s}; }
SWELL_INLINE Pair inverse(Pair v) { return {1.0 / v.a, 1.0 / v.b}; }

// Solves (1 - h L) u = rho by elimination from the first cell to the last. With g the inverse pivots,
//   1 / g_i = 1 + out_i - c g_{i-1},  out_i: what leaves cell i,  c = up_i down_i, which no drive changes,
//   v_i = rho_i + up_{i-1} g_{i-1} v_{i-1},  u_i = g_i (v_i + down_i u_{i+1}).
template <bool kNewPivots>
SWELL_INLINE void eliminate(const DensityStep& step, int64_t column) {
  const Pair tilt = load(step.tilt + column), untilt = load(step.inverse_tilt + column);
  const Pair zero = tilt - tilt;
  Pair pivot = zero, carried = zero;  // g and v of the cell before; what comes up into the first cell is nothing
  double up_before = 0, down_before = 0, product = 0;
  for (int64_t i = 0; i < step.cells; ++i) {
    const int64_t at = i * kDensityColumns + column;
    const Pair inflow = up_before * (tilt * pivot);
    if constexpr (kNewPivots) {
      const Pair out = step.up[i] * tilt + down_before * untilt;
      pivot = inverse((out - product * pivot) + 1.0);
      store(step.pivot + at, pivot);
    } else {
      pivot = load(step.pivot + at);
    }
    carried = (load(step.rho + at) + kFloor) + inflow * carried;
    store(step.work + at, carried);
    up_before = step.up[i];
    down_before = step.down[i];
    product = step.product;
  }
}

// From the last cell to the first; the new density is u or, for Crank-Nicolson, 2 u - rho.
template <bool kCrankNicolson, bool kSums>
SWELL_INLINE void substitute(const DensityStep& step, int64_t column) {
  const Pair untilt = load(step.inverse_tilt + column);
  const Pair zero = untilt - untilt;
  Pair u = zero, sums[3] = {zero, zero, zero};
  for (int64_t i = step.cells - 1; i >= 0; --i) {
    const int64_t at = i * kDensityColumns + column;
    u = load(step.pivot + at) * (load(step.work + at) + (step.down[i] * untilt) * u);
    const Pair rho = kCrankNicolson ? u + u - load(step.rho + at) : u;
    store(step.rho + at, rho);
    if constexpr (kSums) {
      sums[0] = sums[0] + step.weights[3 * i] * rho;
      sums[1] = sums[1] + step.weights[3 * i + 1] * rho;
      sums[2] = sums[2] + step.weights[3 * i + 2] * rho;
    }
  }
  if constexpr (kSums) {
    for (int k = 0; k < 3; ++k) store(step.sums + k * kDensityColumns + column, sums[k]);
  }
}

}  // namespace

void advance_densities(const DensityStep& step) {
  for (int64_t column = 0; column < kDensityColumns; column += 2 * kWidth) {
    step.new_pivots ? eliminate<true>(step, column) : eliminate<false>(step, column);
    if (step.crank_nicolson) {
      step.sums ? substitute<true, true>(step, column) : substitute<true, false>(step, column);
    } else {
      step.sums ? substitute<false, true>(step, column) : substitute<false, false>(step, column);
    }
  }
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
