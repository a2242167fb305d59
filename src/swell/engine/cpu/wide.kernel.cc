// The Langevin step with trajectories side by side, built once per instruction set (SWELL_KERNEL_NAMESPACE). Forces in
// single precision with one fused multiply-add per coupling in a fixed order, so that every instruction set gives the
// same bits; sums of the books in double.

#include "swell/engine/cpu/books.h"
#include "swell/engine/cpu/kernel.h"
#include "swell/engine/cpu/saturate.h"
#include "swell/kernels/lanes.h"
#include "swell/kernels/noise.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

// tiles.kernel.cc
void add_tile_pairs(Tile& tile, const StepPlan& plan);
void add_tile_split(Tile& tile, const StepPlan& plan);

namespace {

// The operands of one column (f32) or one pair of columns: kPanelRows weights, and states of the lane blocks from one
// on.
struct Single {
  using State = Lanes;
  static constexpr int64_t kColumns = 1, kParts = 1;
  const float* x;
  Single(const Tile& tile, int block) : x(tile.x + block * tile.padded_units * kLanes) {}
  static const float* weights(const Piece& piece) { return piece.weights; }
  static int64_t stride(const Tile& tile) { return tile.padded_units * kLanes; }
  State state(int64_t offset) const { return load(x + offset); }
  static Lanes add(const float* w, State x, Lanes sum) { return multiply_add(*w, x, sum); }
};
struct Paired {
  using State = Pairs;
  static constexpr int64_t kColumns = 2, kParts = 1;
  const uint32_t* x;
  Paired(const Tile& tile, int block) : x(tile.pairs + block * tile.pair_stride) {}
  static const uint32_t* weights(const Piece& piece) { return piece.pairs; }
  static int64_t stride(const Tile& tile) { return tile.pair_stride; }
  State state(int64_t offset) const { return load_pairs(x + offset); }
  static Lanes add(const uint32_t* w, State x, Lanes sum) { return multiply_add(all_pairs(*w), x, sum); }
};
// Jh xl, Jh xh, Jl xh, each pair after the other.
struct Split {
  struct State {
    Pairs high, low;
  };
  static constexpr int64_t kColumns = 2, kParts = 2;
  const uint32_t *high, *low;
  Split(const Tile& tile, int block)
      : high(tile.pairs + block * tile.pair_stride), low(tile.rests + block * tile.pair_stride) {}
  static const uint32_t* weights(const Piece& piece) { return piece.pairs; }
  static int64_t stride(const Tile& tile) { return tile.pair_stride; }
  State state(int64_t offset) const { return {load_pairs(high + offset), load_pairs(low + offset)}; }
  static Lanes add(const uint32_t* w, const State& x, Lanes sum) {
    const Pairs upper = all_pairs(w[0]), lower = all_pairs(w[kPanelRows]);
    return multiply_add(lower, x.high, multiply_add(upper, x.high, multiply_add(upper, x.low, sum)));
  }
};

#ifdef __wasm_simd128__
constexpr int kRowsTogether = 2;  // rows of a panel whose sums fit into the registers
#else
constexpr int kRowsTogether = kPanelRows;
#endif

// field[row][lane] += sum_k J[row][k] x[k][lane] over one piece and Blocks lane blocks, columns in ascending order: the
// rows of a panel from `first_row` on.
template <class Operand, int Blocks>
SWELL_INLINE void add_rows(const Piece& piece, const Tile& tile, int first_block, int first_row) {
  const int64_t stride = tile.padded_units * kLanes;
  float* field = tile.next + first_block * stride + (piece.row + first_row) * kLanes;
  Lanes sum[kRowsTogether][Blocks];
#pragma GCC unroll 6
  for (int row = 0; row < kRowsTogether; ++row) {
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) sum[row][b] = load(field + b * stride + row * kLanes);
  }
  const auto* w = Operand::weights(piece) + first_row;
  const Operand x(tile, first_block);
  const int64_t last = piece.last / Operand::kColumns, block_stride = Operand::stride(tile);
  for (int64_t column = piece.first / Operand::kColumns; column < last; ++column, w += Operand::kParts * kPanelRows) {
    typename Operand::State state[Blocks];
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) state[b] = x.state(column * kLanes + b * block_stride);
#pragma GCC unroll 6
    for (int row = 0; row < kRowsTogether; ++row) {
#pragma GCC unroll 4
      for (int b = 0; b < Blocks; ++b) sum[row][b] = Operand::add(w + row, state[b], sum[row][b]);
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < kRowsTogether; ++row) {
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) store(field + b * stride + row * kLanes, sum[row][b]);
  }
}

