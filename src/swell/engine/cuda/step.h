#pragma once

#include <cstdint>

#include "swell/kernels/kernel.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"
#include "swell/random/normal.h"

// The arithmetic of one step of Langevin units, one source for the device and for the processor: what a thread does to
// its units. Kernels (*.cu) and the emulation (emulated.cc) only hand out the units. Plain data and no templates of the
// standard library, since the device's compiler reads it as well.
//
// Energies of units are formed in single precision and added within a block of four units (a quad), pairs first; quads
// are added in double precision in ascending order, kTermsPerSum at a time. No sum crosses trajectories, so that the
// books have the same bits for any batch.
namespace swell::cuda {

constexpr int kQuad = kNormalsPerBlock;  // units that share a draw
constexpr int kTermsPerSum = 64;

// What a pass over the states adds up of each trajectory, by quad.
enum Sum : int {
  kInner = 0,     // energy without the drive
  kDrive = 1,     // sum over units of drive x pattern x state, under the drive of this step
  kDrivenBy = 2,  // the same under the drive of the step before
  kSums = 3,
};

// Constants of the units in one segment, [padded units]; padding and clamped units have mobility 0 and never move.
struct UnitArrays {
  const float *J2, *J3, *J4, *bias;
  const float* mobility_dt;  // mu dt
  const float* noise_scale;  // sqrt(2 mu dt)
  const int32_t* group;
};

// Sparse J: compressed rows, columns ascending.
struct SparseRows {
  const int64_t* row_start;  // [padded units + 1]; null without sparse couplings
  const int32_t* column;     // [entries]
  const float* weight;       // [entries]
};

// One step of a batch. All pointers are to the memory of the device that takes it.
struct Step {
  UnitArrays unit;
  SparseRows sparse;
  int64_t units, trajectories;

  // States: of trajectory t and unit u at t * trajectory_stride + u * unit_stride. `next` may be `x` where nothing is
  // sparse. noise holds R_k for Leimkuhler-Matthews, else null.
  const float* x;
  float *next, *noise;
  int64_t trajectory_stride, unit_stride;

  const float* field;    // dense couplings' products, in the layout of the states; null without
  const float* pattern;  // of row r and unit u at r * pattern_row_stride + u * pattern_unit_stride
  int64_t pattern_rows, pattern_row_stride, pattern_unit_stride;

  NoiseKey key;
  uint64_t first_trajectory, draw;     // numbers of the first trajectory and of the step for the draws
  const double *drive, *drive_before;  // [groups] amplitudes of this step and of the one before
  float root_kT;
  bool driven;  // any amplitude of the two is not zero, and there are patterns
  bool move;    // else only sums are taken
  bool sum;     // energies are wanted

