#include "swell/engine/cuda/launch.h"
//
#include <algorithm>

#include "swell/engine/cuda/wgmma.h"

// Dense products on the tensor cores. A block takes a tile of trajectories and units. Each of its warpgroups has 64
// trajectories; while the tensor cores multiply, the same threads draw the noise of their units and take the part of
// the step that needs no couplings; the products are subtracted at the end, in place. One more warpgroup copies
// operands to shared memory as they lie, 64 bytes of each row at a time; two blocks of the same units share the
// couplings.
//
// Steps that drive and sum nothing are taken together, by one launch. A tile's next step needs the states of all units
// of its trajectories, so that tiles of the same trajectories wait for each other, and draw noise meanwhile. At 1296
// units and 4096 trajectories 132 tiles of 192 x 224 are one for each multiprocessor of a Hopper device.
namespace swell::cuda {

namespace {

constexpr int kChunk = 16;          // units of which four neighbouring lanes have a quad each
constexpr int kProductUnits = 112;  // of one instruction: a larger one takes more registers than a block begins with
constexpr int kEarlyHalves = 14;    // of quads' drifts, taken before the first product of a step

// kCluster: blocks, along trajectories, that share the couplings. kStages: of operands in shared memory. kNear: quads
// of a thread whose drifted states lie beside them; those of the others are left in memory. kRegisters: of a thread
// that multiplies; 0 leaves them as they are.
template <int kWarpgroups_, int kUnits_, int kCluster_, int kStages_, int kNear_, int kRegisters_>
struct Shape {
  static constexpr int kWarpgroups = kWarpgroups_, kUnits = kUnits_, kCluster = kCluster_, kStages = kStages_;
  static constexpr int kNear = kNear_, kRegisters = kRegisters_;
  static constexpr int kThreads = 128 * kWarpgroups, kAllThreads = kThreads + 128, kWarps = 4 * kWarpgroups;
  static constexpr int kTrajectories = 64 * kWarpgroups;
  static constexpr int kQuads = 2 * kUnits / kChunk;  // of a thread: of two trajectories
  static constexpr int kProducts = kUnits / kProductUnits;
  static constexpr int kStateGroups = kTrajectories / static_cast<int>(kRowsOfStates);
  static constexpr int kCouplingGroups = kUnits / static_cast<int>(kRowsOfCouplings);
  static constexpr int kStageBytes = (kTrajectories + kUnits) * static_cast<int>(kBlockBytes);
  static constexpr int kQuadBytes = kThreads * static_cast<int>(sizeof(Four));
  static constexpr int kBarriers = kStages * kStageBytes + kNear * kQuadBytes;  // where they lie
  static constexpr int kNearUnits = kBarriers + 2 * kStages * static_cast<int>(sizeof(uint64_t)) + 16;
  static constexpr int kSharedBytes = (kNearUnits / 16 * 16) + kConstants * kUnits * static_cast<int>(sizeof(float));
  static_assert(kStageBytes % 512 == 0 && kUnits % kRowsOfCouplings == 0 && kCouplingGroups % kCluster == 0);
  static_assert(kTileTrajectories % (kTrajectories * kCluster) == 0 && tile_units(Element::bf16) % kUnits == 0);
};
using Large = Shape<3, 224, 2, 4, 18, 160>;
using Small = Shape<2, 112, 1, 6, 14, 0>;

// task(number) for each from kFirst to kLast, known to the compiler: sums are in registers.
template <int kNumber>
struct Number {
  __device__ constexpr operator int() const { return kNumber; }
};
template <int kFirst, int kLast, class Task>
__device__ __forceinline__ void for_numbers(Task&& task) {
  if constexpr (kFirst < kLast) {
    task(Number<kFirst>());
    for_numbers<kFirst + 1, kLast>(task);
  }
}

// A barrier in shared memory for threads and copies (PTX ISA, mbarrier).
struct Barrier {
  uint32_t address;