template <class Operand, int Blocks>
SWELL_INLINE void add_piece(const Piece& piece, const Tile& tile, int first_block) {
#pragma GCC unroll 3
  for (int row = 0; row < kPanelRows; row += kRowsTogether) add_rows<Operand, Blocks>(piece, tile, first_block, row);
}

int lane_blocks(const Tile& tile) { return tile.slots / kLanes; }

// Rounds the states of a tile to bf16 in pairs of units; `split` leaves the rests as well.
template <bool split>
void round_states(Tile& tile) {
  for (int b = 0; b < lane_blocks(tile); ++b) {
    const float* x = tile.x + b * tile.padded_units * kLanes;
    uint32_t* const pairs = tile.pairs + b * tile.pair_stride;
    uint32_t* const rests = split ? tile.rests + b * tile.pair_stride : nullptr;
    for (int64_t k = 0; k < tile.padded_units / 2; ++k, x += 2 * kLanes) {
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        const float even = x[lane], odd = x[lane + kLanes];
        pairs[k * kLanes + lane] = bf16_bits(even) | bf16_bits(odd) << 16;
        if constexpr (split) rests[k * kLanes + lane] = bf16_rest(even) | bf16_rest(odd) << 16;
      }
    }
  }
}

// One piece for the last lane blocks of a tile, fewer than fit into the registers.
template <class Operand, int Blocks>
SWELL_INLINE void add_rest(int blocks, const Piece& piece, const Tile& tile, int first_block) {
  if constexpr (Blocks > 0) {
    if (blocks == Blocks)
      add_piece<Operand, Blocks>(piece, tile, first_block);
    else
      add_rest<Operand, Blocks - 1>(blocks, piece, tile, first_block);
  }
}

// Together: lane blocks whose sums and states fit into the registers.
template <class Operand, int Together>
void add_pieces(Tile& tile, const StepPlan& plan) {
  const int blocks = lane_blocks(tile);
  for (int64_t p = 0; p < plan.piece_count; ++p) {
    int b = 0;
    for (; b + Together <= blocks; b += Together) add_piece<Operand, Together>(plan.pieces[p], tile, b);
    add_rest<Operand, Together - 1>(blocks - b, plan.pieces[p], tile, b);
  }
}

#ifdef __AVX512F__
constexpr int kTogether = 4, kSplitTogether = 2;
#else
constexpr int kTogether = 1, kSplitTogether = 1;
#endif

// The dense coupling field of all units of a tile, left in tile.next until the move overwrites it.
void couple(Tile& tile, const StepPlan& plan) {
  for (int64_t i = 0; i < tile.slots * tile.padded_units; ++i) tile.next[i] = 0;
  switch (plan.products) {
    case Products::single:
      return add_pieces<Single, kTogether>(tile, plan);
    case Products::triangle:  // narrow only
      return;
    case Products::pairs:
      round_states<false>(tile);
      return add_pieces<Paired, kTogether>(tile, plan);
    case Products::split:
      round_states<true>(tile);
      return add_pieces<Split, kSplitTogether>(tile, plan);
    case Products::tile_pairs:
      round_states<false>(tile);
      return add_tile_pairs(tile, plan);
    case Products::tile_split:
      round_states<true>(tile);
      return add_tile_split(tile, plan);
  }
}

