#include "swell/engine/cuda/launch.h"
//
#include <string>

#include "swell/base/errors.h"
#include "swell/engine/cuda/device.h"

namespace swell::cuda {

void check(cudaError_t error, const char* what) {
  if (error != cudaSuccess)
    throw IoError(std::string("the device failed to ") + what + ": " + cudaGetErrorString(error));
}

int multiprocessors() {
  static const int count = [] {
    int number = 0;
    check(cudaDeviceGetAttribute(&number, cudaDevAttrMultiProcessorCount, 0), "tell its size");
    return number;
  }();
  return count;
}

namespace {

constexpr int kThreads = 256;

// Calls task(trajectory, quad) for each of a batch: threads of a block side by side in memory.
template <class Task>
__device__ __forceinline__ void for_this_thread(const Step& step, Task task) {
  const int64_t along = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  const bool rows = step.unit_stride == 1;
  if (along >= (rows ? step.quads : step.trajectories)) return;
  for (int64_t across = blockIdx.y; across < (rows ? step.trajectories : step.quads); across += gridDim.y)
    rows ? task(across, along) : task(along, across);
}
struct Grid {
  dim3 blocks;
  unsigned threads;
};
Grid grid_of(const Step& step) {
  constexpr int64_t kMostAcross = 65535;
  const bool rows = step.unit_stride == 1;
  const int64_t along = rows ? step.quads : step.trajectories, across = rows ? step.trajectories : step.quads;
  // Whole warps, few of whose threads are idle.
  const int64_t warps = (along + 31) / 32, blocks = (warps * 32 + kThreads - 1) / kThreads;
  const auto threads = static_cast<unsigned>((warps + blocks - 1) / blocks * 32);
  return {{static_cast<unsigned>(blocks), static_cast<unsigned>(across < kMostAcross ? across : kMostAcross)}, threads};
}

template <StepKind kind>
__global__ void __launch_bounds__(kThreads) update_all(const __grid_constant__ Step step) {
  for_this_thread(step, [&](int64_t t, int64_t quad) { update_quad<kind>(step, t, quad); });
}
__global__ void __launch_bounds__(kThreads) keep_all_noise(const __grid_constant__ Step step) {
  for_this_thread(step, [&](int64_t t, int64_t quad) { keep_noise(step, t, quad); });
}

// One thread per trajectory and unit of a range.
__global__ void __launch_bounds__(kThreads) clamp_units(Step step, int64_t first, int64_t count) {
  const int64_t number = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (number < step.trajectories * count) clamp_unit(step, number / count, first + number % count);
}
__global__ void __launch_bounds__(kThreads)
    copy_rows(Step step, int64_t rows, int64_t first, int64_t units, float* to) {
  const int64_t number = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (number < rows * units) to[number] = step.x[place(step, number / units, first + number % units)];
}
__global__ void __launch_bounds__(kThreads) round_rows(Step step, Dense dense) {
  const int64_t number = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (number >= step.trajectories * step.units) return;
  const int64_t t = number / step.units, unit = number % step.units;
  const float value = step.x[place(step, t, unit)];
  char* const to =
      static_cast<char*>(const_cast<void*>(dense.x)) + operand_at(dense.element, kRowsOfStates, dense.blocks, t, unit);
  if (dense.element == Element::bf16) {
    *reinterpret_cast<uint16_t*>(to) = static_cast<uint16_t>(cpu::bf16_bits(value));
  } else {
    *reinterpret_cast<uint32_t*>(to) = tf32_bits(value);
  }
}

// to[sum][group][trajectory] of kTermsPerSum terms each; one thread per trajectory, group and sum.
__global__ void __launch_bounds__(kThreads)
    add_groups(const double* from, double* to, int64_t count, int64_t groups, int64_t trajectories, int64_t stride) {
  const int64_t t = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (t >= trajectories) return;
  const int64_t group = blockIdx.y, sum = blockIdx.z;
  to[(sum * groups + group) * stride + t] = add_terms(from + sum * count * stride + t, count, stride, group);
}
__global__ void __launch_bounds__(kThreads) book_sums(const double* from, int sums, int64_t trajectories,
                                                      int64_t stride, Books books, Booking booking, double kT) {
  const int64_t t = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (t >= trajectories) return;
  double sum[kSums] = {};
  for (int s = 0; s < sums; ++s) sum[s] = from[s * stride + t];
  book(books, t, sum, booking, kT);
}

void* allocate(size_t bytes) {
  void* memory = nullptr;
  if (cudaMalloc(&memory, bytes) != cudaSuccess) {
    cudaGetLastError();
    throw InputError("the device has no room for " + std::to_string(bytes) +
                     " bytes; fewer trajectories or units would help");
  }
  check(cudaMemset(memory, 0, bytes), "clear its memory");
  return memory;
}
void release(void* memory) { cudaFree(memory); }
void upload(void* to, const void* from, size_t bytes) {
  if (bytes > 0) check(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice), "take data");
}
void download(void* to, const void* from, size_t bytes) {
  if (bytes > 0) check(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost), "give data back");
}
void wait() { check(cudaDeviceSynchronize(), "take its steps"); }
size_t free_bytes() {
  size_t free = 0, total = 0;
  check(cudaMemGetInfo(&free, &total), "tell its memory");
  return free;
}