  __device__ __forceinline__ void begin(int arrivals) const {
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(address), "r"(arrivals) : "memory");
  }
  __device__ __forceinline__ void arrive() const {
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(address) : "memory");
  }
  // At the barrier of this place in another block of the cluster.
  __device__ __forceinline__ void arrive_at(unsigned block) const {
    asm volatile(
        "{\n.reg .b32 there;\nmapa.shared::cluster.u32 there, %0, %1;\n"
        "mbarrier.arrive.shared::cluster.b64 _, [there];\n}" ::"r"(address),
        "r"(block)
        : "memory");
  }
  __device__ __forceinline__ void arrive_and_expect(unsigned bytes) const {
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(address), "r"(bytes) : "memory");
  }
  // Whether the phase of this parity is over.
  __device__ __forceinline__ bool is_over(unsigned parity) const {
    unsigned over;
    asm volatile(
        "{\n.reg .pred over;\nmbarrier.try_wait.parity.shared::cta.b64 over, [%1], %2;\n"
        "selp.u32 %0, 1, 0, over;\n}"
        : "=r"(over)
        : "r"(address), "r"(parity)
        : "memory");
    return over != 0;
  }
  __device__ __forceinline__ void wait(unsigned parity) const {
    while (!is_over(parity)) {
    }
  }
};

// How far the warps of all tiles are with the states of 64 trajectories: each adds 1 when it has left a step's, which
// the copies of the next step wait for.
struct Passed {
  unsigned* count;

  // All lanes of the warp have written what others will copy.
  __device__ __forceinline__ void add() const {
    asm volatile("fence.proxy.async.global;" ::: "memory");  // the copies read by another way than these writes
    __syncwarp();
    if (threadIdx.x % 32 == 0) asm volatile("red.release.gpu.global.add.u32 [%0], 1;" ::"l"(count) : "memory");
  }
  __device__ __forceinline__ bool reached(unsigned wanted) const {
    unsigned now;
    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(now) : "l"(count) : "memory");
    return now >= wanted;
  }
};

// Tiles of one launch: blockIdx.x counts units, blockIdx.y rows of tiles, of which a block takes every gridDim.y-th
// through all steps before the next.
struct Work {
  unsigned steps, rows;
  unsigned blocks;  // of operands in a step

  __device__ unsigned my_rows() const { return (rows - blockIdx.y + gridDim.y - 1) / gridDim.y; }
};

// The stages of operands in shared memory and their barriers: full when all copies of a block are there, empty when all
// warps that multiply have left it, in each block of the cluster.
template <class Tile>
struct Stages {
  uint32_t shared;

  __device__ Barrier full(unsigned stage) const { return {shared + Tile::kBarriers + stage * 8}; }
  __device__ Barrier empty(unsigned stage) const { return {shared + Tile::kBarriers + (Tile::kStages + stage) * 8}; }
  __device__ void begin() const {
    if (threadIdx.x == 0) {
      for (int stage = 0; stage < Tile::kStages; ++stage) {
        full(stage).begin(1);
        empty(stage).begin(Tile::kWarps * Tile::kCluster);
      }
      asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
    }
  }
};

// All blocks of the cluster come here.
template <class Tile>
__device__ __forceinline__ void meet() {
  if constexpr (Tile::kCluster > 1) {
    asm volatile("barrier.cluster.arrive.release.aligned;\nbarrier.cluster.wait.acquire.aligned;" ::: "memory");
  } else {
    __syncthreads();
  }
}

// Copies the operands of all steps, in order, one thread for the block: its states, and its share of the couplings to
// all blocks of the cluster. Couplings are copied ahead while states are waited for.
template <class Tile>
class Copies {
 public:
  __device__ Copies(const Dense& dense, const Work& work, Stages<Tile> stages)
      : dense_(dense), work_(work), stages_(stages), all_(work.my_rows() * work.steps * work.blocks) {
    constexpr int kShare = Tile::kCouplingGroups / Tile::kCluster;
    const unsigned share = blockIdx.y % Tile::kCluster;
    J_ = static_cast<const char*>(dense.J) +
         (int64_t{blockIdx.x} * Tile::kCouplingGroups + share * kShare) * dense.blocks * kGroupBytes;
    J_to_ = stages.shared + Tile::kTrajectories * static_cast<int>(kBlockBytes) + share * kShare * kGroupBytes;
  }