  double* terms;  // [kSums][quads][terms_stride] by trajectory
  int64_t quads, terms_stride;
};

// Numbers of a quad side by side in memory.
struct alignas(16) Four {
  float v[kQuad];
};
SWELL_INLINE const Four& four_at(const float* first) { return *reinterpret_cast<const Four*>(first); }
SWELL_INLINE Four& four_at(float* first) { return *reinterpret_cast<Four*>(first); }

// Where the state of a unit stands.
SWELL_INLINE int64_t place(const Step& step, int64_t trajectory, int64_t unit) {
  return trajectory * step.trajectory_stride + unit * step.unit_stride;
}

// The states of a quad.
SWELL_INLINE Four states_of(const Step& step, const float* states, int64_t trajectory, int64_t quad) {
  const float* first = states + place(step, trajectory, quad * kQuad);
  if (step.unit_stride == 1) return four_at(first);
  Four four;
  for (int i = 0; i < kQuad; ++i) four.v[i] = first[i * step.unit_stride];
  return four;
}
SWELL_INLINE void put_states(const Step& step, float* states, int64_t trajectory, int64_t quad, const Four& four) {
  float* first = states + place(step, trajectory, quad * kQuad);
  if (step.unit_stride == 1) {
    four_at(first) = four;
  } else {
    for (int i = 0; i < kQuad; ++i) first[i * step.unit_stride] = four.v[i];
  }
}

// The pattern of a trajectory: that of unit u at u * pattern_unit_stride.
SWELL_INLINE const float* pattern_of(const Step& step, int64_t trajectory) {
  const uint64_t number = step.first_trajectory + static_cast<uint64_t>(trajectory);
  const auto row = static_cast<int64_t>(number % static_cast<uint64_t>(step.pattern_rows));
  return step.pattern + row * step.pattern_row_stride;
}

// Most steps drive nothing, sum nothing and read no tape. Kernels have copies of their own for them, which know it:
// `plain` with fresh noise alone (Euler-Maruyama), `averaged` with that of two steps (Leimkuhler-Matthews). `any`
// looks.
enum class StepKind { plain, averaged, any };
SWELL_INLINE StepKind kind_of(const Step& step) {
  if (!step.move || step.driven || step.sum || step.key.tape) return StepKind::any;
  return step.noise ? StepKind::averaged : StepKind::plain;
}
template <StepKind kind>
SWELL_INLINE bool averages(const Step& step) {
  return kind == StepKind::averaged || (kind == StepKind::any && step.noise);
}

// The fresh draws of a quad at this step, or so many steps later; of Leimkuhler-Matthews, whose step begins with R_k at
// hand, R_{k+1}.
template <StepKind kind>
SWELL_INLINE Words4 quad_words(const Step& step, int64_t trajectory, int64_t quad, unsigned later = 0) {
  const uint64_t number = step.first_trajectory + static_cast<uint64_t>(trajectory);
  NoiseKey key = step.key;
  if (kind != StepKind::any) key.tape = nullptr;  // as it is, known to the compiler
  return noise_words(key, static_cast<uint32_t>(quad), step.draw + later + (averages<kind>(step) ? 1u : 0u),
                     static_cast<uint32_t>(number), static_cast<uint32_t>(number >> 32));
}

SWELL_INLINE Four four_normals(Words4 words) {
  const Normals4 four = normals_from(words);
  return {{four.a, four.b, four.c, four.d}};
}

// Sparse couplings of a unit, after what the dense ones gave.
SWELL_INLINE float sparse_field(const Step& step, int64_t trajectory, int64_t unit, float field) {
  const float* x = step.x + trajectory * step.trajectory_stride;
  const int64_t last = step.sparse.row_start[unit + 1];
  for (int64_t e = step.sparse.row_start[unit]; e < last; ++e)
    field = __builtin_fmaf(step.sparse.weight[e], x[int64_t{step.sparse.column[e]} * step.unit_stride], field);
  return field;
}

// Sums of a quad: energies of its units without the drive.
SWELL_INLINE double inner_sum(const Four& energy) {
  return static_cast<double>((energy.v[0] + energy.v[1]) + (energy.v[2] + energy.v[3]));
}
SWELL_INLINE void leave_terms(const Step& step, int64_t trajectory, int64_t quad, double inner, const Four& x) {
  double* terms = step.terms + quad * step.terms_stride + trajectory;
  const int64_t stride = step.quads * step.terms_stride;
  terms[kInner * stride] = inner;
  if (!step.driven) return;
  const float* const pattern = pattern_of(step, trajectory);
  double now = 0, before = 0;
  for (int i = 0; i < kQuad; ++i) {
    const int64_t unit = quad * kQuad + i;
    const double overlap = static_cast<double>(pattern[unit * step.pattern_unit_stride]) * static_cast<double>(x.v[i]);
    now += step.drive[step.unit.group[unit]] * overlap;
    before += step.drive_before[step.unit.group[unit]] * overlap;
  }
  terms[kDrive * stride] = now;
  terms[kDrivenBy * stride] = before;
}

// Sums of a quad whose dense couplings gave `field`.
SWELL_INLINE void sum_quad(const Step& step, int64_t trajectory, int64_t quad, const Four& x, const Four& field) {
  const UnitArrays& u = step.unit;
  const int64_t first = quad * kQuad;
  Four energy;
  for (int i = 0; i < kQuad; ++i)
    energy.v[i] = unit_energy(x.v[i], field.v[i], u.J2[first + i], u.J3[first + i], u.J4[first + i], u.bias[first + i]);
  leave_terms(step, trajectory, quad, inner_sum(energy), x);
}

// One step of the four units of a quad, whose dense couplings gave `field`: sums, noise and new positions. Padding
// stays where it is, at 0.
template <StepKind kind>
SWELL_INLINE void update_quad(const Step& step, int64_t trajectory, int64_t quad, Four field) {
  const UnitArrays& u = step.unit;
  const int64_t first = quad * kQuad;
  const Four x = states_of(step, step.x, trajectory, quad);
  if (step.sparse.row_start) {
    for (int i = 0; i < kQuad; ++i) {
      if (first + i < step.units) field.v[i] = sparse_field(step, trajectory, first + i, field.v[i]);
    }
  }
  const Four J2 = four_at(u.J2 + first), J3 = four_at(u.J3 + first), J4 = four_at(u.J4 + first),
             bias = four_at(u.bias + first);
  if (kind == StepKind::any && step.sum) sum_quad(step, trajectory, quad, x, field);
  if (kind == StepKind::any && !step.move) return;
  Four noise = four_normals(quad_words<kind>(step, trajectory, quad)), force{};
  if (averages<kind>(step)) {
    const Four kept = states_of(step, step.noise, trajectory, quad);
    put_states(step, step.noise, trajectory, quad, noise);
    for (int i = 0; i < kQuad; ++i) noise.v[i] = 0.5f * (kept.v[i] + noise.v[i]);
  }
  if (kind == StepKind::any && step.driven) {
    const float* const pattern = pattern_of(step, trajectory);
    for (int i = 0; i < kQuad; ++i)
      force.v[i] = static_cast<float>(step.drive[u.group[first + i]]) * pattern[(first + i) * step.pattern_unit_stride];
  }
  const Four mobility_dt = four_at(u.mobility_dt + first), scale = four_at(u.noise_scale + first);
  Four next;
  for (int i = 0; i < kQuad; ++i) {
    const float gradient = unit_gradient(x.v[i], field.v[i], J2.v[i], J3.v[i], J4.v[i], bias.v[i], force.v[i]);
    next.v[i] = langevin_step(x.v[i], gradient, mobility_dt.v[i], scale.v[i] * step.root_kT, noise.v[i]);
  }
  put_states(step, step.next, trajectory, quad, next);
}

// The quad of a step whose dense products, if any, stand in memory.
template <StepKind kind>
SWELL_INLINE void update_quad(const Step& step, int64_t trajectory, int64_t quad) {
  update_quad<kind>(step, trajectory, quad, step.field ? states_of(step, step.field, trajectory, quad) : Four{});
}

// ---- Tensor cores: the part of a step that needs no couplings is taken while they are multiplied. States are in place
// and those of a trajectory side by side. ----

// Constants of a tile's units, or of all, as the drift takes them: 2 J2, 3 J3, 4 J4, b, mu dt, sqrt(2 mu kT dt).
constexpr int kConstants = 6;
struct NearUnits {
  const float* constant[kConstants];
};
SWELL_INLINE void near_constants(const Step& step, int64_t unit, float (&constant)[kConstants]) {
  constant[0] = 2.0f * step.unit.J2[unit];
  constant[1] = 3.0f * step.unit.J3[unit];
  constant[2] = 4.0f * step.unit.J4[unit];
  constant[3] = step.unit.bias[unit];
  constant[4] = step.unit.mobility_dt[unit];
  constant[5] = step.unit.noise_scale[unit] * step.root_kT;
}

// Where a quad would go without its dense couplings. `local` is the number of its first unit in `near`; `pattern` is
// that of the trajectory.
template <StepKind kind>
SWELL_INLINE Four drifted(const Step& step, const NearUnits& near, int64_t local, int64_t trajectory, int64_t quad,
                          const float* pattern, Four x, Four noise) {
  const int64_t unit = quad * kQuad;
  if (averages<kind>(step)) {
    Four& kept = four_at(step.noise + trajectory * step.trajectory_stride + unit);
    for (int i = 0; i < kQuad; ++i) {
      const float fresh = noise.v[i];
      noise.v[i] = 0.5f * (kept.v[i] + fresh);
      kept.v[i] = fresh;
    }
  }
  Four slope = four_at(near.constant[3] + local);
  if (kind == StepKind::any && step.driven) {
    for (int i = 0; i < kQuad; ++i)
      slope.v[i] -= static_cast<float>(step.drive[step.unit.group[unit + i]]) * pattern[unit + i];
  }
  const Four J2 = four_at(near.constant[0] + local), J3 = four_at(near.constant[1] + local),
             J4 = four_at(near.constant[2] + local);
  for (int i = 0; i < kQuad; ++i) slope.v[i] = gradient_of_powers(x.v[i], J2.v[i], J3.v[i], J4.v[i]) + slope.v[i];
  const Four mobility_dt = four_at(near.constant[4] + local), amplitude = four_at(near.constant[5] + local);
  Four result;
  for (int i = 0; i < kQuad; ++i)
    result.v[i] = langevin_step(x.v[i], slope.v[i], mobility_dt.v[i], amplitude.v[i], noise.v[i]);
  return result;
}
SWELL_INLINE float pulled(float drifted, float field, float mobility_dt) {
  return drift_step(drifted, field, mobility_dt);
}

// A state or coupling as the tensor cores take it.
SWELL_INLINE uint32_t tf32_bits(float value) {
  return (__builtin_bit_cast(uint32_t, value) + 0x1000u) & 0xffffe000u;  // to nearest, ties away from zero
}

// ---- Around the steps ----

// A clamped unit jumps to its pattern, or to 0 without.
SWELL_INLINE void clamp_unit(const Step& step, int64_t trajectory, int64_t unit) {
  step.next[place(step, trajectory, unit)] =
      step.pattern ? pattern_of(step, trajectory)[unit * step.pattern_unit_stride] : 0.0f;
}

// Leimkuhler-Matthews: a quad keeps the draws of this step.
SWELL_INLINE void keep_noise(const Step& step, int64_t trajectory, int64_t quad) {
  const uint64_t number = step.first_trajectory + static_cast<uint64_t>(trajectory);
  const Words4 words = noise_words(step.key, static_cast<uint32_t>(quad), step.draw, static_cast<uint32_t>(number),
                                   static_cast<uint32_t>(number >> 32));
  put_states(step, step.noise, trajectory, quad, four_normals(words));
}

// ---- Books ----

// Group number k of kTermsPerSum terms, `stride` apart, of `count` in all.
SWELL_INLINE double add_terms(const double* terms, int64_t count, int64_t stride, int64_t k) {
  const int64_t first = k * kTermsPerSum, last = first + kTermsPerSum < count ? first + kTermsPerSum : count;
  double sum = 0;
  for (int64_t i = first; i < last; ++i) sum += terms[i * stride];
  return sum;
}

// Of each trajectory: sums over the segment so far, and V of the current state under the last control.
struct Books {
  double *work, *heat, *entropy, *last_energy;  // [trajectories]
};
enum class Booking {
  begin,   // the run begins: V is taken, nothing booked
  change,  // a segment begins: only the work of the change of control, against V under the segment before
  step,    // the heat since the last booking, then the work of the change to this step's drive
  settle,  // the heat since the last booking
};

// `sum`: [kSums] of the current state. kT: since the last booking.
SWELL_INLINE void book(const Books& books, int64_t trajectory, const double (&sum)[kSums], Booking booking, double kT) {
  const double now = sum[kInner] - sum[kDrive];
  double before = books.last_energy[trajectory];
  if (booking == Booking::step || booking == Booking::settle) {
    const double settled = booking == Booking::settle ? now : sum[kInner] - sum[kDrivenBy];
    const double heat = before - settled;
    books.heat[trajectory] += heat;
    if (kT > 0) books.entropy[trajectory] += heat / kT;
    before = settled;
  }
  if (booking == Booking::change || booking == Booking::step) books.work[trajectory] += now - before;
  books.last_energy[trajectory] = now;
}

}  // namespace swell::cuda
