#include "swell/engine/cuda/launch.h"
//
#include "swell/engine/cuda/wgmma.h"

// Dense products on the tensor cores. A block takes a tile of trajectories and units, each of its warpgroups 64
// trajectories; operands are copied to shared memory as they lie, 64 bytes of each row at a time. While the tensor
// cores multiply, the same threads draw the noise of their units and take the part of the step that needs no couplings;
// the products are subtracted at the end, in place. At 1296 units and 4096 trajectories 132 tiles of 192 x 216 are one
// for each multiprocessor of a Hopper device.
namespace swell::cuda {

namespace {

constexpr unsigned kStages = 4;  // of rows in shared memory: two on their way, one at work, one being left
constexpr unsigned kAhead = 2;
constexpr int kChunk = 8;  // units of which four neighbouring lanes have two each

// kKept: chunks whose drifted states lie beside the stages. The others are taken at the end, while others are written.
template <int kWarpgroups_, int kUnits_, int kKept_>
struct Shape {
  static constexpr int kWarpgroups = kWarpgroups_, kUnits = kUnits_, kKept = kKept_;
  static constexpr int kThreads = 128 * kWarpgroups, kTrajectories = 64 * kWarpgroups;
  static constexpr int kChunks = kUnits / kChunk;
  static constexpr int kStageBytes = (kTrajectories + kUnits) * static_cast<int>(kBlockBytes);
  static constexpr int kChunkBytes = kThreads * static_cast<int>(sizeof(float4));
  static constexpr int kBarriers = kStages * kStageBytes + kKept * kChunkBytes;                    // where they lie
  static constexpr int kConstants = kBarriers + 2 * kStages * static_cast<int>(sizeof(uint64_t));  // UnitArrays' floats
  static constexpr int kSharedBytes = kConstants + 6 * kUnits * static_cast<int>(sizeof(float));
  static_assert(kStageBytes % 512 == 0 && kUnits % kRowsOfCouplings == 0);
  static_assert(kTileTrajectories % kTrajectories == 0 && kTileUnits % kUnits == 0);
};
using Large = Shape<3, 216, 19>;
using Small = Shape<2, 72, 9>;

// A barrier in shared memory for threads and copies (PTX ISA, mbarrier).
struct Barrier {
  uint32_t address;

  __device__ __forceinline__ void begin(int arrivals) const {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(address), "r"(arrivals) : "memory");
  }
  __device__ __forceinline__ void arrive() const {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(address) : "memory");
  }
  __device__ __forceinline__ void arrive_and_expect(int bytes) const {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(address), "r"(bytes) : "memory");
  }
  // Until the phase of this parity is over.
  __device__ __forceinline__ void wait(int parity) const {
    asm volatile(
        "{\n.reg .pred over;\nagain:\nmbarrier.try_wait.parity.shared::cta.b64 over, [%0], %1;\n@!over bra again;\n}" ::
            "r"(address),
        "r"(parity)
        : "memory");
  }
};

// Copies blocks of operands into the stages.
template <class Tile>
class Loader {
 public:
  __device__ Loader(const Dense& dense, uint32_t shared) : shared_(shared) {
    const int copy = threadIdx.x / 32, group = copy < kStateCopies ? copy : copy - kStateCopies;
    const bool states = copy < kStateCopies;
    copies_ = threadIdx.x % 32 == 0 && copy < kCopies;
    bytes_ = static_cast<int>((states ? kRowsOfStates : kRowsOfCouplings) * kBlockBytes);
    to_ = shared + (states ? 0 : Tile::kTrajectories * static_cast<int>(kBlockBytes)) + group * bytes_;
    const int64_t first = states ? int64_t{blockIdx.y} * kStateCopies + group
                                 : int64_t{blockIdx.x} * (Tile::kUnits / kRowsOfCouplings) + group;
    from_ = static_cast<const char*>(states ? dense.x : dense.J) + first * dense.blocks * bytes_;
    if (threadIdx.x == 0) {
      for (unsigned stage = 0; stage < kStages; ++stage) {
        full(stage).begin(kCopies);
        empty(stage).begin(Tile::kThreads / 32);
      }
      asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    }
    __syncthreads();
  }