  __device__ void copy_all() {
    unsigned number = 0;
    int stage = 0;
    for (unsigned row = blockIdx.y; row < work_.rows; row += gridDim.y) {
      for (unsigned k = 0; k < work_.steps; ++k) {
        const auto* from = static_cast<const char*>(k % 2 == 0 ? dense_.x : dense_.next) +
                           int64_t{row} * Tile::kStateGroups * dense_.blocks * kStatesBytes;
        if (k > 0) wait_for_states(row, k * gridDim.x * 4, number);
        for (unsigned block = 0; block < work_.blocks; ++block, ++number) {
          if (J_number_ == number) copy_couplings();
          for (int group = 0; group < Tile::kStateGroups; ++group) {
            asm volatile(
                "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                    stages_.shared + stage * Tile::kStageBytes + group * kStatesBytes),
                "l"(from + (group * dense_.blocks + block) * kStatesBytes), "r"(kStatesBytes),
                "r"(stages_.full(stage).address)
                : "memory");
          }
          if (++stage == Tile::kStages) stage = 0;
        }
      }
    }
  }

 private:
  static constexpr int kGroupBytes = static_cast<int>(kRowsOfCouplings * kBlockBytes);
  static constexpr int kStatesBytes = static_cast<int>(kRowsOfStates * kBlockBytes);

  __device__ void wait_for_states(unsigned row, unsigned wanted, unsigned number) {
    for (int group = 0; group < Tile::kStateGroups;) {
      if (Passed{dense_.passed + row * Tile::kStateGroups + group}.reached(wanted)) {
        ++group;
      } else if (J_number_ < all_ && J_number_ < number + Tile::kStages && may_copy()) {
        copy_couplings();
      }
    }
    asm volatile("fence.proxy.async.global;" ::: "memory");
  }
  __device__ bool may_copy() const { return !again_ || stages_.empty(J_stage_).is_over(J_parity_ ^ 1); }
  __device__ void copy_couplings() {
    while (!may_copy()) {
    }
    stages_.full(J_stage_).arrive_and_expect(Tile::kStageBytes);
    for (int group = 0; group < Tile::kCouplingGroups / Tile::kCluster; ++group) {
      const uint32_t to = J_to_ + J_stage_ * Tile::kStageBytes + group * kGroupBytes;
      const char* const from = J_ + (group * dense_.blocks + J_block_) * kGroupBytes;
      const uint32_t full = stages_.full(J_stage_).address;
      if constexpr (Tile::kCluster > 1) {
        constexpr auto kTo = static_cast<uint16_t>((1 << Tile::kCluster) - 1);
        asm volatile(
            "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1], %2, "
            "[%3], %4;" ::"r"(to),
            "l"(from), "r"(kGroupBytes), "r"(full), "h"(kTo)
            : "memory");
      } else {
        asm volatile(
            "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(to),
            "l"(from), "r"(kGroupBytes), "r"(full)
            : "memory");
      }
    }
    ++J_number_;
    if (++J_block_ == work_.blocks) J_block_ = 0;
    if (++J_stage_ == Tile::kStages) J_stage_ = 0, J_parity_ ^= 1, again_ = true;
  }

  const Dense& dense_;
  const Work& work_;
  Stages<Tile> stages_;
  unsigned all_;  // blocks of all steps
  const char* J_;
  uint32_t J_to_;
  unsigned J_number_ = 0, J_block_ = 0, J_parity_ = 0;
  int J_stage_ = 0;
  bool again_ = false;  // stages have been used before
};

// Where a thread's quads are: number 2 c + r is that of chunk c, of the first trajectory or of that eight on.
struct Place {
  int64_t trajectory, quad;  // of number 0
  float* x;                  // states there, in place
};
template <class Tile>
__device__ __forceinline__ Place place_of_thread(const Step& step, unsigned row) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t t = int64_t{row} * Tile::kTrajectories + warp * 16 + lane / 4;
  const int64_t quad = int64_t{blockIdx.x} * (Tile::kUnits / kQuad) + lane % 4;
  return {t, quad, step.next + t * step.trajectory_stride + quad * kQuad};
}
__device__ __forceinline__ int64_t offset_of(const Step& step, unsigned number) {
  return (number % 2 != 0 ? 8 * step.trajectory_stride : 0) + number / 2 * kChunk;
}

