// The sweeps of p-bits for one instruction set, for engine/pbits/sweep_kernels.cc.

#include "swell/engine/pbits/kernel.h"

namespace swell::cpu::SWELL_KERNEL_NAMESPACE {

void sweep_bits(pbits::BitTile& tile, const pbits::BitPlan& plan, const pbits::AcceptanceTable& table, int64_t sweep);
void sweep_wide(pbits::WideTile& tile, const pbits::RealPlan& plan, const float* beta2, int64_t sweep);
void sweep_narrow(pbits::NarrowTile& tile, const pbits::RealPlan& plan, const float* beta2, int64_t from, int64_t to);

extern const pbits::PbitKernels kPbitKernels;
const pbits::PbitKernels kPbitKernels = {sweep_bits, sweep_wide, sweep_narrow};

}  // namespace swell::cpu::SWELL_KERNEL_NAMESPACE