// States of sparse rows beyond this size (no second-level cache holds them) are asked for a slab ahead where they are
// scattered, so that they arrive while noise is made; couplings, read once per step, are kept from driving them out of
// the third.
constexpr int64_t kFarFloats = 1 << 20;
constexpr int64_t kEntriesAhead = 256;
bool is_far(const Tile& tile, const StepPlan& plan) {
  return plan.sparse.row_start && tile.slots * tile.padded_units > kFarFloats;
}

// The coupling field of one slab and `Blocks` lane blocks: what couple() left, and the sparse rows, each entry read
// once for all blocks.
template <int Blocks>
SWELL_INLINE void slab_field(const Tile& tile, const StepPlan& plan, int64_t slab, bool far,
                             float (*g)[kSlabRows][kLanes]) {
  const int64_t stride = tile.padded_units * kLanes;
  const float* dense = tile.next + slab * kSlabRows * kLanes;
  const SparseRows& sparse = plan.sparse;
  for (int row = 0; row < kSlabRows; ++row) {
    Lanes sum[Blocks];
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) sum[b] = plan.pieces ? load(dense + b * stride + row * kLanes) : zeros();
    const int64_t unit = slab * kSlabRows + row;
    if (sparse.row_start && unit < plan.unit_count) {
      if (far) {
        __builtin_prefetch(sparse.column + sparse.row_start[unit] + kEntriesAhead, 0, 0);
        __builtin_prefetch(sparse.weight + sparse.row_start[unit] + kEntriesAhead, 0, 0);
      }
      for (int64_t e = sparse.row_start[unit]; e < sparse.row_start[unit + 1]; ++e) {
        const float* x = tile.x + int64_t{sparse.column[e]} * kLanes;
        const float weight = sparse.weight[e];
#pragma GCC unroll 4
        for (int b = 0; b < Blocks; ++b) sum[b] = multiply_add(weight, load(x + b * stride), sum[b]);
      }
    }
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) store(g[b][row], sum[b]);
  }
}

void slab_fields(const Tile& tile, const StepPlan& plan, int64_t slab, bool far, float (*g)[kSlabRows][kLanes]) {
  static_assert(kMaxLaneBlocks == 4);
  switch (tile.slots / kLanes) {
    case 1:
      return slab_field<1>(tile, plan, slab, far, g);
    case 2:
      return slab_field<2>(tile, plan, slab, far, g);
    case 3:
      return slab_field<3>(tile, plan, slab, far, g);
    default:
      return slab_field<4>(tile, plan, slab, far, g);
  }
}

// Asks for the states that half a slab of rows will read.
SWELL_INLINE void ask_ahead(const Tile& tile, const StepPlan& plan, int64_t unit, int b) {
  const auto within = [&](int64_t row) { return row < plan.unit_count ? row : plan.unit_count; };
  const float* x = tile.x + b * tile.padded_units * kLanes;
  const int64_t last = plan.sparse.row_start[within(unit + kSlabRows / 2)];
  for (int64_t e = plan.sparse.row_start[within(unit)]; e < last; ++e)
    __builtin_prefetch(x + int64_t{plan.sparse.column[e]} * kLanes);
}

// Standard normals of one slab and one lane block, [kSlabRows][kLanes].
SWELL_INLINE void slab_noise(const Tile& tile, uint64_t step, int64_t slab, int b, float* r) {
  constexpr int kQuads = kSlabRows / kNormalsPerBlock;
  static_assert(kQuads % kGroups == 0);
  const uint64_t first = tile.first_trajectory + static_cast<uint64_t>(b) * kLanes;
  const uint32_t low = static_cast<uint32_t>(first), high = static_cast<uint32_t>(first >> 32);
  for (int quad = 0; quad < kQuads; quad += kGroups) {
    BlockCounters at;
    for (int g = 0; g < kGroups; ++g) {
      for (int lane = 0; lane < kLanes; ++lane) {
        const uint32_t number = low + static_cast<uint32_t>(lane);
        at.block[g * kLanes + lane] = static_cast<uint32_t>(slab * kQuads + quad + g);
        at.trajectory_low[g * kLanes + lane] = number;
        at.trajectory_high[g * kLanes + lane] = high + (number < low ? 1u : 0u);
      }
    }
    draw_normals(tile.key, step, at, r + quad * kNormalsPerBlock * kLanes);
  }
}