__device__ __forceinline__ void put_four(float* to, const Four& four) {
  *reinterpret_cast<float4*>(to) = make_float4(four.v[0], four.v[1], four.v[2], four.v[3]);
}

// The drifted states of a thread's quads in one step, taken in halves, so that every block of products has its share.
template <class Tile, StepKind kind>
struct Drift {
  const Step& step;
  const NearUnits& units;
  const Place& at;
  Four* near;      // states of the first quads from step to step, then drifted ones
  int64_t far;     // from a state in memory to where its drifted one is left
  unsigned later;  // steps after step.draw
  unsigned half = 0;
  Words4 words{};
  Four x{};

  static constexpr int kHalves = 2 * Tile::kQuads;

  __device__ __forceinline__ int64_t trajectory(unsigned number) const { return at.trajectory + number % 2 * 8; }
  __device__ __forceinline__ int64_t quad(unsigned number) const { return at.quad + number / 2 * (kChunk / kQuad); }
  __device__ __forceinline__ float* near_at(unsigned number) const {
    return near[number * Tile::kThreads + threadIdx.x].v;
  }
  __device__ __forceinline__ float* far_at(unsigned number) const { return at.x + far + offset_of(step, number); }

  // Asks for the state of a quad in good time: of the first before the first half, of the next after the second.
  __device__ __forceinline__ void load(unsigned number) {
    if (later > 0 && number < Tile::kNear) {
      x = four_at(near_at(number));
    } else if (number < Tile::kQuads) {
      x = four_at(at.x + offset_of(step, number));
    }
  }
  __device__ __forceinline__ void take_half() {
    const unsigned number = half / 2;
    if (half % 2 == 0) {
      words = quad_words<kind>(step, trajectory(number), quad(number), later);
    } else {
      const float* const pattern =
          kind == StepKind::any && step.driven ? pattern_of(step, trajectory(number)) : nullptr;
      const Four moved = drifted<kind>(step, units, threadIdx.x % 4 * kQuad + number / 2 * kChunk, trajectory(number),
                                       quad(number), pattern, x, four_normals(words));
      if (number < Tile::kNear) {
        put_four(near_at(number), moved);
      } else {
        put_four(far_at(number), moved);
      }
      load(number + 1);
    }
    ++half;
  }
};

// The products of quad `number` of a thread.
__device__ __forceinline__ Four field_of(const float* sum, int number) {
  const float* const first = sum + number / 2 * 8 + number % 2 * 2;
  return {{first[0], first[1], first[4], first[5]}};
}

__device__ __forceinline__ void put_field(float* sum, int number, const Four& field) {
  float* const first = sum + number / 2 * 8 + number % 2 * 2;
  first[0] = field.v[0];
  first[1] = field.v[1];
  first[4] = field.v[2];
  first[5] = field.v[3];
}

template <Element kElement>
__device__ __forceinline__ void put_operands(char* to, const Four& x) {
  if constexpr (kElement == Element::bf16) {
    uint32_t low, high;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(low) : "f"(x.v[1]), "f"(x.v[0]));
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(high) : "f"(x.v[3]), "f"(x.v[2]));
    *reinterpret_cast<uint2*>(to) = make_uint2(low, high);
  } else {
    *reinterpret_cast<uint4*>(to) =
        make_uint4(tf32_bits(x.v[0]), tf32_bits(x.v[1]), tf32_bits(x.v[2]), tf32_bits(x.v[3]));
  }
}

