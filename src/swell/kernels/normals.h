#pragma once

#include <cstdint>
#include <memory>

#include "swell/random/normal.h"

namespace swell {

// The draws of whole steps, as the engines take them: the normal of (key, first_trajectory + t, step, unit).
class StepNormals {
 public:
  StepNormals(NoiseKey key, int64_t first_trajectory, int64_t trajectories, int64_t units);
  ~StepNormals();
  StepNormals(StepNormals&&) noexcept;

  // [trajectories][stride()], the units first; valid until the next call.
  const float* at(int64_t step);
  int64_t stride() const { return stride_; }

 private:
  struct Buffer;
  NoiseKey key_;
  int64_t first_, trajectories_, stride_;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace swell
