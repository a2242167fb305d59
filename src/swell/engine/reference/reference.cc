#include "swell/engine/reference/reference.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "swell/base/errors.h"
#include "swell/engine/group_books.h"
#include "swell/engine/part.h"
#include "swell/engine/timeline.h"
#include "swell/io/npy_stream.h"
#include "swell/physics/langevin.h"
#include "swell/physics/potential.h"

namespace swell::reference {

namespace {

// One trajectory on its way: x, the control in force, and the books.
class Trajectory {
 public:
  Trajectory(const Computer& computer, const RunOptions& options, int64_t number, Run& result)
      : computer_(computer),
        options_(options),
        number_(number),
        result_(result),
        books_(keeps_books(computer)),
        x_(computer.units(), 0.0),
        force_(computer.units(), 0.0) {
    if (!options.start.empty()) {
      const auto start = options.start.subspan(number * computer.units(), computer.units());
      x_.assign(start.begin(), start.end());
    }
    const Patterns* patterns = options.patterns;
    if (patterns && patterns->rows > 0) {
      const int64_t row = (options.first_trajectory + number) % patterns->rows;
      pattern_ = std::span(patterns->values).subspan(row * computer.units(), computer.units());
    }
  }

  void advance(const std::vector<SegmentTimeline>& timelines, const Observer& observer, Meter& meter) {
    if (options_.observables.by_group)
      group_books_.emplace(computer_, timelines, 1, std::vector<double>(pattern_.begin(), pattern_.end()));
    snapshot(0);
    bool ended = false;
    for (size_t s = 0; s < timelines.size() && !ended; ++s) {
      for (int64_t k = 0; k < timelines[s].steps; ++k) {
        const int64_t now = timelines[s].first_step + k;
        ended = meter.reach(number_, now, now + 1) == now;
        if (ended) break;
        step(timelines[s], static_cast<int64_t>(s), k, observer);
        if (!meter.add(1)) throw Interrupted("the run was interrupted; nothing of it was kept");
      }
    }
    meter.finish(number_, 1);
    result_.end_energy[number_] = height(x_);
    std::copy(x_.begin(), x_.end(), result_.states.begin() + number_ * computer_.units());
  }

 private:
  // Work: the control changes while x stays. Clamped units jump to their pattern here, too.
  void change_control(const SegmentTimeline& timeline, int64_t k, SegmentBooks& books) {
    const bool first = timeline.first_step + k == 0;
    const double before = first ? 0.0 : height(x_);
    const size_t groups = computer_.groups.size();
    control_.set = timeline.set;
    for (int64_t i = 0; i < computer_.units(); ++i) {
      const int g = group_of_unit(computer_, i);
      const double pattern = pattern_.empty() ? 0.0 : pattern_[i];
      force_[i] = timeline.drive[k * groups + g] * pattern;
      if (timeline.clamped[g]) x_[i] = pattern;
    }
    control_.force = force_;
    const double after = height(x_);
    if (first) {
      result_.start_energy[number_] = after;
    } else {
      books.work += after - before;
    }
  }

  // V, where there is one.
  double height(const std::vector<double>& x) const { return books_ ? energy(computer_, control_, x) : 0; }

  void step(const SegmentTimeline& timeline, int64_t s, int64_t k, const Observer& observer) {
    SegmentBooks& books = result_.books[number_ * result_.segments + s];
    change_control(timeline, k, books);
    if (timeline.first_step + k == 0) record(0);
    const int64_t step = timeline.first_step + k;
    const double kT = timeline.kT[k];
    const std::vector<double> dV = gradient(computer_, control_, x_);
    next_ = x_;
    for (int64_t i = 0; i < computer_.units(); ++i) {
      if (timeline.clamped[group_of_unit(computer_, i)]) continue;
      const double mu = computer_.mobility[i], warmth = computer_.warmth.empty() ? 1 : computer_.warmth[i];
      next_[i] =
          langevin_step(x_[i], dV[i], mu * options_.dt, noise_amplitude(mu, warmth * kT, options_.dt), noise(step, i));
      if (!std::isfinite(next_[i])) throw Diverged(options_.first_trajectory + number_, step, i, options_.dt);
    }
    const double heat = height(x_) - height(next_);
    books.heat += heat;
    if (kT > 0) books.entropy += heat / kT;
    if (observer) observer(number_, step, x_, next_);
    if (group_books_) {
      std::ranges::copy(x_, group_books_->before().begin());
      std::ranges::copy(next_, group_books_->after().begin());
      group_books_->add(static_cast<size_t>(s), k, result_.sums, [&](int64_t) { return observed(); });
    }
    x_.swap(next_);
    snapshot(step + 1);
    record(step + 1);
    if (!is_observed(options_.observables, step + 1)) return;
    // The state before the step is in next_ now.
    observe(
        computer_.groups, options_.observables, result_.sums, [&](int64_t i) { return x_[i]; }, height(next_),
        observed());
  }
  double* observed() { return result_.observed.data() + number_ * result_.sums.size(); }

  void record(int64_t step) {
    const int64_t point = point_at(result_.course_steps, step);
    if (point < 0) return;
    SegmentBooks all;
    for (int64_t s = 0; s < result_.segments; ++s) {
      const SegmentBooks& books = result_.book(number_, s);
      all.work += books.work;
      all.heat += books.heat;
      all.entropy += books.entropy;
    }
    swell::record(
        computer_.groups, result_.sums, point, all, height(x_), [&](int64_t i) { return x_[i]; }, observed());
  }

  double noise(int64_t step, int64_t unit) const {
    const uint64_t trajectory = options_.first_trajectory + number_;
    step += options_.first_step;
    const double now = draw_normal(options_.noise, trajectory, step, unit);
    if (options_.integrator == Integrator::euler_maruyama) return now;
    return 0.5 * (now + static_cast<double>(draw_normal(options_.noise, trajectory, step + 1, unit)));
  }

  void snapshot(int64_t step) {
    const Snapshots& shots = options_.snapshots;
    const int64_t shot = snapshot_number(shots, step);
    if (shot < 0 || number_ >= shots.trajectories) return;
    const int64_t place = (shot * shots.trajectories + number_) * shots.units;
    std::vector<float> row(shots.units);
    for (int64_t u = 0; u < shots.units; ++u) row[u] = static_cast<float>(x_[shots.first_unit + u]);
    if (shots.file) {
      shots.file->put(place, std::move(row));
    } else {
      std::ranges::copy(row, result_.snapshots.begin() + place);
    }
  }

  const Computer& computer_;
  const RunOptions& options_;
  int64_t number_;
  Run& result_;
  bool books_;
  std::vector<double> x_, next_, force_;
  std::span<const double> pattern_;
  Control control_;
  std::optional<GroupBooks> group_books_;
};

}  // namespace

Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options, const Observer& observer) {
  check_options(computer, protocol, options);
  const auto timelines = lay_out(computer, protocol, options.dt);
  Run result = make_run(computer, timelines, options);
  if (options.snapshots.file) options.snapshots.file->open(NpyStream::Mode::fresh);
  Meter meter(options, 0, options.trajectories * result.steps);
  for (int64_t t = 0; t < options.trajectories && !meter.stopped(); ++t) {
    try {
      Trajectory(computer, options, t, result).advance(timelines, observer, meter);
    } catch (const Interrupted&) {
      if (!meter.stopped()) throw;  // else this trajectory is dropped
    }
  }
  if (meter.stopped()) keep_part(timelines, options, meter, result);
  return result;
}

}  // namespace swell::reference