// The products of a quad become its next states, which are written for the next products.
template <Element kElement>
__device__ __forceinline__ void finish_quad(const Dense& dense, char* next, const NearUnits& units, const Place& at,
                                            int number, float* sum, const Four& from) {
  const Four pull = four_at(units.constant[4] + threadIdx.x % 4 * kQuad + number / 2 * kChunk);
  Four x = field_of(sum, number);
#pragma unroll
  for (int i = 0; i < kQuad; ++i) x.v[i] = pulled(from.v[i], x.v[i], pull.v[i]);
  put_field(sum, number, x);
  // Eight rows on, in the same group, parts are swapped alike.
  const int64_t unit = at.quad * kQuad + number / 2 * kChunk;
  put_operands<kElement>(
      next + operand_at(kElement, kRowsOfStates, dense.blocks, at.trajectory, unit) + number % 2 * 8 * kBlockBytes, x);
}

// The end of a step: the sums of products become states, those near while the first of the others are on their way.
template <class Tile, Element kElement, StepKind kind>
__device__ __forceinline__ void finish(const Dense& dense, char* next, const Drift<Tile, kind>& drift,
                                       float (&sum)[Tile::kUnits / 2]) {
  const Step& step = drift.step;
  if (kind == StepKind::any && step.sum) {
    for_numbers<0, Tile::kQuads>([&](auto k) {
      const float* const x = step.x + (drift.at.x - step.next) + offset_of(step, k);
      if (drift.trajectory(k) < step.trajectories && drift.quad(k) < step.quads)
        sum_quad(step, drift.trajectory(k), drift.quad(k), four_at(x), field_of(sum, k));
    });
  }
  if (kind == StepKind::any && !step.move) return;
  constexpr int kFar = Tile::kQuads - Tile::kNear, kAhead = kFar < 4 ? kFar : 4;
  Four far[kAhead + 1];
  for_numbers<0, kAhead>([&](auto k) { far[k] = four_at(drift.far_at(Tile::kNear + k)); });
  for_numbers<0, Tile::kNear>(
      [&](auto k) { finish_quad<kElement>(dense, next, drift.units, drift.at, k, sum, four_at(drift.near_at(k))); });
  for_numbers<Tile::kNear, Tile::kQuads>([&](auto k) {
    if (k + kAhead < Tile::kQuads) far[(k - Tile::kNear + kAhead) % (kAhead + 1)] = four_at(drift.far_at(k + kAhead));
    finish_quad<kElement>(dense, next, drift.units, drift.at, k, sum, far[(k - Tile::kNear) % (kAhead + 1)]);
  });
}

// The states that finish() left in the registers; near ones go to memory after the last step.
template <class Tile, StepKind kind>
__device__ __forceinline__ void keep_states(const Drift<Tile, kind>& drift, const float* sum, bool last) {
  for_numbers<0, Tile::kQuads>([&](auto k) {
    if (k >= Tile::kNear || last) {
      put_four(drift.at.x + offset_of(drift.step, k), field_of(sum, k));
    } else {
      put_four(drift.near_at(k), field_of(sum, k));
    }
  });
}

// Products of one block of 64 bytes of each row.
template <class Tile, Element kElement>
__device__ __forceinline__ void multiply_block(uint32_t stage, float (&sum)[Tile::kUnits / 2]) {
  using Product = Wgmma<kProductUnits, kElement>;
  const uint64_t x = wgmma_rows(stage + threadIdx.x / 128 * 64 * 64), J = wgmma_rows(stage + Tile::kTrajectories * 64);
  wgmma_fence();
  for_numbers<0, 2 * Tile::kProducts>([&](auto k) {
    constexpr int kPart = k / Tile::kProducts, kProduct = k % Tile::kProducts;
    Product::multiply_add(sum + kProduct * Product::kSums, x + 2 * kPart,
                          J + 2 * kPart + kProduct * (kProductUnits * 64 >> 4));
  });
  wgmma_commit();
}

// By each warp, when its products of the block in a stage are there.
template <class Tile>
__device__ __forceinline__ void leave(Stages<Tile> stages, unsigned stage) {
  const unsigned lane = threadIdx.x % 32;
  if constexpr (Tile::kCluster > 1) {
    if (lane < Tile::kCluster) stages.empty(stage).arrive_at(lane);
  } else {
    if (lane == 0) stages.empty(stage).arrive();
  }
}

