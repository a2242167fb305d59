#include "swell/engine/cuda/launch.h"
//
#include "swell/engine/cuda/device.h"
#include "swell/engine/cuda/wgmma.h"

// Loops that do one thing as fast as the device can: the ceilings of the step's figures.
namespace swell::cuda {

namespace {

constexpr int kThreads = 384, kChains = 16, kRounds = 2048, kUnits = 224, kRows = 192 + kUnits;

__global__ void __launch_bounds__(kThreads) multiply_adds(float factor, float* out) {
  float sum[kChains];
  for (int c = 0; c < kChains; ++c) sum[c] = static_cast<float>(threadIdx.x + c);
  for (int r = 0; r < kRounds; ++r) {
#pragma unroll
    for (int c = 0; c < kChains; ++c) sum[c] = __fmaf_rn(sum[c], factor, 1e-7f);
  }
  float all = 0;
  for (int c = 0; c < kChains; ++c) all += sum[c];
  out[int64_t{blockIdx.x} * kThreads + threadIdx.x] = all;
}

// Products out of shared memory as those of a step's tiles, of numbers at random.
template <Element kElement>
__global__ void __launch_bounds__(kThreads, 1) tensor_products(float* out) {
  extern __shared__ __align__(1024) char shared[];
  for (int k = threadIdx.x; k < kRows * 16; k += kThreads) {
    // Sizes from 1 to 2, either sign.
    const uint32_t bits = threefry4x32_20(Words4{static_cast<uint32_t>(k), 0, 0, 0}, Words4{1, 2, 3, 4}).a;
    reinterpret_cast<uint32_t*>(shared)[k] =
        kElement == Element::bf16 ? (bits & 0x807f807fu) | 0x3f803f80u : (bits & 0x807fe000u) | 0x3f800000u;
  }
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
  __syncthreads();
  const auto base = static_cast<uint32_t>(__cvta_generic_to_shared(shared));
  const uint64_t x = wgmma_rows(base + threadIdx.x / 128 * 4096), J = wgmma_rows(base + 192 * 64);
  float sum[kUnits / 2] = {};
  for (int r = 0; r < kRounds / 4; ++r) {
    wgmma_fence();
#pragma unroll
    for (int part = 0; part < 4; ++part) Wgmma<kUnits, kElement>::multiply_add(sum, x + part % 2 * 2, J + part % 2 * 2);
    wgmma_commit();
    wgmma_wait<0>();
  }
  float all = 0;
  for (float& each : sum) {
    wgmma_settled(each);
    all += each;
  }
  out[int64_t{blockIdx.x} * kThreads + threadIdx.x] = all;
}

struct Timer {
  cudaEvent_t from, to;
  Timer() {
    check(cudaEventCreate(&from), "keep time");
    check(cudaEventCreate(&to), "keep time");
  }
  ~Timer() {
    cudaEventDestroy(from);
    cudaEventDestroy(to);
  }
  // Seconds of the best of a few calls, after some that warm up.
  template <class Launch>
  double best(Launch launch) {
    float least = 1e30f;
    for (int k = 0; k < 12; ++k) {
      check(cudaEventRecord(from), "keep time");
      launch();
      check(cudaEventRecord(to), "keep time");
      check(cudaEventSynchronize(to), "measure its peak");
      float ms = 0;
      check(cudaEventElapsedTime(&ms, from, to), "keep time");
      if (k >= 4 && ms < least) least = ms;
    }
    return 1e-3 * least;
  }
};

}  // namespace

double peak_flops(Element element) {
  const int blocks = multiprocessors() * (element == Element::f32 ? 4 : 1), bytes = kRows * 64;
  auto* const out = static_cast<float*>(device()->allocate(sizeof(float) * blocks * kThreads));
  Timer timer;
  double seconds = 0, operations = 2.0 * blocks * kThreads * kChains * kRounds;
  if (element == Element::f32) {
    seconds = timer.best([&] { multiply_adds<<<blocks, kThreads>>>(0.999f, out); });
  } else {
    operations = 2.0 * blocks * 192 * kUnits * (element == Element::bf16 ? 16 : 8) * kRounds;
    const auto kernel = element == Element::bf16 ? tensor_products<Element::bf16> : tensor_products<Element::tf32>;
    seconds = timer.best([&] { kernel<<<blocks, kThreads, bytes>>>(out); });
  }
  device()->release(out);
  return operations / seconds;
}

}  // namespace swell::cuda
