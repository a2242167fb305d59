#include "swell/programs/linear/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/ledger/temperature.h"

namespace swell::linear {

namespace {

constexpr int64_t kLeastDraws = 8;    // of a replica, four in each half
constexpr double kLimitInErrors = 5;  // that R-hat may lie above its expectation
constexpr double kMostOfStart = 0.3;  // of the errors of sampling and arithmetic: more is said

Chains watched(const std::vector<Readings>& groups, int64_t which) {
  Chains chains{0, groups[0].watched().rows(), {}};
  for (const Readings& group : groups) {
    const EvenRecord& record = group.watched();
    for (int64_t column = which; column < record.width(); column += 2, ++chains.chains) {
      for (int64_t time = 0; time < chains.draws; ++time) chains.values.push_back(record.at(time, column));
    }
  }
  return chains;
}

void watch_replicas(const SamplingTask& task, const std::vector<Readings>& groups, const Average& average,
                    Diagnostics& diagnostics) {
  const Chains along = watched(groups, 0);
  if (along.draws < kLeastDraws) {
    diagnostics.r_hat = diagnostics.effective_draws =
        Known<double>::unknown(fmt::format("each replica gave {} samples; {} are needed", along.draws, kLeastDraws));
    return;
  }
  diagnostics.r_hat = diagnostics.effective_draws = Known<double>::unknown("nothing that was watched varies");
  // Averaged noise makes neighbouring states more alike, by half a step.
  const double smoothed = task.how == Integrator::leimkuhler_matthews ? 0.5 * average.step : 0;
  const double spacing = average.interval * static_cast<double>(groups[0].watched().stride()) - smoothed;
  const double by_chance =
      expected_r_hat(std::exp(-spacing / average.relaxation_time), along.draws / 2, along.chains, kLimitInErrors);
  const double limit = std::max(Diagnostics::kMost, by_chance);
  watch(diagnostics, "the slowest mode", along, limit);
  watch(diagnostics, "the states' size", watched(groups, 1), limit);
}

}  // namespace

Diagnostics diagnose(const SamplingTask& task, const std::vector<Readings>& groups, const Average& average) {
  Diagnostics diagnostics =
      no_diagnostics("each group of replicas has couplings of its own (mitigation), and they need not agree");
  diagnostics.chain = "replicas";
  diagnostics.kT_unit = "kT";
  diagnostics.kT_set = 1;
  diagnostics.advice = "a longer burn-in, a longer budget or more samples";
  diagnostics.first_law =
      Known<FirstLaw>::none("heat is read from the potential at the end, so that there is nothing to close");
  const double others = std::hypot(average.parts.sampling, average.parts.arithmetic);
  if (average.parts.start > kMostOfStart * others) {
    diagnostics.start = fmt::format(
        "what is left of the start z = 0 is {:.2g} times the error of sampling and arithmetic: it was stopped before "
        "the machine had forgotten it",
        average.parts.start / others);
  }
  if (task.machines.size() > 1) return diagnostics;
  watch_replicas(task, groups, average, diagnostics);
  const bool euler = task.how == Integrator::euler_maruyama;
  diagnostics.kT = linear_temperature(task.machines[0], average.end_states, euler ? average.step : 0);
  return diagnostics;
}

}  // namespace swell::linear
