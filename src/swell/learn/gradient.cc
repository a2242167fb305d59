#include "swell/learn/gradient.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <span>

#include "swell/base/errors.h"
#include "swell/engine/timeline.h"
#include "swell/kernels/matrix_product.h"
#include "swell/physics/onsite.h"
#include "swell/physics/path_probability.h"

namespace swell {

namespace {

constexpr int kTrajectoriesAtOnce = 16;  // simulated together; they do not depend on what is learned

struct LearnedSteps {
  int64_t first = 0, count = 0;
  std::vector<double> kT;  // [count]
};

LearnedSteps learned_steps(const Computer& computer, const LearnedProtocol& noising, double dt) {
  require_learned(noising);
  LearnedSteps steps;
  const auto timelines = lay_out(computer, noising, dt);
  for (size_t s = 0; s < timelines.size(); ++s) {
    const Segment& segment = noising.segments[s];
    const bool clamped = std::find(segment.clamped.begin(), segment.clamped.end(), 1) != segment.clamped.end();
    if (segment.couplings != kNoCouplings || clamped) {
      throw InputError(
          fmt::format("protocol '{}', segment '{}': training needs uncoupled, unclamped units while noising",
                      noising.name, segment.name));
    }
    if (!noising.learned[s]) continue;
    if (steps.count > 0 && steps.first + steps.count != timelines[s].first_step) {
      throw InputError(fmt::format("protocol '{}': the learned segments must follow one another", noising.name));
    }
    if (steps.count == 0) steps.first = timelines[s].first_step;
    steps.count += timelines[s].steps;
    steps.kT.insert(steps.kT.end(), timelines[s].kT.begin(), timelines[s].kT.end());
  }
  return steps;
}

// One noising trajectory laid out for learning; rows are learned steps.
struct Path {
  std::vector<double> after;             // [steps][units] x'
  std::vector<double> after_transposed;  // [units][steps]
  std::vector<double> residual;          // [steps][units] dx/(mu dt) - dV(x')/dx under theta = 0, then minus the field
};

// Reads trajectory t out of the snapshots (one before each learned step and one after the last).
Path read_path(const Computer& computer, const Run& run, int64_t t, int64_t kept, int64_t steps, double dt) {
  const int64_t n = computer.units();
  Path path;
  path.after.resize(steps * n);
  path.residual.resize(steps * n);
  path.after_transposed.resize(n * steps);
  for (int64_t k = 0; k < steps; ++k) {
    const float* before = run.snapshots.data() + (k * kept + t) * n;
    const float* after = run.snapshots.data() + ((k + 1) * kept + t) * n;
    for (int64_t i = 0; i < n; ++i) {
      const double x = after[i], dx = x - static_cast<double>(before[i]);
      path.after[k * n + i] = x;
      path.after_transposed[i * steps + k] = x;
      const double slope = onsite_gradient(x, computer.J2[i], computer.J3[i], computer.J4[i]);
      path.residual[k * n + i] = -path_residual(-dx, slope, computer.mobility[i], dt);
    }
  }
  return path;
}

// One update: returns -ln P~ per step and unit before it, and moves J and b.
class Update {
 public:
  Update(const Computer& computer, const CouplingSet& set, const LearnedSteps& steps, double dt, int threads)
      : computer_(computer), set_(set), steps_(steps), dt_(dt), threads_(threads) {}

  double apply(Path& path, double rate, std::span<double> J, std::span<double> b) const {
    const int64_t n = computer_.units();
    subtract_field(path, J, b);
    double loss = 0;
    // The residual becomes d ln P~ / d(field): (mu dt / 2 kT) r.
    for (int64_t k = 0; k < steps_.count; ++k) {
      for (int64_t i = 0; i < n; ++i) {
        double& r = path.residual[k * n + i];
        const double weight = path_weight(computer_.mobility[i], steps_.kT[k], dt_);
        loss += path_loss(weight, r);
        r *= weight;
      }
    }
    std::vector<double> slope(n * n, 0.0);  // sum_k x'_j r_i at [j][i]
    for_each_coupled([&](const Group& rows, const Group& columns) {
      add_product(rows.size, columns.size, steps_.count, path.after_transposed.data() + rows.first * steps_.count,
                  steps_.count, path.residual.data() + columns.first, n, slope.data() + rows.first * n + columns.first,
                  n, threads_);
    });
    for_each_coupled([&](const Group& rows, const Group& columns) {
      for (int64_t i = rows.first; i < rows.first + rows.size; ++i) {
        for (int64_t j = columns.first; j < columns.first + columns.size; ++j) {
          if (i != j) J[i * n + j] += rate * (slope[i * n + j] + slope[j * n + i]);
        }
      }
    });
    for (int64_t i = 0; i < n; ++i) {
      if (!set_.biased[group_of_unit(computer_, i)]) continue;
      double sum = 0;
      for (int64_t k = 0; k < steps_.count; ++k) sum += path.residual[k * n + i];
      b[i] += rate * sum;
    }
    return loss / static_cast<double>(steps_.count * n);
  }