void update(const Step& step) {
  const Grid grid = grid_of(step);
  kind_of(step) == StepKind::plain ? update_all<StepKind::plain><<<grid.blocks, grid.threads>>>(step)
                                   : update_all<StepKind::any><<<grid.blocks, grid.threads>>>(step);
  check(cudaGetLastError(), "take a step");
}
void update_dense(const Step& step, const Dense& dense, int64_t steps) {
  dense.element == Element::f32 ? update_dense_f32(step, dense) : update_dense_tensor(step, dense, steps);
}
void round_states(const Step& step, const Dense& dense) {
  round_rows<<<blocks_for(step.trajectories * step.units, kThreads), kThreads>>>(step, dense);
  check(cudaGetLastError(), "round states");
}
void clamp(const Step& step, int64_t first, int64_t count) {
  clamp_units<<<blocks_for(step.trajectories * count, kThreads), kThreads>>>(step, first, count);
  check(cudaGetLastError(), "clamp units");
}
void first_noise(const Step& step) {
  const Grid grid = grid_of(step);
  keep_all_noise<<<grid.blocks, grid.threads>>>(step);
  check(cudaGetLastError(), "draw noise");
}

void book_all(const Step& step, double* scratch, const Books& books, Booking booking, double kT) {
  const unsigned sums = step.driven ? kSums : 1, blocks = blocks_for(step.trajectories, kThreads);
  const double* from = step.terms;
  int64_t count = step.quads;
  while (count > 1) {
    const int64_t groups = (count + kTermsPerSum - 1) / kTermsPerSum;
    const dim3 grid(blocks, static_cast<unsigned>(groups), sums);
    add_groups<<<grid, kThreads>>>(from, scratch, count, groups, step.trajectories, step.terms_stride);
    from = scratch;
    scratch += sums * groups * step.terms_stride;
    count = groups;
  }
  book_sums<<<blocks, kThreads>>>(from, static_cast<int>(sums), step.trajectories, step.terms_stride, books, booking,
                                  kT);
  check(cudaGetLastError(), "book");
}

void copy_states(const Step& step, int64_t trajectories, int64_t first_unit, int64_t units, float* rows) {
  copy_rows<<<blocks_for(trajectories * units, kThreads), kThreads>>>(step, trajectories, first_unit, units, rows);
  check(cudaGetLastError(), "copy states");
}

constexpr DeviceCalls kDevice = {allocate,   release,     upload,       download,     wait,
                                 free_bytes, update,      update_dense, multiply_f32, round_states,
                                 clamp,      first_noise, book_all,     copy_states,  sweep_bits};

// Kernels are built for one generation of devices (cuda.cmake).
struct Found {
  std::string name, trouble;
  Found() {
    int count = 0;
    cudaDeviceProp properties{};
    if (const cudaError_t error = cudaGetDeviceCount(&count); error != cudaSuccess || count == 0) {
      cudaGetLastError();
      trouble = std::string("this computer shows none (") + cudaGetErrorString(error) + ")";
    } else if (cudaGetDeviceProperties(&properties, 0) != cudaSuccess) {
      trouble = "the driver does not describe it";
    } else if (cudaFuncAttributes attributes{};
               cudaFuncGetAttributes(&attributes, update_all<StepKind::plain>) != cudaSuccess) {
      cudaGetLastError();
      trouble = std::string("the kernels of this build do not run on ") + properties.name;
    } else {
      name = properties.name;
    }
  }
};
const Found& found() {
  static const Found once;
  return once;
}

}  // namespace

const DeviceCalls* device() { return found().name.empty() ? nullptr : &kDevice; }
std::string device_name() { return found().name; }
std::string why_no_device() { return found().trouble; }

}  // namespace swell::cuda