// Sums of a pass in their four parts, per lane.
struct Sums {
  alignas(64) double inner[kMaxLaneBlocks][kParts][kLanes];
  alignas(64) double overlap[kMaxLaneBlocks][kMaxGroups][kParts][kLanes];
};

void clear(Sums& sums, int blocks, int groups) {
  for (int b = 0; b < blocks; ++b) {
    for (int part = 0; part < kParts; ++part) {
      for (int lane = 0; lane < kLanes; ++lane) sums.inner[b][part][lane] = 0;
    }
    for (int group = 0; group < groups; ++group) {
      for (int part = 0; part < kParts; ++part) {
        for (int lane = 0; lane < kLanes; ++lane) sums.overlap[b][group][part][lane] = 0;
      }
    }
  }
}

void leave_sums(const Sums& sums, Tile& tile, int groups) {
  for (int slot = 0; slot < tile.slots; ++slot) {
    const int b = slot / kLanes, lane = slot % kLanes;
    const auto& inner = sums.inner[b];
    tile.inner[slot] = join(inner[0][lane], inner[1][lane], inner[2][lane], inner[3][lane]);
    for (int group = 0; group < groups; ++group) {
      const auto& part = sums.overlap[b][group];
      tile.overlap[group * tile.slots + slot] = join(part[0][lane], part[1][lane], part[2][lane], part[3][lane]);
    }
  }
}

const UnitStrip& strip_of(const StepPlan& plan, int64_t slab) { return *plan.units[slab * kSlabRows / kStripRows]; }
SWELL_INLINE int64_t in_strip(int64_t slab, int row) { return slab * kSlabRows % kStripRows + row; }

// One pass over the units of a slab: their energies without the drive and, where it moves, their new positions.
// force(row, lane): of the drive.
template <bool moves, class Force>
SWELL_INLINE void pass_slab(Tile& tile, const StepPlan& plan, int64_t slab, int b, const float (*g)[kLanes],
                            const float (*r)[kLanes], float root_kT, Force force, Sums& sums) {
  const int64_t base = (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
  const UnitStrip& u = strip_of(plan, slab);
  static_assert(kSlabRows == kSumUnits);
  for (int part = 0; part < kParts; ++part) {
    alignas(64) float energy[kLanes];
    for (int row = part; row < kSlabRows; row += kParts) {
      const int64_t unit = in_strip(slab, row);
      const float J2 = u.J2[unit], J3 = u.J3[unit], J4 = u.J4[unit], bias = u.bias[unit];
      const float mobility_dt = u.mobility_dt[unit], amplitude = u.noise_scale[unit] * root_kT;
      const float* x = tile.x + base + row * kLanes;
      float* next = tile.next + base + row * kLanes;
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) {
        if constexpr (kBooks) {
          const float here = unit_energy(x[lane], g[row][lane], J2, J3, J4, bias);
          energy[lane] = row == part ? here : energy[lane] + here;
        }
        if constexpr (moves) {
          const float gradient = unit_gradient(x[lane], g[row][lane], J2, J3, J4, bias, force(row, lane));
          next[lane] = langevin_step(x[lane], gradient, mobility_dt, amplitude, r[row][lane]);
        }
      }
    }
    if constexpr (kBooks) {
      double* inner = sums.inner[b][part];
#pragma omp simd
      for (int lane = 0; lane < kLanes; ++lane) inner[lane] += static_cast<double>(energy[lane]);
    }
  }
}

