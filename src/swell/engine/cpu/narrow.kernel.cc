// The Langevin step with units side by side, for tiles of few trajectories: J is read once for all of them. Sums run in
// the order of wide.kernel.cc, so a trajectory has the same bits in either layout.

#include "swell/engine/cpu/books.h"
#include "swell/engine/cpu/kernel.h"
#include "swell/engine/cpu/saturate.h"
#include "swell/kernels/lanes.h"
#include "swell/kernels/noise.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

namespace {

constexpr int kStripLanes = kStripRows / kLanes;
// Trajectories, and registers of a strip's rows, whose sums fit into the registers.
#ifdef __AVX512F__
constexpr int kTogether = 6, kLanesTogether = kStripLanes;
#elif defined(__wasm_simd128__)
constexpr int kTogether = 2, kLanesTogether = 2;
#else
constexpr int kTogether = 1, kLanesTogether = kStripLanes;
#endif

// The operands of one column (f32) or one pair of columns: weights of kLanes rows, and one state for all, of the
// trajectories from one on.
struct Single {
  using Weights = Lanes;
  static constexpr int64_t kColumns = 1, kParts = 1;
  const float* x;
  Single(const Tile& tile, int first) : x(tile.x + first * tile.padded_units) {}
  static int64_t stride(const Tile& tile) { return tile.padded_units; }
  static const float* weights(const Piece& piece) { return piece.weights; }
  static Weights load_weights(const float* p) { return load(p); }
  Lanes add(Weights w, int64_t offset, Lanes sum) const { return multiply_add(x[offset], w, sum); }
};
struct Paired {
  using Weights = Pairs;
  static constexpr int64_t kColumns = 2, kParts = 1;
  const uint32_t* x;
  Paired(const Tile& tile, int first) : x(tile.pairs + first * tile.pair_stride) {}
  static int64_t stride(const Tile& tile) { return tile.pair_stride; }
  static const uint32_t* weights(const Piece& piece) { return piece.pairs; }
  static Weights load_weights(const uint32_t* p) { return load_pairs(p); }
  Lanes add(Weights w, int64_t offset, Lanes sum) const { return multiply_add(w, all_pairs(x[offset]), sum); }
};
// Jh xl, Jh xh, Jl xh, each pair after the other.
struct Split {
  struct Weights {
    Pairs high, low;
  };
  static constexpr int64_t kColumns = 2, kParts = 2;
  const uint32_t *high, *low;
  Split(const Tile& tile, int first)
      : high(tile.pairs + first * tile.pair_stride), low(tile.rests + first * tile.pair_stride) {}
  static int64_t stride(const Tile& tile) { return tile.pair_stride; }
  static const uint32_t* weights(const Piece& piece) { return piece.pairs; }
  static Weights load_weights(const uint32_t* p) { return {load_pairs(p), load_pairs(p + kStripRows)}; }
  Lanes add(const Weights& w, int64_t offset, Lanes sum) const {
    const Pairs upper = all_pairs(high[offset]), lower = all_pairs(low[offset]);
    return multiply_add(w.low, upper, multiply_add(w.high, upper, multiply_add(w.high, lower, sum)));
  }
};

// field[row] += sum_k J[row][k] x[k] over one piece for `Count` trajectories, columns in ascending order: the strip's
// registers from first_lanes on.
template <class Operand, int Count>
SWELL_INLINE void add_lanes(const Piece& piece, const Tile& tile, int first, int first_lanes) {
  const int64_t stride = tile.padded_units, state_stride = Operand::stride(tile);
  float* field = tile.next + first * stride + piece.row + first_lanes * kLanes;
  const Operand x(tile, first);
  Lanes sum[Count][kLanesTogether];
#pragma GCC unroll 6
  for (int t = 0; t < Count; ++t) {
#pragma GCC unroll 4
    for (int v = 0; v < kLanesTogether; ++v) sum[t][v] = load(field + t * stride + v * kLanes);
  }
  const auto* w = Operand::weights(piece) + first_lanes * kLanes;
  const int64_t last = piece.last / Operand::kColumns;
  for (int64_t column = piece.first / Operand::kColumns; column < last; ++column, w += Operand::kParts * kStripRows) {
#pragma GCC unroll 4
    for (int v = 0; v < kLanesTogether; ++v) {
      const typename Operand::Weights weights = Operand::load_weights(w + v * kLanes);
#pragma GCC unroll 6
      for (int t = 0; t < Count; ++t) sum[t][v] = x.add(weights, t * state_stride + column, sum[t][v]);
    }
  }
#pragma GCC unroll 6
  for (int t = 0; t < Count; ++t) {
#pragma GCC unroll 4
    for (int v = 0; v < kLanesTogether; ++v) store(field + t * stride + v * kLanes, sum[t][v]);
  }
}

template <class Operand, int Count>
SWELL_INLINE void add_piece(const Piece& piece, const Tile& tile, int first) {
#pragma GCC unroll 4
  for (int v = 0; v < kStripLanes; v += kLanesTogether) add_lanes<Operand, Count>(piece, tile, first, v);
}

template <class Operand, int Count>
SWELL_INLINE void add_rest(int count, const Piece& piece, const Tile& tile, int first) {
  if constexpr (Count > 0) {
    if (count == Count)
      add_piece<Operand, Count>(piece, tile, first);
    else
      add_rest<Operand, Count - 1>(count, piece, tile, first);
  }
}

template <class Operand>
void add_pieces(Tile& tile, const StepPlan& plan) {
  for (int64_t p = 0; p < plan.piece_count; ++p) {
    int t = 0;
    for (; t + kTogether <= tile.slots; t += kTogether) add_piece<Operand, kTogether>(plan.pieces[p], tile, t);
    add_rest<Operand, kTogether - 1>(tile.slots - t, plan.pieces[p], tile, t);
  }
}

// A block off the diagonal, read once for the rows' fields and, turned, for the columns'.
SWELL_INLINE void add_block(const Piece& piece, const Tile& tile, int t) {
  constexpr int kGroup = 8;  // pairs of columns whose sums are folded together
  const uint32_t* x = tile.pairs + t * tile.pair_stride;
  float* field = tile.next + t * tile.padded_units;
  Lanes sum[kStripLanes];
  Pairs row_states[kStripLanes];
#pragma GCC unroll 4
  for (int v = 0; v < kStripLanes; ++v) {
    sum[v] = load(field + piece.row + v * kLanes);
    row_states[v] = twice_each(x + (piece.row + v * kLanes) / 2);
  }
  const uint32_t* w = piece.pairs;
  for (int32_t column = piece.first; column < piece.last; column += 2 * kGroup) {
    Lanes across[kGroup];
    // Two pairs at a time, whose sums do not wait for each other.
#pragma GCC unroll 4
    for (int p = 0; p < kGroup; p += 2, w += 2 * kStripRows) {
      const Pairs one = all_pairs(x[column / 2 + p]), two = all_pairs(x[column / 2 + p + 1]);
      across[p] = across[p + 1] = zeros();
#pragma GCC unroll 4
      for (int v = 0; v < kStripLanes; ++v) {
        const Pairs first = load_pairs(w + v * kLanes), second = load_pairs(w + kStripRows + v * kLanes);
        sum[v] = multiply_add(first, one, sum[v]);
        across[p] = multiply_add(turned(first), row_states[v], across[p]);
        across[p + 1] = multiply_add(turned(second), row_states[v], across[p + 1]);
        sum[v] = multiply_add(second, two, sum[v]);
      }
    }
    store(field + column, add(load(field + column), fold(across)));
  }
#pragma GCC unroll 4
  for (int v = 0; v < kStripLanes; ++v) store(field + piece.row + v * kLanes, sum[v]);
}

void add_triangle(Tile& tile, const StepPlan& plan) {
  for (int64_t p = 0; p < plan.piece_count; ++p) {
    const Piece& piece = plan.pieces[p];
    for (int t = 0; t < tile.slots; ++t) {
      if (piece.row == piece.first)
        add_piece<Paired, 1>(piece, tile, t);
      else
        add_block(piece, tile, t);
    }
  }
}

// The dense coupling field of all units of a tile, left in tile.next until the move overwrites it.
void couple(Tile& tile, const StepPlan& plan) {
  const int64_t size = tile.slots * tile.padded_units;
  for (int64_t i = 0; i < size; ++i) tile.next[i] = 0;
  if (plan.products == Products::single) return add_pieces<Single>(tile, plan);
  for (int64_t k = 0; k < size / 2; ++k) tile.pairs[k] = bf16_bits(tile.x[2 * k]) | bf16_bits(tile.x[2 * k + 1]) << 16;
  if (plan.products == Products::pairs) return add_pieces<Paired>(tile, plan);
  if (plan.products == Products::triangle) return add_triangle(tile, plan);
  for (int64_t k = 0; k < size / 2; ++k) tile.rests[k] = bf16_rest(tile.x[2 * k]) | bf16_rest(tile.x[2 * k + 1]) << 16;
  add_pieces<Split>(tile, plan);
}

// Whether the slices of a strip are one and the same stencil (PackedCouplings keeps equal ones once).
SWELL_INLINE bool one_stencil(const Slice* slices) {
  bool same = slices[0].stencil != 0;
  for (int v = 1; v < kStripLanes; ++v) same = same && slices[v].weights == slices[0].weights;
  return same;
}

// The coupling field of one strip of one trajectory: what couple() left, and the sparse rows.
SWELL_INLINE void strip_field(const Tile& tile, const StepPlan& plan, int64_t strip, int t, float* g) {
  const float* x = tile.x + t * tile.padded_units;
  const float* dense = tile.next + t * tile.padded_units + strip * kStripRows;
  if (plan.slices && one_stencil(plan.slices + strip * kStripLanes)) {
    const Slice& slice = plan.slices[strip * kStripLanes];
    Lanes sum[kStripLanes];
#pragma GCC unroll 4
    for (int v = 0; v < kStripLanes; ++v) sum[v] = plan.pieces ? load(dense + v * kLanes) : zeros();
    const float *w = slice.weights, *base = x + strip * kStripRows;
    for (int32_t k = 0; k < slice.width; ++k, w += kLanes) {
      const Lanes weights = load(w);
      const float* from = base + slice.columns[k];
#pragma GCC unroll 4
      for (int v = 0; v < kStripLanes; ++v) sum[v] = multiply_add(weights, load_unaligned(from + v * kLanes), sum[v]);
    }
#pragma GCC unroll 4
    for (int v = 0; v < kStripLanes; ++v) store(g + v * kLanes, sum[v]);
    return;
  }
  for (int v = 0; v < kStripLanes; ++v) {
    Lanes sum = plan.pieces ? load(dense + v * kLanes) : zeros();
    if (plan.slices) {
      const Slice& slice = plan.slices[strip * kStripLanes + v];
      const float* w = slice.weights;
      if (slice.stencil) {
        const float* base = x + strip * kStripRows + v * kLanes;
        for (int32_t k = 0; k < slice.width; ++k, w += kLanes)
          sum = multiply_add(load(w), load_unaligned(base + slice.columns[k]), sum);
      } else {
        const int32_t* index = slice.columns;
        for (int32_t k = 0; k < slice.width; ++k, w += kLanes, index += kLanes)
          sum = multiply_add(load(w), gather(x, index), sum);
      }
    }
    store(g + v * kLanes, sum);
  }
}

// Standard normals of kGroups strips of one trajectory.
SWELL_INLINE void strips_noise(const Tile& tile, uint64_t step, int64_t strip, int t, float (*r)[kStripRows]) {
  draw_strips(tile.key, step, tile.first_trajectory + static_cast<uint64_t>(t), strip, r);
}

// Sums of a pass in their four parts, per trajectory.
typedef float FloatParts __attribute__((vector_size(kParts * sizeof(float)), may_alias));
typedef double DoubleParts __attribute__((vector_size(kParts * sizeof(double))));
struct Sums {
  DoubleParts inner[kMaxNarrow];
  double overlap[kMaxNarrow][kMaxGroups][kParts];
};

void clear(Sums& sums, int slots, int groups) {
  for (int t = 0; t < slots; ++t) {
    sums.inner[t] = DoubleParts{};
    for (int group = 0; group < groups; ++group) {
      for (int part = 0; part < kParts; ++part) sums.overlap[t][group][part] = 0;
    }
  }
}

void leave_sums(const Sums& sums, Tile& tile, int groups) {
  for (int t = 0; t < tile.slots; ++t) {
    const DoubleParts inner = sums.inner[t];
    tile.inner[t] = join(inner[0], inner[1], inner[2], inner[3]);
    for (int group = 0; group < groups; ++group) {
      const double* part = sums.overlap[t][group];
      tile.overlap[group * tile.slots + t] = join(part[0], part[1], part[2], part[3]);
    }
  }
}

// One pass over the units of a strip: their energies without the drive and, where it moves, their new positions.
// force(i): of the drive.
template <bool moves, class Force>
SWELL_INLINE void pass_strip(Tile& tile, const StepPlan& plan, int64_t strip, int t, const float* g, const float* r,
                             float root_kT, Force force, Sums& sums) {
  const int64_t base = t * tile.padded_units + strip * kStripRows;
  const UnitStrip& u = *plan.units[strip];
  const float* x = tile.x + base;
  float* next = tile.next + base;
  alignas(64) float energy[kStripRows];
#pragma omp simd
  for (int i = 0; i < kStripRows; ++i) {
    if constexpr (kBooks) energy[i] = unit_energy(x[i], g[i], u.J2[i], u.J3[i], u.J4[i], u.bias[i]);
    if constexpr (moves) {
      const float gradient = unit_gradient(x[i], g[i], u.J2[i], u.J3[i], u.J4[i], u.bias[i], force(i));
      next[i] = langevin_step(x[i], gradient, u.mobility_dt[i], u.noise_scale[i] * root_kT, r[i]);
    }
  }
  if constexpr (!kBooks) return;
  static_assert(kStripRows % kSumUnits == 0 && kSumUnits == 4 * kParts);
  const FloatParts* e = reinterpret_cast<const FloatParts*>(energy);
  DoubleParts inner = sums.inner[t];
  for (int k = 0; k < kStripRows / kParts; k += kSumUnits / kParts)
    inner += __builtin_convertvector(((e[k] + e[k + 1]) + e[k + 2]) + e[k + 3], DoubleParts);
  sums.inner[t] = inner;
}

// The overlap of pattern and state that the drive multiplies in the energy.
SWELL_INLINE void overlap_strip(const Tile& tile, const StepPlan& plan, int64_t strip, int t, Sums& sums) {
  const int64_t base = t * tile.padded_units + strip * kStripRows;
  const UnitStrip& u = *plan.units[strip];
  const float *x = tile.x + base, *pattern = tile.pattern + base;
  for (int i = 0; i < kStripRows; ++i)
    sums.overlap[t][u.group[i]][i % kParts] += static_cast<double>(pattern[i]) * static_cast<double>(x[i]);
}

// Leimkuhler-Matthews: replaces the new draws R_{k+1} by (R_k + R_{k+1})/2 and keeps R_{k+1}.
SWELL_INLINE void average_noise(Tile& tile, int64_t strip, int t, float* r) {
  float* kept = tile.noise + t * tile.padded_units + strip * kStripRows;
  for (int i = 0; i < kStripRows; ++i) {
    const float fresh = r[i];
    r[i] = 0.5f * (kept[i] + fresh);
    kept[i] = fresh;
  }
}

void pass(Tile& tile, const StepPlan& plan, int64_t k, bool move) {
  Sums sums;
  clear(sums, tile.slots, plan.groups);
  alignas(64) float g[kStripRows] = {};
  alignas(64) float r[kMaxNarrow][kGroups][kStripRows];
  const bool coupled = plan.pieces || plan.slices, driven = plan.driven && tile.pattern;
  const double* drive = plan.drive + k * plan.groups;
  const float root_kT = __builtin_sqrtf(static_cast<float>(plan.kT[k]));
  const uint64_t draw = static_cast<uint64_t>(plan.first_draw + k) + (plan.average_noise ? 1u : 0u);
  const auto no_force = [](int) { return 0.0f; };
  Tile seen = tile;  // by couplings
  if (plan.saturation) {
    saturate<1>(tile, plan, tile.slots);
    seen.x = tile.put;
  }
  if (plan.pieces) couple(seen, plan);
  for (int64_t strip = 0; strip * kStripRows < plan.unit_count; ++strip) {
    const int64_t ready = strip % kGroups;
    for (int t = 0; t < tile.slots; ++t) {
      if (coupled) strip_field(seen, plan, strip, t, g);
      if (kBooks && driven) overlap_strip(tile, plan, strip, t, sums);
      if (!move) {
        pass_strip<false>(tile, plan, strip, t, g, nullptr, root_kT, no_force, sums);
        continue;
      }
      if (ready == 0) strips_noise(tile, draw, strip, t, r[t]);
      float* const noise = r[t][ready];
      if (plan.average_noise) average_noise(tile, strip, t, noise);
      if (!driven) {
        pass_strip<true>(tile, plan, strip, t, g, noise, root_kT, no_force, sums);
        continue;
      }
      alignas(64) float force[kStripRows];
      const float* pattern = tile.pattern + t * tile.padded_units + strip * kStripRows;
      for (int i = 0; i < kStripRows; ++i)
        force[i] = static_cast<float>(drive[plan.units[strip]->group[i]]) * pattern[i];
      pass_strip<true>(
          tile, plan, strip, t, g, noise, root_kT, [&](int i) { return force[i]; }, sums);
    }
  }
  leave_sums(sums, tile, plan.groups);
}

void fill_noise(Tile& tile, uint64_t step) {
  fill_normals(tile.key, tile.first_trajectory, tile.slots, step, tile.padded_units, tile.noise);
}

}  // namespace

extern const StepKernels kNarrowKernels;
const StepKernels kNarrowKernels = {advance<pass>, settle<pass>, begin<pass>, fill_noise};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
