#pragma once

#include <cstddef>
#include <cstdint>

#include "swell/engine/cuda/bits.h"
#include "swell/engine/cuda/step.h"

// What the engine asks of a device with a memory of its own: a graphics processor, or the processor in its place. Both
// take the arithmetic from step.h and bits.h. Calls are queued in order; download() and wait() wait for all before.
namespace swell::cuda {

enum class Element { f32, tf32, bf16 };
SWELL_DEVICE constexpr int64_t bytes_of(Element element) { return element == Element::bf16 ? 2 : 4; }

// Rows of trajectories and of units are padded to whole tiles of every kernel; J and operands are zero there.
constexpr int64_t kTileTrajectories = 384;
constexpr int64_t tile_units(Element element) { return element == Element::f32 ? 432 : 224; }

// Operands of the tensor cores lie in memory as they read them in shared memory, so that a tile is copied as it stands:
// so many rows together (kRowsOfStates of x, kRowsOfCouplings of J), in blocks of 64 bytes of each row one after the
// other, whose four parts of 16 bytes are swapped by two bits of the row ("64-byte swizzle").
constexpr int64_t kBlockBytes = 64, kRowsOfStates = 64, kRowsOfCouplings = 112;
SWELL_INLINE int64_t operand_at(Element element, int64_t rows, int64_t blocks, int64_t row, int64_t unit) {
  const int64_t byte = unit * bytes_of(element), block = byte / kBlockBytes, in_group = row % rows;
  const int64_t part = (byte % kBlockBytes / 16) ^ (in_group / 2 % 4);
  return ((row / rows * blocks + block) * rows + in_group) * kBlockBytes + part * 16 + byte % 16;
}
// The row of J that holds the couplings of a unit: among sixteen, so that the four sums of a quad are with one thread
// (wgmma.h).
SWELL_INLINE int64_t coupling_row(int64_t unit) {
  return unit / 16 * 16 + unit % 4 / 2 * 8 + unit % 16 / 4 * 2 + unit % 2;
}
// Blocks of a row of so many units.
constexpr int64_t operand_blocks(Element element, int64_t units) {
  return (units * bytes_of(element) + kBlockBytes - 1) / kBlockBytes;
}

// Dense products: field[t][u] = sum_v J[u][v] x[t][v].
struct Dense {
  Element element;
  const void* J;  // symmetric: f32 [padded units][row], else as operands
  // States as the tensor cores take them, of padded trajectories and padded units, before and after the step. f32:
  // Step::x and next are the operands, and these are null.
  const void* x;
  void* next;
  float* drifted;    // room for the states of a step that are half taken
  unsigned* passed;  // [padded trajectories / kRowsOfStates], for the tiles of several steps
  int64_t row;       // f32: numbers in a row of J
  int64_t blocks;    // of operands: those that hold all padded units, and so stand in memory
  int64_t units;     // that are multiplied, of each row
};

struct DeviceCalls {
  void* (*allocate)(size_t bytes);  // filled with zeros; throws InputError where there is no room
  void (*release)(void* memory);
  void (*upload)(void* to, const void* from, size_t bytes);
  void (*download)(void* to, const void* from, size_t bytes);
  void (*wait)();
  size_t (*free_bytes)();

  // One step of all units of all trajectories; with `dense`, their products first. dense.element says how.
  void (*update)(const Step& step);
  // Of tensor cores, so many steps, whose draws follow one another; of several, its kind is not `any`. x and next
  // change places after each.
  void (*update_dense)(const Step& step, const Dense& dense, int64_t steps);
  // The products alone, in f32, in the layout of the states.
  void (*multiply)(const Step& step, const Dense& dense, float* field);
  // dense.x from the states.
  void (*round_states)(const Step& step, const Dense& dense);
  // Units [first, first + count) jump to their patterns, or to 0 without.
  void (*clamp)(const Step& step, int64_t first, int64_t count);
  // Leimkuhler-Matthews: step.noise becomes the draws of step.draw.
  void (*first_noise)(const Step& step);
  // Books what step.terms hold. `scratch` has room for kSums * quads / kTermsPerSum + kSums numbers of each trajectory.
  void (*book)(const Step& step, double* scratch, const Books& books, Booking booking, double kT);
  // rows[t][u] = state of unit first_unit + u, t < trajectories.
  void (*copy_states)(const Step& step, int64_t trajectories, int64_t first_unit, int64_t units, float* rows);

  // One colour of one sweep of p-bits.
  void (*sweep_bits)(const BitSweep& sweep);
};

}  // namespace swell::cuda