// All steps of a thread that multiplies.
template <class Tile, Element kElement, StepKind kind>
__device__ __forceinline__ void advance(const Step& step, const Dense& dense, const Work& work, Stages<Tile> stages,
                                        const NearUnits& units, Four* near) {
  const bool moves = kind != StepKind::any || step.move;
  unsigned stage = 0, parity = 0;
  for (unsigned row = blockIdx.y; row < work.rows; row += gridDim.y) {
    const Place at = place_of_thread<Tile>(step, row);
    for (unsigned k = 0; k < work.steps; ++k) {
      Drift<Tile, kind> drift{step, units, at, near, dense.drifted - step.next, k};
      if (moves) drift.load(0);
      for (int early = 0; moves && early < kEarlyHalves; ++early) drift.take_half();
      float sum[Tile::kUnits / 2];
      for_numbers<0, Tile::kUnits / 2>([&](auto i) { sum[i] = 0; });
      unsigned left = 0, credit = work.blocks - 1;
      for (unsigned b = 0; b < work.blocks; ++b) {
        stages.full(stage).wait(parity);
        multiply_block<Tile, kElement>(stages.shared + stage * Tile::kStageBytes, sum);
        credit += Drift<Tile, kind>::kHalves - kEarlyHalves;
        for (; moves && credit >= work.blocks; credit -= work.blocks) drift.take_half();
        wgmma_wait<1>();
        if (b > 0) leave(stages, left);
        left = stage;
        if (++stage == Tile::kStages) stage = 0, parity ^= 1;
      }
      wgmma_wait<0>();
      leave(stages, left);
      for_numbers<0, Tile::kUnits / 2>([&](auto i) { wgmma_settled(sum[i]); });
      char* const next = static_cast<char*>(k % 2 == 0 ? dense.next : const_cast<void*>(dense.x));
      finish<Tile, kElement, kind>(dense, next, drift, sum);
      if (work.steps > 1) Passed{dense.passed + row * Tile::kStateGroups + threadIdx.x / 128}.add();
      if (moves) keep_states<Tile, kind>(drift, sum, k + 1 == work.steps);
    }
  }
}

template <class Tile, Element kElement, StepKind kind>
__global__ void __launch_bounds__(Tile::kAllThreads, 1)
    advance_tiles(const __grid_constant__ Step step, const __grid_constant__ Dense dense,
                  const __grid_constant__ Work work) {
  extern __shared__ __align__(1024) char shared[];
  const Stages<Tile> stages{static_cast<uint32_t>(__cvta_generic_to_shared(shared))};
  stages.begin();
  float* const constants = reinterpret_cast<float*>(shared + Tile::kNearUnits / 16 * 16);
  NearUnits units;
#pragma unroll
  for (int c = 0; c < kConstants; ++c) units.constant[c] = constants + c * Tile::kUnits;
  for (int u = threadIdx.x; u < Tile::kUnits; u += Tile::kAllThreads) {
    float constant[kConstants];
    near_constants(step, int64_t{blockIdx.x} * Tile::kUnits + u, constant);
#pragma unroll
    for (int c = 0; c < kConstants; ++c) constants[c * Tile::kUnits + u] = constant[c];
  }
  __syncthreads();
  meet<Tile>();
  // The same for a whole warp, as the compiler is to know.
  if (__shfl_sync(~0u, threadIdx.x / 128, 0) == Tile::kWarpgroups) {
    if constexpr (Tile::kRegisters > 0) asm volatile("setmaxnreg.dec.sync.aligned.u32 32;");
    if (threadIdx.x == Tile::kThreads) Copies<Tile>(dense, work, stages).copy_all();
  } else {
    if constexpr (Tile::kRegisters > 0) asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(Tile::kRegisters));
    advance<Tile, kElement, kind>(step, dense, work, stages, units,
                                  reinterpret_cast<Four*>(shared + Tile::kStages * Tile::kStageBytes));
  }
  __syncwarp();
  meet<Tile>();  // nobody leaves while others arrive at its barriers
}

// A launch of tiles by clusters; of several steps, all at once on the device.
template <class Tile>
struct Launch {
  cudaLaunchAttribute attributes[2]{};
  cudaLaunchConfig_t config{};

