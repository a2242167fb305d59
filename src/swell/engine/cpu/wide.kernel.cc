// The Langevin step with trajectories side by side, built once per instruction set (SWELL_KERNEL_NAMESPACE). Forces in
// single precision with one fused multiply-add per coupling in a fixed order, so that every instruction set gives the
// same bits; books in double.

#include "swell/engine/cpu/books.h"
#include "swell/engine/cpu/kernel.h"
#include "swell/engine/cpu/lanes.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

namespace {

// The operands of one column (f32) or one pair of columns (bf16): kPanelRows weights, and states of a lane block.
struct Single {
  using State = Lanes;
  static constexpr int64_t kColumns = 1;
  static const float* weights(const Piece& piece) { return piece.weights; }
  static const float* states(const Tile& tile) { return tile.x; }
  static State load_state(const float* p) { return load(p); }
  static Lanes add(float w, State x, Lanes sum) { return multiply_add(w, x, sum); }
};
struct Paired {
  using State = Pairs;
  static constexpr int64_t kColumns = 2;
  static const uint32_t* weights(const Piece& piece) { return piece.pairs; }
  static const uint32_t* states(const Tile& tile) { return tile.pairs; }
  static State load_state(const uint32_t* p) { return load_pairs(p); }
  static Lanes add(uint32_t w, State x, Lanes sum) { return multiply_add(all_pairs(w), x, sum); }
};

// field[row][lane] += sum_k J[row][k] x[k][lane] over one piece and Blocks lane blocks, columns in ascending order.
template <class Operand, int Blocks>
SWELL_INLINE void add_piece(const Piece& piece, const Tile& tile, int first_block) {
  const int64_t stride = tile.padded_units * kLanes, state_stride = stride / Operand::kColumns;
  float* field = tile.next + first_block * stride + piece.row * kLanes;
  Lanes sum[kPanelRows][Blocks];
#pragma GCC unroll 6
  for (int row = 0; row < kPanelRows; ++row) {
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) sum[row][b] = load(field + b * stride + row * kLanes);
  }
  const auto* w = Operand::weights(piece);
  const auto* x = Operand::states(tile) + first_block * state_stride;
  const auto* const end = x + piece.last / Operand::kColumns * kLanes;
  for (const auto* column = x + piece.first / Operand::kColumns * kLanes; column != end;
       column += kLanes, w += kPanelRows) {
    typename Operand::State state[Blocks];
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) state[b] = Operand::load_state(column + b * state_stride);
#pragma GCC unroll 6
    for (int row = 0; row < kPanelRows; ++row) {
#pragma GCC unroll 4
      for (int b = 0; b < Blocks; ++b) sum[row][b] = Operand::add(w[row], state[b], sum[row][b]);
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < kPanelRows; ++row) {
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) store(field + b * stride + row * kLanes, sum[row][b]);
  }
}

int lane_blocks(const Tile& tile) { return tile.slots / kLanes; }

// Rounds the states of a tile to bf16 in pairs of units.
void round_states(Tile& tile) {
  const int64_t pairs = int64_t{lane_blocks(tile)} * tile.padded_units / 2;
  for (int64_t k = 0; k < pairs; ++k) {
    const float* x = tile.x + 2 * k * kLanes;
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane)
      tile.pairs[k * kLanes + lane] = bf16_bits(x[lane]) | bf16_bits(x[lane + kLanes]) << 16;
  }
}

template <class Operand>
void add_pieces(Tile& tile, const StepPlan& plan) {
  const int blocks = lane_blocks(tile);
  for (int64_t p = 0; p < plan.piece_count; ++p) {
    int b = 0;
#ifdef __AVX512F__
    for (; b + 4 <= blocks; b += 4) add_piece<Operand, 4>(plan.pieces[p], tile, b);
#endif
    for (; b < blocks; ++b) add_piece<Operand, 1>(plan.pieces[p], tile, b);
  }
}

// The dense coupling field of all units of a tile, left in tile.next until the move overwrites it.
void couple(Tile& tile, const StepPlan& plan) {
  for (int64_t i = 0; i < tile.slots * tile.padded_units; ++i) tile.next[i] = 0;
  if (plan.bf16) {
    round_states(tile);
    add_pieces<Paired>(tile, plan);
  } else {
    add_pieces<Single>(tile, plan);
  }
}

