#include "swell/engine/cuda/launch.h"

// Dense products in single precision: one fused multiply-add after the other in ascending order of the other unit, as
// the cpu engine sums, so that states have its bytes. A block takes a tile of trajectories and units, a thread some
// rows and nine columns of its sums in registers. Then the sums go through shared memory, so that each thread updates
// whole quads, neighbours side by side.
namespace swell::cuda {

namespace {

constexpr int kDepth = 8;    // numbers of a row that are read together
constexpr int kColumns = 9;  // of a thread: two quads and one
constexpr int kStages = 4;   // of rows in shared memory

template <int kRowQuads_, int kWarpRows_, int kWarpColumns_, int kBlocks_>
struct Shape {
  static constexpr int kRowQuads = kRowQuads_, kRows = 4 * kRowQuads;  // of a thread
  static constexpr int kRowGroups = 4 * kWarpRows_, kColumnGroups = 8 * kWarpColumns_, kWarpColumns = kWarpColumns_;
  static constexpr int kThreads = 32 * kWarpRows_ * kWarpColumns_, kBlocks = kBlocks_;
  static constexpr int kTrajectories = kRows * kRowGroups, kUnits = kColumns * kColumnGroups;
  // Floats from one number of all rows to the next: four banks on, or an odd multiple of them.
  static constexpr int kPitch = kTrajectories + 4, kUnitPitch = kUnits + 4;
  static constexpr int kStage = kDepth * (kPitch + kUnitPitch);
  static constexpr int kSums = kTrajectories * kUnitPitch;
  static constexpr int kSharedFloats = kStages * kStage > kSums ? kStages* kStage : kSums;
  static_assert(kTileTrajectories % kTrajectories == 0 && tile_units(Element::f32) % kUnits == 0);
};
// 132 tiles of 192 x 216 of 1296 units and 4096 trajectories are one for each multiprocessor of a Hopper device.
using Large = Shape<3, 4, 3, 1>;
using Small = Shape<2, 4, 2, 2>;  // 128 x 144
using Tiny = Shape<1, 4, 1, 4>;   // 64 x 72

// Copies the next numbers of a tile's rows into a stage, each to its place; eight threads have a row. Banks differ,
// since a row of numbers is four banks on from the one before.
template <class Tile>
struct Loader {
  static constexpr int kRowsAtOnce = Tile::kThreads / kDepth;
  const float *x, *J;
  int64_t x_stride, J_stride;
  uint32_t to;  // in shared memory

  __device__ Loader(const Step& step, const Dense& dense, const float* shared)
      : x_stride(step.trajectory_stride * kRowsAtOnce), J_stride(dense.row * kRowsAtOnce) {
    const int row = threadIdx.x / kDepth, k = threadIdx.x % kDepth;
    x = step.x + (int64_t{blockIdx.y} * Tile::kTrajectories + row) * step.trajectory_stride + k;
    J = static_cast<const float*>(dense.J) + (int64_t{blockIdx.x} * Tile::kUnits + row) * dense.row + k;
    to = static_cast<uint32_t>(__cvta_generic_to_shared(shared + k * Tile::kPitch + row));
  }
  __device__ __forceinline__ void load(int depth) const {
    constexpr uint32_t kFloat = sizeof(float);
    const int64_t at = int64_t{depth} * kDepth;
    const uint32_t stage = to + depth % kStages * Tile::kStage * kFloat;
#pragma unroll
    for (int r = 0; r < Tile::kTrajectories / kRowsAtOnce; ++r)
      copy(stage + r * kRowsAtOnce * kFloat, x + r * x_stride + at);
    const int k = threadIdx.x % kDepth;
    const uint32_t units = stage + (kDepth * Tile::kPitch + k * (Tile::kUnitPitch - Tile::kPitch)) * kFloat;
#pragma unroll
    for (int r = 0; r < (Tile::kUnits + kRowsAtOnce - 1) / kRowsAtOnce; ++r) {
      const bool whole = (r + 1) * kRowsAtOnce <= Tile::kUnits;
      if (whole || r * kRowsAtOnce + static_cast<int>(threadIdx.x) / kDepth < Tile::kUnits)
        copy(units + r * kRowsAtOnce * kFloat, J + r * J_stride + at);
    }
  }