  Launch(dim3 grid, bool together) {
    attributes[0].id = cudaLaunchAttributeClusterDimension;
    attributes[0].val.clusterDim.x = 1;
    attributes[0].val.clusterDim.y = Tile::kCluster;
    attributes[0].val.clusterDim.z = 1;
    attributes[1].id = cudaLaunchAttributeCooperative;
    attributes[1].val.cooperative = 1;
    config.gridDim = grid;
    config.blockDim = dim3(Tile::kAllThreads);
    config.dynamicSmemBytes = Tile::kSharedBytes;
    config.attrs = attributes;
    config.numAttrs = together ? 2 : 1;
  }
  Launch(const Launch&) = delete;  // the configuration points into it
  Launch& operator=(const Launch&) = delete;
};

// Clusters that the device takes at once.
template <class Tile>
int clusters_at_once(void (*kernel)(Step, Dense, Work)) {
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, Tile::kSharedBytes),
        "give a kernel its memory");
  const Launch<Tile> one(dim3(1, Tile::kCluster), false);
  int count = 0;
  check(cudaOccupancyMaxActiveClusters(&count, kernel, &one.config), "tell what it takes at once");
  return count;
}

template <class Tile, Element kElement>
void launch(const Step& step, Dense dense, int64_t steps) {
  struct Kernel {
    void (*start)(Step, Dense, Work);
    int at_once;
    explicit Kernel(void (*kernel)(Step, Dense, Work)) : start(kernel), at_once(clusters_at_once<Tile>(kernel)) {}
  };
  static const Kernel kernels[] = {Kernel(advance_tiles<Tile, kElement, StepKind::plain>),
                                   Kernel(advance_tiles<Tile, kElement, StepKind::averaged>),
                                   Kernel(advance_tiles<Tile, kElement, StepKind::any>)};
  const StepKind kind = kind_of(step);
  const Kernel& kernel = kernels[static_cast<int>(kind)];
  const unsigned across = blocks_for(step.units, Tile::kUnits);
  const unsigned clusters = blocks_for(step.trajectories, Tile::kTrajectories * Tile::kCluster);  // along y
  const int64_t bytes = dense.units * bytes_of(kElement);
  Work work{1, clusters * Tile::kCluster, static_cast<unsigned>((bytes + kBlockBytes - 1) / kBlockBytes)};
  if (kind != StepKind::any) dense.drifted = step.next;  // nothing reads the states before they are finished
  if (const unsigned at_a_time = kernel.at_once / across; steps > 1 && at_a_time > 0) {
    work.steps = static_cast<unsigned>(steps);
    check(cudaMemsetAsync(dense.passed, 0, work.rows * Tile::kStateGroups * sizeof(unsigned)), "clear its memory");
    const Launch<Tile> together(dim3(across, std::min(clusters, at_a_time) * Tile::kCluster), true);
    return check(cudaLaunchKernelEx(&together.config, kernel.start, step, dense, work), "take its steps");
  }
  const Launch<Tile> single(dim3(across, work.rows), false);
  Step one = step;
  for (int64_t k = 0; k < steps; ++k) {
    check(cudaLaunchKernelEx(&single.config, kernel.start, one, dense, work), "take a step");
    ++one.draw;
    const void* const x = dense.x;
    dense.x = dense.next;
    dense.next = const_cast<void*>(x);
  }
}

// Large tiles read less; where they are too few for the device, small ones.
template <Element kElement>
void launch_fitting(const Step& step, const Dense& dense, int64_t steps) {
  const int64_t large =
      int64_t{blocks_for(step.units, Large::kUnits)} * blocks_for(step.trajectories, Large::kTrajectories);
  2 * large > multiprocessors() ? launch<Large, kElement>(step, dense, steps)
                                : launch<Small, kElement>(step, dense, steps);
}

}  // namespace

void update_dense_tensor(const Step& step, const Dense& dense, int64_t steps) {
  dense.element == Element::bf16 ? launch_fitting<Element::bf16>(step, dense, steps)
                                 : launch_fitting<Element::tf32>(step, dense, steps);
}

}  // namespace swell::cuda