// The overlap of pattern and state that the drive multiplies in the energy.
SWELL_INLINE void overlap_slab(const Tile& tile, const StepPlan& plan, int64_t slab, int b, Sums& sums) {
  const int64_t base = (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
  const UnitStrip& u = strip_of(plan, slab);
  for (int row = 0; row < kSlabRows; ++row) {
    const float* x = tile.x + base + row * kLanes;
    const float* pattern = tile.pattern + base + row * kLanes;
    double* overlap = sums.overlap[b][u.group[in_strip(slab, row)]][row % kParts];
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane)
      overlap[lane] += static_cast<double>(pattern[lane]) * static_cast<double>(x[lane]);
  }
}

// Leimkuhler-Matthews: replaces the new draws R_{k+1} by (R_k + R_{k+1})/2 and keeps R_{k+1}.
SWELL_INLINE void average_noise(Tile& tile, int64_t slab, int b, float (*r)[kLanes]) {
  float* kept = tile.noise + (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
  for (int row = 0; row < kSlabRows; ++row) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const float fresh = r[row][lane];
      r[row][lane] = 0.5f * (kept[row * kLanes + lane] + fresh);
      kept[row * kLanes + lane] = fresh;
    }
  }
}

void pass(Tile& tile, const StepPlan& plan, int64_t k, bool move) {
  Sums sums;
  const int blocks = lane_blocks(tile);
  clear(sums, blocks, plan.groups);
  alignas(64) float g[kMaxLaneBlocks][kSlabRows][kLanes] = {};
  alignas(64) float r[kSlabRows][kLanes];
  const bool coupled = plan.pieces || plan.sparse.row_start, driven = plan.driven && tile.pattern;
  const bool far = is_far(tile, plan);
  const float root_kT = __builtin_sqrtf(static_cast<float>(plan.kT[k]));
  const double* drive = plan.drive + k * plan.groups;
  const uint64_t draw = static_cast<uint64_t>(plan.first_draw + k) + (plan.average_noise ? 1u : 0u);
  const auto no_force = [](int, int) { return 0.0f; };
  Tile seen = tile;  // by couplings
  if (plan.saturation) {
    saturate<kLanes>(tile, plan, blocks);
    seen.x = tile.put;
  }
  if (plan.pieces) couple(seen, plan);
  for (int64_t slab = 0; slab * kSlabRows < plan.unit_count; ++slab) {
    if (coupled) slab_fields(seen, plan, slab, far, g);
    for (int b = 0; b < blocks; ++b) {
      if (kBooks && driven) overlap_slab(tile, plan, slab, b, sums);
      if (!move) {
        pass_slab<false>(tile, plan, slab, b, g[b], r, root_kT, no_force, sums);
        continue;
      }
      if (far && plan.scattered) ask_ahead(seen, plan, (slab + 1) * kSlabRows, b);
      slab_noise(tile, draw, slab, b, r[0]);
      if (far && plan.scattered) ask_ahead(seen, plan, (slab + 1) * kSlabRows + kSlabRows / 2, b);
      if (plan.average_noise) average_noise(tile, slab, b, r);
      if (!driven) {
        pass_slab<true>(tile, plan, slab, b, g[b], r, root_kT, no_force, sums);
        continue;
      }
      const float* pattern = tile.pattern + (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
      float amplitude[kSlabRows];
      for (int row = 0; row < kSlabRows; ++row)
        amplitude[row] = static_cast<float>(drive[strip_of(plan, slab).group[in_strip(slab, row)]]);
      const auto force = [&](int row, int lane) { return amplitude[row] * pattern[row * kLanes + lane]; };
      pass_slab<true>(tile, plan, slab, b, g[b], r, root_kT, force, sums);
    }
  }
  leave_sums(sums, tile, plan.groups);
}

void fill_noise(Tile& tile, uint64_t step) {
  for (int64_t slab = 0; slab < tile.padded_units / kSlabRows; ++slab) {
    for (int b = 0; b < lane_blocks(tile); ++b) {
      slab_noise(tile, step, slab, b, tile.noise + (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes);
    }
  }
}

}  // namespace

extern const StepKernels kWideKernels;
const StepKernels kWideKernels = {advance<pass>, settle<pass>, begin<pass>, fill_noise};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