  // One of the copies of a block by the first thread of each of so many warps, once all have left its stage.
  __device__ __forceinline__ void load(unsigned block) const {
    const unsigned stage = block % kStages, use = block / kStages;
    if (!copies_) return;
    if (use > 0) empty(stage).wait((use - 1) & 1);
    full(stage).arrive_and_expect(bytes_);
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                     to_ + stage * Tile::kStageBytes),
                 "l"(from_ + int64_t{block} * bytes_), "r"(bytes_), "r"(full(stage).address)
                 : "memory");
  }
  __device__ __forceinline__ uint32_t wait(unsigned block) const {
    full(block % kStages).wait(block / kStages & 1);
    return shared_ + block % kStages * Tile::kStageBytes;
  }
  // By each warp, when its products of the block are there.
  __device__ __forceinline__ void leave(unsigned block) const {
    if (threadIdx.x % 32 == 0) empty(block % kStages).arrive();
  }

 private:
  __device__ Barrier full(unsigned stage) const { return {shared_ + Tile::kBarriers + stage * 8}; }
  __device__ Barrier empty(unsigned stage) const { return {shared_ + Tile::kBarriers + (kStages + stage) * 8}; }
  // Groups of rows of x, then of J.
  static constexpr int kStateCopies = Tile::kTrajectories / kRowsOfStates;
  static constexpr int kCopies = kStateCopies + Tile::kUnits / kRowsOfCouplings;
  static_assert(kCopies <= Tile::kThreads / 32);

  uint32_t shared_, to_;  // where the copy of this thread's warp goes in the first stage
  int bytes_;
  bool copies_;  // whether this thread asks for them
  const char* from_;
};

// Where a thread's units are: two in each chunk, of two trajectories.
struct Place {
  int64_t trajectory, other;  // eight apart
  int64_t unit;               // the first of chunk 0
  float *x, *other_x;         // states there, in place
  const float *pattern, *other_pattern;
};
template <class Tile, bool plain>
__device__ __forceinline__ Place place_of_thread(const Step& step) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t t = int64_t{blockIdx.y} * Tile::kTrajectories + warp * 16 + lane / 4;
  const int64_t unit = int64_t{blockIdx.x} * Tile::kUnits + lane % 4 * 2;
  float* const x = step.next + t * step.trajectory_stride + unit;
  Place at{t, t + 8, unit, x, x + 8 * step.trajectory_stride, nullptr, nullptr};
  if (!plain && step.driven) {
    at.pattern = pattern_of(step, at.trajectory);
    at.other_pattern = pattern_of(step, at.other);
  }
  return at;
}

// What the drift of a chunk takes: the draws of a quad, of even lanes one of the first trajectory, of odd lanes the
// same quad's of the other; and the states of two units of both.
struct Begun {
  Words4 words;
  Two x, other;
};
template <bool plain>
__device__ __forceinline__ Begun begin_chunk(const Step& step, const Place& at, int chunk) {
  const bool odd = threadIdx.x % 2 != 0;
  Begun begun;
  begun.x = two_at(at.x + chunk * kChunk);
  begun.other = two_at(at.other_x + chunk * kChunk);
  begun.words = quad_words<plain>(step, odd ? at.other : at.trajectory, at.unit / kQuad + chunk * (kChunk / kQuad));
  return begun;
}

// Drifted states of a chunk: two units of the first trajectory, two of the other. Neighbouring lanes change draws.
template <bool plain>
__device__ __forceinline__ float4 drift_chunk(const Step& step, const UnitArrays& units, const Place& at, int chunk,
                                              const Begun& begun) {
  const bool odd = threadIdx.x % 2 != 0;
  const Normals4 four = normals_from(begun.words);
  const float first = __shfl_xor_sync(~0u, odd ? four.a : four.c, 1);
  const float second = __shfl_xor_sync(~0u, odd ? four.b : four.d, 1);
  const Two noise = {{odd ? first : four.a, odd ? second : four.b}};
  const Two other_noise = {{odd ? four.c : first, odd ? four.d : second}};
  const int64_t unit = at.unit + chunk * kChunk;
  const int local = threadIdx.x % 4 * 2 + chunk * kChunk;
  const Two here = drifted<plain>(step, units, local, at.trajectory, unit, at.pattern, begun.x, noise);
  const Two there = drifted<plain>(step, units, local, at.other, unit, at.other_pattern, begun.other, other_noise);
  return make_float4(here.v[0], here.v[1], there.v[0], there.v[1]);
}

