#include "swell/ledger/housekeeping.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/physics/potential.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kMostNumbers = 1 << 22;  // of states that are held at once

// N of a state, and the way it does its work.
class ForceWithoutPotential {
 public:
  ForceWithoutPotential(const Computer& chip, const CouplingSet& set)
      : chip_(chip), set_(set), symmetric_(dense_matrix(chip, set)) {
    const int64_t n = chip.units();
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j < i; ++j) {
        double &a = symmetric_[i * n + j], &b = symmetric_[j * n + i];
        a = b = (a + b) / 2;
      }
    }
  }
  std::vector<double> at(std::span<const double> x) const {
    std::vector<double> N = coupling_field(chip_, &set_, x);
    const auto n = static_cast<int64_t>(x.size());
    for (int64_t i = 0; i < n; ++i) {
      double sum = 0;
      for (int64_t j = 0; j < n; ++j) sum += symmetric_[i * n + j] * x[j];
      N[i] = sum - N[i];
    }
    return N;
  }

 private:
  const Computer& chip_;
  const CouplingSet& set_;
  std::vector<double> symmetric_;
};

RunOptions options_of(const RateOptions& rate) {
  RunOptions options;
  options.dt = rate.dt;
  options.noise = {rate.seed, stream::kRun};
  options.trajectories = rate.trajectories;
  options.threads = rate.threads;
  options.one_of_many = true;
  return options;
}

}  // namespace

Estimate housekeeping_rate(const Computer& given, int set, const RateOptions& rate) {
  if (given.memory.remembers() || !given.warmth.empty())
    throw InputError(
        "a rate of entropy needs white noise of one kT, and this chip has other noise or couplings that lag");
  if (!(given.kT > 0)) throw InputError(fmt::format("a rate of entropy needs kT above 0, not {}", given.kT));
  Computer chip = given;
  chip.memory = {};
  const ForceWithoutPotential force(chip, chip.sets.at(static_cast<size_t>(set)));
  const int64_t n = chip.units(), steps = std::max<int64_t>(5, std::llround(rate.time / rate.dt));
  RunOptions options = options_of(rate);
  const auto advance = [&](int64_t count, bool watched, const std::vector<double>& start) {
    Segment segment;
    segment.name = "at rest";
    segment.duration = static_cast<double>(count) * rate.dt;
    segment.couplings = set;
    segment.drive.resize(chip.groups.size());
    segment.clamped.resize(chip.groups.size(), 0);
    options.start = start;
    options.snapshots = watched ? Snapshots{1, 0, 0, n, rate.trajectories} : Snapshots{};
    Run run = swell::run(chip, {"at rest", {segment}}, options);
    options.first_step += count;
    return run;
  };
  const int64_t settling = steps / 5, counted = steps - settling;
  const int64_t portion = std::clamp<int64_t>(kMostNumbers / (n * rate.trajectories), 2, counted);
  std::vector<double> state = advance(settling, false, {}).states, made(rate.trajectories, 0.0);
  for (int64_t done = 0; done < counted; done += portion) {
    const int64_t count = std::min(portion, counted - done);
    const Run run = advance(count, true, state);
    parallel_for(rate.trajectories, rate.threads, [&](int64_t t) {
      const auto at = [&](int64_t step) {
        const float* const x = run.snapshots.data() + (step * rate.trajectories + t) * n;
        return std::vector<double>(x, x + n);
      };
      std::vector<double> x = at(0), N = force.at(x);
      for (int64_t step = 1; step <= count; ++step) {
        const std::vector<double> after = at(step), then = force.at(after);
        for (int64_t i = 0; i < n; ++i) made[t] += (N[i] + then[i]) / 2 * (after[i] - x[i]);
        x = after;
        N = then;
      }
    });
    state = run.states;
  }
  for (double& one : made) one /= chip.kT * static_cast<double>(counted) * rate.dt;
  return estimate(made);
}

Estimate housekeeping_rate(const IsingModel& chip, double kT, const RateOptions& rate) {
  if (!(kT > 0)) throw InputError(fmt::format("a rate of entropy needs kT above 0, not {}", kT));
  const auto sweeps = static_cast<double>(std::max<int64_t>(5, std::llround(rate.time)));
  const double settling = std::floor(sweeps / 5);
  Segment first{"settling", settling, 0, {}, {}, {}}, second{"at rest", sweeps - settling, 0, {}, {}, {}};
  first.kT = second.kT = {{{0.0, kT}}};
  const Run run = swell::run(chip, {"at rest", {first, second}}, options_of(rate));
  std::vector<double> made;
  for (int64_t t = 0; t < run.trajectories; ++t) made.push_back(run.book(t, 1).entropy / second.duration);
  return estimate(made);
}

}  // namespace swell
