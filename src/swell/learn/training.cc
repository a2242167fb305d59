#include "swell/learn/training.h"

#include <utility>

namespace swell {

bool TrainingCourse::out_of_time() const {
  const double passed = earlier_s_ + std::chrono::duration<double>(Clock::now() - start_).count();
  return control_.budget_s > 0 && passed >= control_.budget_s;
}

std::function<bool()> TrainingCourse::halted(int64_t update) const {
  return [this, update] { return (control_.stop && control_.stop()) || (update > 0 && out_of_time()); };
}

bool TrainingCourse::goes_on(const std::string& stage, int64_t total, const TrainingState& state) const {
  const bool go_on = tell(control_.progress,
                          {stage, static_cast<double>(state.update), static_cast<double>(total), state.loss.back()});
  return go_on && !out_of_time();
}

void TrainingCourse::keep(const TrainingState& state) const {
  if (control_.keep) control_.keep(state);
}

AfterUpdate TrainingCourse::after_update(std::string stage, int64_t total) const {
  return [this, stage = std::move(stage), total](const TrainingState& state) {
    keep(state);
    return goes_on(stage, total, state);
  };
}

}  // namespace swell