// Sums of a chunk, by quad: two neighbouring lanes have one of each trajectory.
__device__ __forceinline__ void sum_chunk(const Step& step, const UnitArrays& units, const Place& at, int chunk,
                                          const float* field) {
  const int64_t unit = at.unit + chunk * kChunk, quad = unit / kQuad;
#pragma unroll
  for (int r = 0; r < 2; ++r) {
    const int64_t t = r == 0 ? at.trajectory : at.other;
    const float* const x = step.x + t * step.trajectory_stride;
    const float pair =
        pair_energy(units, threadIdx.x % 4 * 2 + chunk * kChunk, two_at(x + unit), field[2 * r], field[2 * r + 1]);
    const float other = __shfl_xor_sync(~0u, pair, 1);
    if (threadIdx.x % 2 == 0 && t < step.trajectories && quad < step.quads)
      leave_terms(step, t, quad, static_cast<double>(pair + other), four_at(x + quad * kQuad));
  }
}

template <Element kElement>
__device__ __forceinline__ void put_operand(char* to, float a, float b) {
  if constexpr (kElement == Element::bf16) {
    uint32_t pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(b), "f"(a));
    *reinterpret_cast<uint32_t*>(to) = pair;
  } else {
    *reinterpret_cast<uint2*>(to) = make_uint2(tf32_bits(a), tf32_bits(b));
  }
}

// Takes the products of a chunk out of the registers, and writes where its units go.
template <Element kElement, bool plain>
__device__ __forceinline__ void finish_chunk(const Step& step, const Dense& dense, const UnitArrays& units,
                                             const Place& at, int chunk, const float* field, float4 from) {
  const int64_t unit = at.unit + chunk * kChunk;
  const Two pull = two_at(units.mobility_dt + threadIdx.x % 4 * 2 + chunk * kChunk);
  const Two here = {{pulled(from.x, field[0], pull.v[0]), pulled(from.y, field[1], pull.v[1])}};
  const Two there = {{pulled(from.z, field[2], pull.v[0]), pulled(from.w, field[3], pull.v[1])}};
  two_at(at.x + chunk * kChunk) = here;
  two_at(at.other_x + chunk * kChunk) = there;
  // Eight rows on, in the same group, parts are swapped alike.
  char* const to =
      static_cast<char*>(dense.next) + operand_at(kElement, kRowsOfStates, dense.blocks, at.trajectory, unit);
  put_operand<kElement>(to, here.v[0], here.v[1]);
  put_operand<kElement>(to + 8 * kBlockBytes, there.v[0], there.v[1]);
}

// All chunks: some whose drift is kept, then one whose drift is taken meanwhile, and so on.
template <class Tile, Element kElement, bool plain>
__device__ __forceinline__ void finish(const Step& step, const Dense& dense, const UnitArrays& units, const Place& at,
                                       const float* sum, const float4* kept) {
  constexpr int kLate = Tile::kChunks - Tile::kKept, kBetween = kLate > 0 ? Tile::kKept / kLate : Tile::kKept;
  if (!plain && step.sum) {
#pragma unroll
    for (int chunk = 0; chunk < Tile::kChunks; ++chunk) sum_chunk(step, units, at, chunk, sum + 4 * chunk);
    __syncwarp();  // a quad's energies and overlaps are read before either of its lanes writes
  }
  if (!plain && !step.move) return;
#pragma unroll
  for (int k = 0; k < Tile::kKept; ++k) {
    finish_chunk<kElement, plain>(step, dense, units, at, k, sum + 4 * k, kept[k * Tile::kThreads + threadIdx.x]);
    const int late = Tile::kKept + k / kBetween;
    if (k % kBetween == 0 && late < Tile::kChunks) {
      const float4 from = drift_chunk<plain>(step, units, at, late, begin_chunk<plain>(step, at, late));
      finish_chunk<kElement, plain>(step, dense, units, at, late, sum + 4 * late, from);
    }
  }
}

// Products of one block of 64 bytes of each row, `parts` times 32 of which are not padding.
template <class Tile, Element kElement>
__device__ __forceinline__ void multiply_block(uint32_t stage, int parts, float (&sum)[Tile::kUnits / 2]) {
  using Product = Wgmma<Tile::kUnits, kElement>;
  const uint64_t x = wgmma_rows(stage + threadIdx.x / 128 * 64 * 64), J = wgmma_rows(stage + Tile::kTrajectories * 64);
  wgmma_fence();
  Product::multiply_add(sum, x, J);
  if (parts > 1) Product::multiply_add(sum, x + 2, J + 2);
  wgmma_commit();
}

