#include "swell/learn/averaged_adam.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/kernels/stage_rows.h"

namespace swell {

namespace {

constexpr double kFollow = 2e-3;  // share by which the average moves to the parameters

}  // namespace

double share_of_rate(int64_t update, int64_t updates) {
  const auto done = static_cast<double>(update), all = static_cast<double>(updates);
  const double rise = std::min(1.0, (done + 1) / std::min(200.0, std::max(1.0, 0.05 * all)));
  return rise * 0.5 * (1 + std::cos(std::numbers::pi * done / all));
}

void prepare_adam(TrainingState& state) {
  state.memory.resize(3);
  state.memory[0].resize(state.parameters.size(), 0.0f);
  state.memory[1].resize(state.parameters.size(), 0.0f);
  if (state.memory[2].empty()) state.memory[2] = state.parameters;
}

AdamStep::AdamStep(TrainingState& state) : state_(state) {
  const auto taken = static_cast<double>(state.update + 1);
  unbias_mean_ = static_cast<float>(1 / (1 - std::pow(static_cast<double>(kAdaptMeanDecay), taken)));
  unbias_square_ = static_cast<float>(1 / (1 - std::pow(static_cast<double>(kAdaptSquareDecay), taken)));
  follow_ = static_cast<float>(std::max(kFollow, 1 / (taken + 1)));
}

void AdamStep::operator()(int64_t from, int64_t count, const float* derivative, double rate) const {
  stage_row_kernels().adapt(count, static_cast<float>(rate), unbias_mean_, unbias_square_, follow_, derivative,
                            state_.parameters.data() + from, state_.memory[0].data() + from,
                            state_.memory[1].data() + from, state_.memory[2].data() + from);
}

}  // namespace swell
