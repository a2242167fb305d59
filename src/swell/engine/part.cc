#include "swell/engine/part.h"

#include <algorithm>
#include <utility>

#include "swell/base/errors.h"
#include "swell/io/npy_stream.h"

namespace swell {

namespace {

constexpr auto kPatience = std::chrono::milliseconds(400);  // that trajectories have to catch up with the furthest

// The rows of these trajectories move to the front, each cut to its first `width` of `stride` values.
template <class T>
void keep_rows(std::vector<T>& values, const std::vector<int64_t>& trajectories, int64_t stride, int64_t width) {
  auto out = values.begin();
  for (const int64_t t : trajectories) out = std::copy_n(values.begin() + t * stride, width, out);
  values.resize(out - values.begin());
}

std::vector<int64_t> among(std::vector<int64_t> trajectories, int64_t first) {
  std::erase_if(trajectories, [&](int64_t t) { return t >= first; });
  return trajectories;
}

// Where the snapshots of these trajectories stand, in rows of one trajectory.
std::vector<int64_t> rows_of(const Snapshots& shots, int64_t count, const std::vector<int64_t>& filmed) {
  std::vector<int64_t> rows;
  for (int64_t shot = 0; shot < count; ++shot) {
    for (const int64_t t : filmed) rows.push_back(shot * shots.trajectories + t);
  }
  return rows;
}

}  // namespace

void keep_filmed(const Snapshots& shots, int64_t count, const std::vector<int64_t>& trajectories, NpyStream& file) {
  const std::vector<int64_t> filmed = among(trajectories, shots.trajectories);
  file.keep_rows(rows_of(shots, count, filmed), {count, static_cast<int64_t>(filmed.size()), shots.units});
}

Meter::Meter(const RunOptions& options, int64_t done, int64_t total)
    : callback_(options.progress), kept_(options.kept), done_(done), total_(total) {
  if (kept_ == Kept::nothing) return;
  running_.reserve(options.threads);
  finished_.resize(options.trajectories, 0);
}

int64_t Meter::reach(int64_t first, int64_t now, int64_t to) {
  if (kept_ == Kept::nothing) return to;
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(running_, first, &Running::first);
  if (!stopped_) {
    if (found == running_.end())
      running_.push_back({first, to});
    else
      found->step = to;
    return to;
  }
  const bool late = now < end_ && std::chrono::steady_clock::now() > deadline_;
  if (end_ < 0 || found == running_.end() || late) throw Interrupted("the run was interrupted");
  return std::min(to, end_);
}

void Meter::stop() {
  const std::lock_guard lock(mutex_);
  if (kept_ == Kept::nothing) throw Interrupted("the run was interrupted; nothing of it was kept");
  if (!stopped_) end_now();
}

bool Meter::add(int64_t amount) {
  if (!callback_) return true;
  const std::lock_guard lock(mutex_);
  done_ += amount;
  if (stopped_) return true;
  if (tell(callback_, done_, total_)) return true;
  if (kept_ == Kept::nothing) return false;
  end_now();
  return true;
}

void Meter::end_now() {
  stopped_ = true;
  deadline_ = std::chrono::steady_clock::now() + kPatience;
  if (kept_ == Kept::part && std::ranges::find(finished_, 1) == finished_.end()) {
    for (const auto& [first, step] : running_) end_ = std::max(end_, step);
  }
}

void Meter::finish(int64_t first, int64_t count) {
  if (kept_ == Kept::nothing) return;
  const std::lock_guard lock(mutex_);
  std::fill_n(finished_.begin() + first, count, 1);
  std::erase_if(running_, [&](const Running& running) { return running.first == first; });
}

bool Meter::stopped() {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void keep_part(const std::vector<SegmentTimeline>& timelines, const RunOptions& options, const Meter& meter,
               Run& result) {
  std::vector<int64_t> trajectories;
  for (int64_t t = 0; t < result.trajectories; ++t) {
    if (meter.finished()[t]) trajectories.push_back(t);
  }
  if (trajectories.empty()) throw Interrupted("the run was interrupted before the first trajectory had ended");
  cut_run(timelines, options, trajectories, meter.last_step() < 0 ? result.steps : meter.last_step(), result);
}

void cut_run(const std::vector<SegmentTimeline>& timelines, const RunOptions& options,
             const std::vector<int64_t>& trajectories, int64_t steps, Run& result) {
  result.interrupted = true;
  result.kept = trajectories;
  const auto count = static_cast<int64_t>(trajectories.size());
  const int64_t segments =
      std::ranges::count_if(timelines, [&](const SegmentTimeline& timeline) { return timeline.first_step < steps; });
  for (auto* spins : {&result.spins, &result.best_spins}) {
    if (!spins->empty()) keep_rows(*spins, trajectories, result.units, result.units);
  }
  if (!result.flips.empty()) keep_rows(result.flips, trajectories, 1, 1);
  if (!result.best_energy.empty()) keep_rows(result.best_energy, trajectories, 1, 1);
  if (!result.states.empty()) keep_rows(result.states, trajectories, result.units, result.units);
  keep_rows(result.books, trajectories, result.segments, segments);
  keep_rows(result.start_energy, trajectories, 1, 1);
  keep_rows(result.end_energy, trajectories, 1, 1);
  if (!result.observed.empty()) {
    const int64_t stride = result.sums.size();
    std::erase_if(result.course_steps, [&](int64_t step) { return step > steps; });
    result.sums.points = static_cast<int64_t>(result.course_steps.size());  // what is cut off stands at the end
    keep_rows(result.observed, trajectories, stride, result.sums.size());
    if (options.observables.every > 0)
      result.observations = std::max<int64_t>(0, steps - options.observables.from_step) / options.observables.every;
  }
  const Snapshots& shots = options.snapshots;
  if (shots.every > 0) {
    const int64_t kept_shots = count_snapshots(shots, steps);
    const std::vector<int64_t> filmed = among(trajectories, shots.trajectories);
    result.snapshot_times.resize(kept_shots);
    if (shots.take || (shots.file && options.share)) {
      // They are the caller's; the file is that of all ranks.
    } else if (shots.file) {
      keep_filmed(shots, kept_shots, trajectories, *shots.file);
    } else {
      keep_rows(result.snapshots, rows_of(shots, kept_shots, filmed), shots.units, shots.units);
    }
    result.filmed = static_cast<int64_t>(filmed.size());
  }
  result.trajectories = count;
  result.steps = steps;
  result.segments = segments;
}

}  // namespace swell