// The constants of the tile's units, copied to shared memory, where they are counted from the tile's first.
template <class Tile>
__device__ __forceinline__ UnitArrays copy_constants(const UnitArrays& all, float* to) {
  static_assert(Tile::kUnits <= Tile::kThreads);
  const int64_t unit = int64_t{blockIdx.x} * Tile::kUnits + threadIdx.x;
  if (threadIdx.x < Tile::kUnits) {
    const float values[6] = {all.J2[unit],   all.J3[unit],          all.J4[unit],
                             all.bias[unit], all.mobility_dt[unit], all.noise_scale[unit]};
#pragma unroll
    for (int a = 0; a < 6; ++a) to[a * Tile::kUnits + threadIdx.x] = values[a];
  }
  return {to,
          to + Tile::kUnits,
          to + 2 * Tile::kUnits,
          to + 3 * Tile::kUnits,
          to + 4 * Tile::kUnits,
          to + 5 * Tile::kUnits,
          all.group};
}

template <class Tile, Element kElement, bool plain>
__global__ void __launch_bounds__(Tile::kThreads, 1)
    update_tile(const __grid_constant__ Step step, const __grid_constant__ Dense dense) {
  extern __shared__ __align__(1024) char shared[];
  float4* const kept = reinterpret_cast<float4*>(shared + kStages * Tile::kStageBytes);
  const Loader<Tile> loader(dense, static_cast<uint32_t>(__cvta_generic_to_shared(shared)));
  const Place at = place_of_thread<Tile, plain>(step);
  const int64_t bytes = dense.units * bytes_of(kElement);
  const auto blocks = static_cast<unsigned>((bytes + kBlockBytes - 1) / kBlockBytes);
  const int last_parts = bytes % kBlockBytes != 0 && bytes % kBlockBytes <= 32 ? 1 : 2;
  const bool moves = plain || step.move;
  for (unsigned b = 0; b < kAhead && b < blocks; ++b) loader.load(b);
  const UnitArrays units = copy_constants<Tile>(step.unit, reinterpret_cast<float*>(shared + Tile::kConstants));
  __syncthreads();
  float sum[Tile::kUnits / 2] = {};
  Begun begun{};
  for (unsigned b = 0; b < blocks; ++b) {
    if (b + kAhead < blocks) loader.load(b + kAhead);
    __syncwarp();
    const uint32_t stage = loader.wait(b);
    multiply_block<Tile, kElement>(stage, b + 1 < blocks ? 2 : last_parts, sum);
    // In two halves, so that every block has its share.
    const int chunk = static_cast<int>(b / 2);
    if (moves && chunk < Tile::kKept) {
      if (b % 2 == 0) {
        begun = begin_chunk<plain>(step, at, chunk);
      } else {
        kept[chunk * Tile::kThreads + threadIdx.x] = drift_chunk<plain>(step, units, at, chunk, begun);
      }
    }
    wgmma_wait<1>();
    if (b > 0) loader.leave(b - 1);
  }
  wgmma_wait<0>();
  wgmma_settled(sum);
  for (int chunk = static_cast<int>(blocks / 2); moves && chunk < Tile::kKept; ++chunk)
    kept[chunk * Tile::kThreads + threadIdx.x] =
        drift_chunk<plain>(step, units, at, chunk, begin_chunk<plain>(step, at, chunk));
  finish<Tile, kElement, plain>(step, dense, units, at, sum, kept);
}

template <class Tile>
dim3 grid_of(const Step& step) {
  return {blocks_for(step.units, Tile::kUnits), blocks_for(step.trajectories, Tile::kTrajectories)};
}

template <class Tile, Element kElement>
void launch(const Step& step, const Dense& dense) {
  const auto kernel = is_plain(step) ? update_tile<Tile, kElement, true> : update_tile<Tile, kElement, false>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, Tile::kSharedBytes),
        "give a kernel its memory");
  kernel<<<grid_of<Tile>(step), Tile::kThreads, Tile::kSharedBytes>>>(step, dense);
  check(cudaGetLastError(), "take a step");
}

// Large tiles read less; where they are too few for the device, small ones.
template <Element kElement>
void launch_fitting(const Step& step, const Dense& dense) {
  const dim3 large = grid_of<Large>(step);
  2 * int64_t{large.x} * large.y > multiprocessors() ? launch<Large, kElement>(step, dense)
                                                     : launch<Small, kElement>(step, dense);
}

}  // namespace

void update_dense_tensor(const Step& step, const Dense& dense) {
  dense.element == Element::bf16 ? launch_fitting<Element::bf16>(step, dense)
                                 : launch_fitting<Element::tf32>(step, dense);
}

}  // namespace swell::cuda
