// The dense Langevin step, built once per instruction set (SWELL_KERNEL_NAMESPACE). Forces in single precision with one
// fused multiply-add per coupling in a fixed order, so that every instruction set gives the same bits; books in double.

#include "swell/engine/cpu/kernel.h"
#include "swell/engine/cpu/lanes.h"
#include "swell/physics/langevin.h"
#include "swell/physics/onsite.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void multiply(int64_t m, int64_t n, int64_t k, const double* a, int64_t lda, const double* b, int64_t ldb, double* c,
              int64_t ldc);

namespace {

// field[row][lane] += sum_k J[row][k] x[k][lane] over one piece and Blocks lane blocks, columns in ascending order.
template <int Blocks>
SWELL_INLINE void add_piece(const Piece& piece, const float* x, float* field, int64_t block_stride) {
  Lanes sum[kPanelRows][Blocks];
#pragma GCC unroll 6
  for (int row = 0; row < kPanelRows; ++row) {
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) sum[row][b] = load(field + b * block_stride + (piece.row + row) * kLanes);
  }
  const float* w = piece.weights;
  const float* const end = x + int64_t{piece.last} * kLanes;
  for (const float* column = x + int64_t{piece.first} * kLanes; column != end; column += kLanes, w += kPanelRows) {
    Lanes state[Blocks];
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) state[b] = load(column + b * block_stride);
#pragma GCC unroll 6
    for (int row = 0; row < kPanelRows; ++row) {
#pragma GCC unroll 4
      for (int b = 0; b < Blocks; ++b) sum[row][b] = multiply_add(w[row], state[b], sum[row][b]);
    }
  }
#pragma GCC unroll 6
  for (int row = 0; row < kPanelRows; ++row) {
#pragma GCC unroll 4
    for (int b = 0; b < Blocks; ++b) store(field + b * block_stride + (piece.row + row) * kLanes, sum[row][b]);
  }
}