 private:
  static __device__ __forceinline__ void copy(uint32_t to, const float* from) {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(from) : "memory");
  }
};

// Of a thread: rows 4 * row + {0..3} in each kRowQuads-th part of the tile, columns likewise, and one more.
struct Groups {
  int row, column;
};
template <class Tile>
__device__ __forceinline__ Groups groups_of_thread() {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  return {warp / Tile::kWarpColumns * 4 + lane / 8, warp % Tile::kWarpColumns * 8 + lane % 8};
}

template <class Tile>
__device__ __forceinline__ void multiply_add(const float* stage, Groups at, float (&sum)[Tile::kRows][kColumns]) {
  const float* const x_rows = stage + 4 * at.row;
  const float* const J_rows = stage + kDepth * Tile::kPitch;
#pragma unroll
  for (int k = 0; k < kDepth; ++k) {
    Four x[Tile::kRowQuads];
    float J[kColumns];
#pragma unroll
    for (int q = 0; q < Tile::kRowQuads; ++q) x[q] = four_at(x_rows + k * Tile::kPitch + q * 4 * Tile::kRowGroups);
    const float* const from = J_rows + k * Tile::kUnitPitch;
#pragma unroll
    for (int q = 0; q < 2; ++q) {
      const Four four = four_at(from + (q * Tile::kColumnGroups + at.column) * 4);
#pragma unroll
      for (int i = 0; i < 4; ++i) J[4 * q + i] = four.v[i];
    }
    J[8] = from[8 * Tile::kColumnGroups + at.column];
#pragma unroll
    for (int r = 0; r < Tile::kRows; ++r) {
#pragma unroll
      for (int c = 0; c < kColumns; ++c) sum[r][c] = __fmaf_rn(J[c], x[r / 4].v[r % 4], sum[r][c]);
    }
  }
}

template <class Tile>
__device__ __forceinline__ void leave_sums(float* shared, Groups at, const float (&sum)[Tile::kRows][kColumns]) {
#pragma unroll
  for (int r = 0; r < Tile::kRows; ++r) {
    float* const to = shared + (r / 4 * 4 * Tile::kRowGroups + 4 * at.row + r % 4) * Tile::kUnitPitch;
#pragma unroll
    for (int q = 0; q < 2; ++q) {
      const float* const four = sum[r] + 4 * q;
      four_at(to + (q * Tile::kColumnGroups + at.column) * 4) = {{four[0], four[1], four[2], four[3]}};
    }
    to[8 * Tile::kColumnGroups + at.column] = sum[r][8];
  }
}

// task(trajectory, quad, sums of its four units) for all quads of the block's tile.
template <class Tile, class Task>
__device__ __forceinline__ void with_products(const Step& step, const Dense& dense, Task task) {
  extern __shared__ __align__(16) float shared_floats[];
  const int64_t first_trajectory = int64_t{blockIdx.y} * Tile::kTrajectories,
                first_unit = int64_t{blockIdx.x} * Tile::kUnits;
  float sum[Tile::kRows][kColumns] = {};
  const Groups at = groups_of_thread<Tile>();
  const int depths = static_cast<int>((dense.units + kDepth - 1) / kDepth);
  const Loader<Tile> loader(step, dense, shared_floats);
  for (int d = 0; d < kStages - 1; ++d) {
    if (d < depths) loader.load(d);
    asm volatile("cp.async.commit_group;" ::: "memory");
  }
  for (int d = 0; d < depths; ++d) {
    asm volatile("cp.async.wait_group %0;" ::"n"(kStages - 2) : "memory");
    __syncthreads();  // these rows are there, and all have left the stage of the ones before
    if (d + kStages - 1 < depths) loader.load(d + kStages - 1);
    asm volatile("cp.async.commit_group;" ::: "memory");
    multiply_add<Tile>(shared_floats + d % kStages * Tile::kStage, at, sum);
  }
  __syncthreads();
  leave_sums<Tile>(shared_floats, at, sum);
  __syncthreads();
  constexpr int kQuads = Tile::kUnits / kQuad;
  for (int n = threadIdx.x; n < Tile::kTrajectories * kQuads; n += Tile::kThreads) {
    const int64_t t = first_trajectory + n / kQuads, quad = first_unit / kQuad + n % kQuads;
    if (t < step.trajectories && quad < step.quads)
      task(t, quad, four_at(shared_floats + n / kQuads * Tile::kUnitPitch + n % kQuads * kQuad));
  }
}

template <class Tile, StepKind kind>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    update_tile(const __grid_constant__ Step step, const __grid_constant__ Dense dense) {
  with_products<Tile>(step, dense,
                      [&](int64_t t, int64_t quad, const Four& field) { update_quad<kind>(step, t, quad, field); });
}

__global__ void __launch_bounds__(Small::kThreads, Small::kBlocks)
    multiply_tile(const __grid_constant__ Step step, const __grid_constant__ Dense dense, float* field) {
  with_products<Small>(step, dense,
                       [&](int64_t t, int64_t quad, const Four& sums) { put_states(step, field, t, quad, sums); });
}

template <class Tile>
dim3 grid_of(const Step& step) {
  return {blocks_for(step.units, Tile::kUnits), blocks_for(step.trajectories, Tile::kTrajectories)};
}

template <class Tile, class Kernel, class... Arguments>
void launch(Kernel* kernel, const Step& step, const char* what, const Arguments&... arguments) {
  constexpr int kBytes = Tile::kSharedFloats * static_cast<int>(sizeof(float));
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes), "give a kernel its memory");
  kernel<<<grid_of<Tile>(step), Tile::kThreads, kBytes>>>(step, arguments...);
  check(cudaGetLastError(), what);
}

// The time of a step in tiles, in multiples of one sum: as many rounds as the fullest multiprocessor has tiles, and
// what is read for each.
template <class Tile>
double time_of(const Step& step) {
  const dim3 grid = grid_of<Tile>(step);
  const int64_t tiles = int64_t{grid.x} * grid.y, rounds = (tiles + multiprocessors() - 1) / multiprocessors();
  return static_cast<double>(rounds) *
         (Tile::kTrajectories * Tile::kUnits + 8.0 * (Tile::kTrajectories + Tile::kUnits));
}

template <class Tile>
void update_in(const Step& step, const Dense& dense) {
  launch<Tile>(kind_of(step) == StepKind::plain ? update_tile<Tile, StepKind::plain> : update_tile<Tile, StepKind::any>,
               step, "take a step", dense);
}

}  // namespace

void update_dense_f32(const Step& step, const Dense& dense) {
  const double large = time_of<Large>(step), small = time_of<Small>(step), tiny = time_of<Tiny>(step);
  if (large <= small && large <= tiny) return update_in<Large>(step, dense);
  small <= tiny ? update_in<Small>(step, dense) : update_in<Tiny>(step, dense);
}

void multiply_f32(const Step& step, const Dense& dense, float* field) {
  launch<Small>(multiply_tile, step, "multiply", dense, field);
}

}  // namespace swell::cuda
