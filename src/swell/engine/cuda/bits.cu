#include "swell/engine/cuda/launch.h"
//
#include "swell/engine/cuda/bits.h"

// p-bits in bits: neighbouring threads have the words of a tile, then neighbouring slots.
namespace swell::cuda {

namespace {

constexpr int kThreads = 256, kSlotsAtOnce = kThreads / kTileWords;
constexpr int64_t kMostSlots = (1 << kCountPlanes) - 1;  // of a thread

template <int Planes>
__global__ void __launch_bounds__(kThreads) sweep_colour(const __grid_constant__ BitSweep sweep) {
  __shared__ int32_t flips[pbits::kBitReplicas];
  for (int r = threadIdx.x; r < pbits::kBitReplicas; r += kThreads) flips[r] = 0;
  __syncthreads();
  const int lane = threadIdx.x % kTileWords;
  const int64_t tile = blockIdx.y, stride = int64_t{gridDim.x} * kSlotsAtOnce;
  BitCount count;
  for (int64_t k = int64_t{blockIdx.x} * kSlotsAtOnce + threadIdx.x / kTileWords; k < sweep.count; k += stride)
    count.add(sweep_unit<Planes>(sweep, tile, lane, sweep.first + k));
#pragma unroll
  for (int r = 0; r < pbits::kReplicasPerLane; ++r) {
    if (const int32_t number = count.of(r); number > 0) atomicAdd(&flips[lane * pbits::kReplicasPerLane + r], number);
  }
  __syncthreads();
  auto* const all = reinterpret_cast<unsigned long long*>(sweep.flips) + tile * pbits::kBitReplicas;
  for (int r = threadIdx.x; r < pbits::kBitReplicas; r += kThreads) {
    if (flips[r] > 0) atomicAdd(all + r, static_cast<unsigned long long>(flips[r]));
  }
}

}  // namespace

void sweep_bits(const BitSweep& sweep) {
  // As many blocks as keep the device busy, more where a thread would have too many units to count.
  const int64_t slots = (sweep.count + kSlotsAtOnce - 1) / kSlotsAtOnce, busy = int64_t{16} * multiprocessors();
  const int64_t fewest = (slots + kMostSlots - 1) / kMostSlots, wanted = (busy + sweep.tiles - 1) / sweep.tiles;
  const int64_t blocks = slots < wanted ? slots : wanted > fewest ? wanted : fewest;
  const dim3 grid(static_cast<unsigned>(blocks), static_cast<unsigned>(sweep.tiles));
  if (sweep.most_bonds < 8) {
    sweep_colour<3><<<grid, kThreads>>>(sweep);
  } else if (sweep.most_bonds < 32) {
    sweep_colour<5><<<grid, kThreads>>>(sweep);
  } else {
    sweep_colour<7><<<grid, kThreads>>>(sweep);
  }
  check(cudaGetLastError(), "sweep p-bits");
}

}  // namespace swell::cuda
