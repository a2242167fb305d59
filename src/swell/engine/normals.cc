#include "swell/engine/normals.h"

#include <algorithm>

#include "swell/engine/cpu/dispatch.h"
#include "swell/engine/cpu/packed.h"

namespace swell {

struct StepNormals::Buffer {
  cpu::AlignedVector<float> values;
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
  for (int64_t t = 0; t < trajectories_; t += cpu::kMaxNarrow) {
    cpu::Tile tile{};
    tile.padded_units = stride_;
    tile.slots = static_cast<int>(std::min<int64_t>(cpu::kMaxNarrow, trajectories_ - t));
    tile.key = key_;
    tile.first_trajectory = static_cast<uint64_t>(first_ + t);
    tile.noise = buffer_->values.data() + t * stride_;
    cpu::kernels().narrow->fill_noise(tile, static_cast<uint64_t>(step));
  }
  return buffer_->values.data();
}

}  // namespace swell