// The coupling field of all units of a tile, left in tile.next until the move overwrites it.
void couple(Tile& tile, const StepPlan& plan) {
  const int64_t stride = tile.padded_units * kLanes;
  for (int64_t i = 0; i < tile.lane_blocks * stride; ++i) tile.next[i] = 0;
  for (int64_t p = 0; p < plan.piece_count; ++p) {
    const Piece& piece = plan.pieces[p];
    int b = 0;
#ifdef __AVX512F__
    for (; b + 4 <= tile.lane_blocks; b += 4) add_piece<4>(piece, tile.x + b * stride, tile.next + b * stride, stride);
#endif
    for (; b < tile.lane_blocks; ++b) add_piece<1>(piece, tile.x + b * stride, tile.next + b * stride, stride);
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

// Energies of a slab: without the drive, and the overlap of pattern and state that the drive multiplies.
SWELL_INLINE void book_slab(const Tile& tile, const StepPlan& plan, int64_t slab, int b, const float (*g)[kLanes],
                            double (*inner)[kLanes], double (*overlap)[kMaxGroups][kLanes]) {
  const int64_t base = (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
  for (int row = 0; row < kSlabRows; ++row) {
    const int64_t unit = slab * kSlabRows + row;
    const float* x = tile.x + base + row * kLanes;
    const double J2 = plan.units.J2_book[unit], J3 = plan.units.J3_book[unit], J4 = plan.units.J4_book[unit];
    const double bias = plan.units.bias_book[unit];
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane) {
      const double place = static_cast<double>(x[lane]);
      inner[b][lane] += unit_energy(place, static_cast<double>(g[row][lane]), J2, J3, J4, bias);
    }
    if (!plan.driven || !tile.pattern) continue;
    const float* pattern = tile.pattern + base + row * kLanes;
    double* sum = overlap[b][plan.units.group[unit]];
#pragma omp simd
    for (int lane = 0; lane < kLanes; ++lane)
      sum[lane] += static_cast<double>(pattern[lane]) * static_cast<double>(x[lane]);
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

struct Sums {
  double inner[kMaxLaneBlocks][kLanes];
  double overlap[kMaxLaneBlocks][kMaxGroups][kLanes];
};

void clear(Sums& sums, const Tile& tile, const StepPlan& plan) {
  for (int b = 0; b < tile.lane_blocks; ++b) {
    for (int lane = 0; lane < kLanes; ++lane) sums.inner[b][lane] = 0;
    for (int group = 0; group < plan.groups; ++group) {
      for (int lane = 0; lane < kLanes; ++lane) sums.overlap[b][group][lane] = 0;
    }
  }
}

SWELL_INLINE void book_heat(Tile& tile, int at, double heat, double kT) {
  tile.heat[at] += heat;
  if (kT > 0) tile.entropy[at] += heat / kT;
}

double driven_energy(const Sums& sums, const StepPlan& plan, const double* drive, int b, int lane) {
  double energy = sums.inner[b][lane];
  for (int group = 0; group < plan.groups; ++group) energy -= drive[group] * sums.overlap[b][group][lane];
  return energy;
}

// Passes over the tile once: sums for the books and, where `move` is set, the step k into tile.next.
void pass(Tile& tile, const StepPlan& plan, int64_t k, bool move, Sums& sums) {
  clear(sums, tile, plan);
  alignas(64) static const float kNoField[kSlabRows][kLanes] = {};
  alignas(64) float r[kSlabRows][kLanes];
  const float root_kT = __builtin_sqrtf(static_cast<float>(plan.kT[k]));
  const uint64_t draw = static_cast<uint64_t>(plan.first_step + k) + (plan.average_noise ? 1u : 0u);
  if (plan.pieces) couple(tile, plan);
  for (int b = 0; b < tile.lane_blocks; ++b) {
    for (int64_t slab = 0; slab < tile.padded_units / kSlabRows; ++slab) {
      const float* field = tile.next + (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes;
      const float(*g)[kLanes] = plan.pieces ? reinterpret_cast<const float(*)[kLanes]>(field) : kNoField;
      book_slab(tile, plan, slab, b, g, sums.inner, sums.overlap);
      if (!move) continue;
      slab_noise(tile, draw, slab, b, r);
      if (plan.average_noise) average_noise(tile, slab, b, r);
      move_slab(tile, plan, k, slab, b, g, r, root_kT);
    }
  }
}

// Books of the moment before step k: the heat of step k - 1 under its control, then the work of changing to control k.
void book_step(Tile& tile, const StepPlan& plan, int64_t k, const Sums& sums) {
  const double* drive = plan.drive + k * plan.groups;
  for (int b = 0; b < tile.lane_blocks; ++b) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const int at = b * kLanes + lane;
      const double now = driven_energy(sums, plan, drive, b, lane);
      double before = tile.last_energy[at];
      if (k > 0) {
        before = driven_energy(sums, plan, drive - plan.groups, b, lane);
        book_heat(tile, at, tile.last_energy[at] - before, plan.kT[k - 1]);
      }
      tile.work[at] += now - before;
      tile.last_energy[at] = now;
    }
  }
}

void advance(Tile& tile, const StepPlan& plan, int64_t from, int64_t to) {
  Sums sums;
  for (int64_t k = from; k < to; ++k) {
    pass(tile, plan, k, true, sums);
    book_step(tile, plan, k, sums);
    float* const old = tile.x;
    tile.x = tile.next;
    tile.next = old;
  }
}

void settle(Tile& tile, const StepPlan& plan) {
  Sums sums;
  const int64_t last = plan.steps - 1;
  pass(tile, plan, last, false, sums);
  for (int b = 0; b < tile.lane_blocks; ++b) {
    for (int lane = 0; lane < kLanes; ++lane) {
      const int at = b * kLanes + lane;
      const double now = driven_energy(sums, plan, plan.drive + last * plan.groups, b, lane);
      book_heat(tile, at, tile.last_energy[at] - now, plan.kT[last]);
      tile.last_energy[at] = now;
    }
  }
}

void begin(Tile& tile, const StepPlan& plan) {
  Sums sums;
  pass(tile, plan, 0, false, sums);
  for (int b = 0; b < tile.lane_blocks; ++b) {
    for (int lane = 0; lane < kLanes; ++lane)
      tile.last_energy[b * kLanes + lane] = driven_energy(sums, plan, plan.drive, b, lane);
  }
}

void fill_noise(Tile& tile, uint64_t step) {
  for (int64_t slab = 0; slab < tile.padded_units / kSlabRows; ++slab) {
    for (int b = 0; b < tile.lane_blocks; ++b) {
      slab_noise(tile, step, slab, b,
                 reinterpret_cast<float(*)[kLanes]>(tile.noise +
                                                    (int64_t{b} * tile.padded_units + slab * kSlabRows) * kLanes));
    }
  }
}

}  // namespace

extern const Kernels kStepKernels;
const Kernels kStepKernels = {SWELL_KERNEL_ISA, advance, settle, begin, fill_noise, multiply};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
