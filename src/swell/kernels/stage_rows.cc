#include "swell/kernels/stage_rows.h"

#include "swell/kernels/dispatch.h"

namespace swell {

namespace cpu {
SWELL_KERNEL_TABLES(StageRowKernels, kStageRowKernels, stage_rows)
}  // namespace cpu

const StageRowKernels& stage_row_kernels() { return cpu::stage_rows({}); }

}  // namespace swell
