#include "swell/learn/descent.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>

#include "swell/base/clock.h"
#include "swell/base/errors.h"

namespace swell {

namespace {

constexpr double kMeanDecay = 0.9, kSquareDecay = 0.999, kTiny = 1e-8;

double rate_at(const DescentOptions& options, int64_t update) {
  const double share = static_cast<double>(update) / static_cast<double>(options.updates);
  const double rise =
      options.warm_up > 0 ? std::min(1.0, (share + 1.0 / static_cast<double>(options.updates)) / options.warm_up) : 1.0;
  return options.rate * rise * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

}  // namespace

bool descend(const Objective& objective, const DescentOptions& options, TrainingState& state) {
  const size_t count = state.parameters.size();
  state.memory.resize(2, std::vector<float>(count, 0.0f));
  std::vector<float>&mean = state.memory[0], &square = state.memory[1];
  std::vector<float> gradient;
  while (state.update < options.updates) {
    const auto start = std::chrono::steady_clock::now();
    int64_t evaluations = 0;
    const double loss = objective(state.update, state.parameters, gradient, evaluations);
    if (!std::isfinite(loss)) {
      throw InputError(
          fmt::format("the loss is {} at update {}; a smaller rate than {:g} or a smaller step dt is needed", loss,
                      state.update, options.rate));
    }
    const double rate = rate_at(options, state.update);
    ++state.update;
    const auto unbias = [&](double decay) { return 1 / (1 - std::pow(decay, static_cast<double>(state.update))); };
    const auto first = static_cast<float>(rate * unbias(kMeanDecay)), second = static_cast<float>(unbias(kSquareDecay));
    constexpr float a = static_cast<float>(kMeanDecay), b = static_cast<float>(kSquareDecay);
    for (size_t k = 0; k < count; ++k) {
      mean[k] = a * mean[k] + (1 - a) * gradient[k];
      square[k] = b * square[k] + (1 - b) * gradient[k] * gradient[k];
      state.parameters[k] -= first * mean[k] / (std::sqrt(second * square[k]) + static_cast<float>(kTiny));
    }
    state.loss.push_back(loss);
    state.evaluations += evaluations;
    state.wall_s += seconds_since(start);
    if (options.after_update && !options.after_update(state)) return false;
  }
  return true;
}

}  // namespace swell