// The coupling field of one slab and one lane block: what couple() left, and the sparse rows.
SWELL_INLINE void slab_field(const Tile& tile, const StepPlan& plan, int64_t slab, int b, float (*g)[kLanes]) {
  const float* x = tile.x + int64_t{b} * tile.padded_units * kLanes;
  const float* dense = tile.next + (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
  const SparseRows& sparse = plan.sparse;
  for (int row = 0; row < kSlabRows; ++row) {
    Lanes sum = plan.pieces ? load(dense + row * kLanes) : zeros();
    const int64_t unit = slab * kSlabRows + row;
    if (sparse.row_start && unit < plan.unit_count) {
      for (int64_t e = sparse.row_start[unit]; e < sparse.row_start[unit + 1]; ++e) {
        sum = multiply_add(sparse.weight[e], load(x + int64_t{sparse.column[e]} * kLanes), sum);
      }
    }
    store(g[row], sum);
  }
}

// Standard normals of one slab and one lane block, [kSlabRows][kLanes].
SWELL_INLINE void slab_noise(const Tile& tile, uint64_t step, int64_t slab, int b, float (*r)[kLanes]) {
  const uint64_t first = tile.first_trajectory + static_cast<uint64_t>(b) * kLanes;
  const uint32_t low = static_cast<uint32_t>(first), high = static_cast<uint32_t>(first >> 32);
  for (int quad = 0; quad < kSlabRows / kNormalsPerBlock; ++quad) {
    const uint32_t block = static_cast<uint32_t>(slab * (kSlabRows / kNormalsPerBlock) + quad);
    float(*out)[kLanes] = r + quad * kNormalsPerBlock;
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) {
      const uint32_t number = low + static_cast<uint32_t>(lane);
      const Normals4 four = normals_from(noise_words(tile.key, block, step, number, high + (number < low ? 1u : 0u)));
      out[0][lane] = four.a;
      out[1][lane] = four.b;
      out[2][lane] = four.c;
      out[3][lane] = four.d;
    }
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

// Energies of a slab: without the drive, and the overlap of pattern and state that the drive multiplies.
SWELL_INLINE void book_slab(const Tile& tile, const StepPlan& plan, int64_t slab, int b, const float (*g)[kLanes],
                            Sums& sums) {
  const int64_t base = (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
  for (int row = 0; row < kSlabRows; ++row) {
    const int64_t unit = slab * kSlabRows + row;
    const float* x = tile.x + base + row * kLanes;
    const auto J2 = static_cast<double>(plan.units.J2[unit]), J3 = static_cast<double>(plan.units.J3[unit]);
    const auto J4 = static_cast<double>(plan.units.J4[unit]), bias = static_cast<double>(plan.units.bias[unit]);
    double* inner = sums.inner[b][row % kParts];
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) {
      const double place = static_cast<double>(x[lane]);
      inner[lane] += unit_energy(place, static_cast<double>(g[row][lane]), J2, J3, J4, bias);
    }
    if (!plan.driven || !tile.pattern) continue;
    const float* pattern = tile.pattern + base + row * kLanes;
    double* overlap = sums.overlap[b][plan.units.group[unit]][row % kParts];
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane)
      overlap[lane] += static_cast<double>(pattern[lane]) * static_cast<double>(x[lane]);
  }
}

// The new positions of a slab.
SWELL_INLINE void move_slab(Tile& tile, const StepPlan& plan, int64_t k, int64_t slab, int b, const float (*g)[kLanes],
                            const float (*r)[kLanes], float root_kT) {
  const int64_t base = (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
  for (int row = 0; row < kSlabRows; ++row) {
    const int64_t unit = slab * kSlabRows + row;
    const UnitTable& u = plan.units;
    const float J2 = u.J2[unit], J3 = u.J3[unit], J4 = u.J4[unit], bias = u.bias[unit];
    const float mobility_dt = u.mobility_dt[unit], amplitude = u.noise_scale[unit] * root_kT;
    const bool forced = plan.driven && tile.pattern != nullptr;
    const float drive = forced ? static_cast<float>(plan.drive[k * plan.groups + u.group[unit]]) : 0.0f;
    const float* pattern = forced ? tile.pattern + base + row * kLanes : tile.x + base + row * kLanes;
    const float* x = tile.x + base + row * kLanes;
    float* next = tile.next + base + row * kLanes;
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) {
      const float gradient = unit_gradient(x[lane], g[row][lane], J2, J3, J4, bias, drive * pattern[lane]);
      next[lane] = langevin_step(x[lane], gradient, mobility_dt, amplitude, r[row][lane]);
    }
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
  alignas(64) float g[kSlabRows][kLanes] = {};
  alignas(64) float r[kSlabRows][kLanes];
  const bool coupled = plan.pieces || plan.sparse.row_start;
  const float root_kT = __builtin_sqrtf(static_cast<float>(plan.kT[k]));
  const uint64_t draw = static_cast<uint64_t>(plan.first_step + k) + (plan.average_noise ? 1u : 0u);
  if (plan.pieces) couple(tile, plan);
  for (int64_t slab = 0; slab < tile.padded_units / kSlabRows; ++slab) {
    for (int b = 0; b < blocks; ++b) {
      if (coupled) slab_field(tile, plan, slab, b, g);
      if constexpr (kBooks) book_slab(tile, plan, slab, b, g, sums);
      if (!move) continue;
      slab_noise(tile, draw, slab, b, r);
      if (plan.average_noise) average_noise(tile, slab, b, r);
      move_slab(tile, plan, k, slab, b, g, r, root_kT);
    }
  }
  leave_sums(sums, tile, plan.groups);
}

void fill_noise(Tile& tile, uint64_t step) {
  for (int64_t slab = 0; slab < tile.padded_units / kSlabRows; ++slab) {
    for (int b = 0; b < lane_blocks(tile); ++b) {
      slab_noise(tile, step, slab, b,
                 reinterpret_cast<float(*)[kLanes]>(tile.noise +
                                                    (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes));
    }
  }
}

}  // namespace

extern const StepKernels kWideKernels;
const StepKernels kWideKernels = {advance<pass>, settle<pass>, begin<pass>, fill_noise};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
