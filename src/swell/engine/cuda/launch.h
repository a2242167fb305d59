#pragma once

#include "swell/engine/cuda/device_words.h"
//
#include <cuda_runtime.h>

#include "swell/engine/cuda/device_calls.h"

// What the device's sources share. Only they include this.
namespace swell::cuda {

// Throws IoError where a call or the kernel before it failed. `what` it was to do.
void check(cudaError_t error, const char* what);

inline unsigned blocks_for(int64_t items, int threads) {
  return static_cast<unsigned>((items + threads - 1) / threads);
}

int multiprocessors();

// Products with what stands behind them (dense_f32.cu, dense_tensor.cu).
void update_dense_f32(const Step& step, const Dense& dense);
void multiply_f32(const Step& step, const Dense& dense, float* field);
void update_dense_tensor(const Step& step, const Dense& dense, int64_t steps);
// p-bits (bits.cu).
void sweep_bits(const BitSweep& sweep);

}  // namespace swell::cuda
