#include "swell/kernels/normals.h"

#include "swell/base/memory.h"
#include "swell/kernels/dispatch.h"

namespace swell {

struct StepNormals::Buffer {
  AlignedVector<float> values;
};

StepNormals::StepNormals(NoiseKey key, int64_t first_trajectory, int64_t trajectories, int64_t units)
    : key_(key),
      first_(first_trajectory),
      trajectories_(trajectories),
      stride_((units + cpu::kStripRows - 1) / cpu::kStripRows * cpu::kStripRows),
      buffer_(std::make_unique<Buffer>()) {
  buffer_->values.assign(trajectories_ * stride_, 0.0f);
}

StepNormals::~StepNormals() = default;
StepNormals::StepNormals(StepNormals&&) noexcept = default;

const float* StepNormals::at(int64_t step) {
  cpu::kernels().fill_normals(key_, static_cast<uint64_t>(first_), trajectories_, static_cast<uint64_t>(step), stride_,
                              buffer_->values.data());
  return buffer_->values.data();
}

}  // namespace swell
