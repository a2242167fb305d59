#pragma once

#include "swell/engine/cpu/kernel.h"

// The ledger of a step, the same for both layouts: a pass over the tile leaves energies and overlaps per slot, and
// these functions book them. Only kernel files include this.
//
// Energies of units are formed in single precision and summed in four parts, unit number modulo 4: those of sixteen
// units in single precision, in ascending order, these sums in double; then (0 + 1) + (2 + 3). Both layouts can keep
// that order at full speed, so that the books have the same bits. What is booked is a function of the state, so the
// first law closes to the rounding of the double sums all the same, and the rounding of V by some 1e-7 of a unit's
// energy enters a segment's heat at its two ends only.
namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

constexpr int kParts = kNormalsPerBlock;
constexpr int kSumUnits = 16;  // whose energies are added in single precision

// Left out only in the build that measures what the books cost (-DSWELL_BOOKS=OFF).
#ifdef SWELL_WITHOUT_BOOKS
constexpr bool kBooks = false;
#else
constexpr bool kBooks = true;
#endif

SWELL_INLINE double join(double a, double b, double c, double d) { return (a + b) + (c + d); }

SWELL_INLINE void book_heat(Tile& tile, int slot, double heat, double kT) {
  tile.heat[slot] += heat;
  if (kT > 0) tile.entropy[slot] += heat / kT;
}

// V of the current x under these drive amplitudes.
SWELL_INLINE double driven_energy(const Tile& tile, const StepPlan& plan, const double* drive, int slot) {
  double energy = tile.inner[slot];
  for (int group = 0; group < plan.groups; ++group) energy -= drive[group] * tile.overlap[group * tile.slots + slot];
  return energy;
}

// Books of the moment before step k: the heat of step k - 1 under its control, then the work of changing to control k.
SWELL_INLINE void book_step(Tile& tile, const StepPlan& plan, int64_t k) {
  const double* drive = plan.drive + k * plan.groups;
  for (int slot = 0; slot < tile.slots; ++slot) {
    const double now = driven_energy(tile, plan, drive, slot);
    double before = tile.last_energy[slot];
    if (k > 0) {
      before = driven_energy(tile, plan, drive - plan.groups, slot);
      book_heat(tile, slot, tile.last_energy[slot] - before, plan.kT[k - 1]);
    }
    tile.work[slot] += now - before;
    tile.last_energy[slot] = now;
  }
}

// pass(tile, plan, k, move) sums energies and overlaps of tile.x and, where `move` is set, puts step k into tile.next.
using Pass = void (*)(Tile& tile, const StepPlan& plan, int64_t k, bool move);

template <Pass pass>
void advance(Tile& tile, const StepPlan& plan, int64_t from, int64_t to) {
  for (int64_t k = from; k < to; ++k) {
    pass(tile, plan, k, true);
    book_step(tile, plan, k);
    float* const old = tile.x;
    tile.x = tile.next;
    tile.next = old;
  }
}

template <Pass pass>
void settle(Tile& tile, const StepPlan& plan) {
  const int64_t last = plan.steps - 1;
  pass(tile, plan, last, false);
  for (int slot = 0; slot < tile.slots; ++slot) {
    const double now = driven_energy(tile, plan, plan.drive + last * plan.groups, slot);
    book_heat(tile, slot, tile.last_energy[slot] - now, plan.kT[last]);
    tile.last_energy[slot] = now;
  }
}

template <Pass pass>
void begin(Tile& tile, const StepPlan& plan) {
  pass(tile, plan, 0, false);
  for (int slot = 0; slot < tile.slots; ++slot) tile.last_energy[slot] = driven_energy(tile, plan, plan.drive, slot);
}

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