 private:
  template <class Visit>
  void for_each_coupled(Visit&& visit) const {
    for (const CouplingBlock& block : set_.blocks) {
      visit(computer_.groups[block.row_group], computer_.groups[block.column_group]);
      if (block.row_group != block.column_group)
        visit(computer_.groups[block.column_group], computer_.groups[block.row_group]);
    }
  }

  // residual -= x' J + b.
  void subtract_field(Path& path, std::span<const double> J, std::span<const double> b) const {
    const int64_t n = computer_.units();
    std::vector<double> minus(J.size());
    for (size_t k = 0; k < J.size(); ++k) minus[k] = -J[k];
    for_each_coupled([&](const Group& inner, const Group& columns) {
      add_product(steps_.count, columns.size, inner.size, path.after.data() + inner.first, n,
                  minus.data() + inner.first * n + columns.first, n, path.residual.data() + columns.first, n, threads_);
    });
    for (int64_t k = 0; k < steps_.count; ++k) {
      for (int64_t i = 0; i < n; ++i) path.residual[k * n + i] -= b[i];
    }
  }

  const Computer& computer_;
  const CouplingSet& set_;
  const LearnedSteps& steps_;
  double dt_;
  int threads_;
};

Run simulate(const Computer& computer, const LearnedProtocol& noising, const Patterns& patterns,
             const GradientOptions& options, const LearnedSteps& steps, int first, int count) {
  RunOptions run_options = options.run;
  run_options.trajectories = count;
  run_options.first_trajectory = first;
  run_options.patterns = &patterns;
  run_options.snapshots = {1, steps.first, 0, computer.units(), count};
  return run(computer, noising, run_options);
}

}  // namespace

bool train_by_gradient(const Computer& computer, const LearnedProtocol& noising, const Patterns& patterns,
                       const GradientOptions& options, CouplingSet& set, TrainingState& state) {
  if (!keeps_books(computer))
    throw InputError("training needs forces with a potential and white noise of one kT, which this chip has not");
  const LearnedSteps steps = learned_steps(computer, noising, options.run.dt);
  const double rate = options.rate > 0 ? options.rate : 1.0 / static_cast<double>(steps.count);
  const size_t units = computer.units(), couplings = units * units;
  if (state.exact.empty()) {
    state.exact = dense_matrix(computer, set);
    state.exact.insert(state.exact.end(), set.bias.begin(), set.bias.end());
  }
  if (state.exact.size() != couplings + units) {
    throw InputError(fmt::format("the training to go on with has {} parameters; this machine has {}",
                                 state.exact.size(), couplings + units));
  }
  const std::span<double> J(state.exact.data(), couplings), b(state.exact.data() + couplings, units);
  const Update update(computer, set, steps, options.run.dt, options.run.threads);
  bool go_on = true;
  while (state.update < options.updates && go_on) {
    auto start = std::chrono::steady_clock::now();
    const auto first = static_cast<int>(state.update / kTrajectoriesAtOnce * kTrajectoriesAtOnce);
    const int count = std::min(kTrajectoriesAtOnce, options.updates - first);
    const Run run = simulate(computer, noising, patterns, options, steps, first, count);
    for (auto t = static_cast<int>(state.update - first); t < count && go_on; ++t) {
      Path path = read_path(computer, run, t, count, steps.count, options.run.dt);
      const double loss = update.apply(path, rate, J, b);
      if (!std::isfinite(loss)) throw Diverged(first + t, steps.first, 0, options.run.dt);
      state.loss.push_back(loss);
      state.update = first + t + 1;
      state.evaluations = state.update;
      const auto now = std::chrono::steady_clock::now();
      state.wall_s += std::chrono::duration<double>(now - start).count();
      start = now;
      go_on = !options.after_update || options.after_update(state);
    }
  }
  assign_from_dense(computer, {J.begin(), J.end()}, set);
  set.bias.assign(b.begin(), b.end());
  return go_on;
}

}  // namespace swell
