#include "swell/engine/memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/base/ranks.h"
#include "swell/engine/engines.h"
#include "swell/engine/timeline.h"
#include "swell/io/npy_stream.h"

namespace swell {

double MemoryPlan::bytes() const {
  double sum = 0;
  for (const Part& part : parts) sum += part.bytes;
  return sum;
}

namespace {

ObservedSums sums_of(const System& system, const Protocol& protocol, const RunOptions& options) {
  std::vector<int64_t> lengths;
  for (const Segment& segment : protocol.segments)
    lengths.push_back(count_steps(segment, step_length(system, options)));
  const auto points = static_cast<int64_t>(course_steps(lengths, options.observables.course_every).size());
  return observed_sums(system, options.observables, points);
}

// What a run leaves.
MemoryPlan plan_result(const System& system, const Protocol& protocol, const RunOptions& options) {
  const auto trajectories = static_cast<double>(options.trajectories), units = static_cast<double>(system.units());
  const auto steps = static_cast<double>(count_steps(protocol, step_length(system, options)));
  const char* fewer = "fewer trajectories at once";
  MemoryPlan plan;
  plan.parts.push_back({"end states",
                        trajectories * units * (system.kind() == System::Kind::pbits ? sizeof(int8_t) : sizeof(double)),
                        fewer});
  plan.parts.push_back(
      {"books",
       trajectories * (static_cast<double>(protocol.segments.size()) * sizeof(SegmentBooks) + 2 * sizeof(double)),
       fewer});
  plan.parts.push_back({"schedules", steps * static_cast<double>(system.groups().size() + 1) * sizeof(double),
                        "fewer steps (a longer dt)"});
  plan.parts.push_back({"results", options.result_bytes, fewer});
  const Snapshots& shots = options.snapshots;
  const double kept = shots.take ? 0
                                 : static_cast<double>(count_snapshots(shots, static_cast<int64_t>(steps))) *
                                       static_cast<double>(shots.trajectories) * static_cast<double>(shots.units) *
                                       sizeof(float);
  plan.parts.push_back({"snapshots", shots.file ? std::min(kept, static_cast<double>(NpyStream::kQueueBytes)) : kept,
                        "fewer snapshots, or fewer trajectories and units in them"});
  if (options.observables.every > 0 || options.observables.course_every > 0) {
    const ObservedSums sums = sums_of(system, protocol, options);
    plan.parts.push_back({"observables", trajectories * static_cast<double>(sums.size()) * sizeof(double),
                          "fewer trajectories at once, fewer points in time, or observables of one group"});
  }
  return plan;
}

}  // namespace

MemoryPlan plan_memory(const System& system, const Protocol& protocol, const RunOptions& options) {
  MemoryPlan plan = plan_result(system, protocol, options);
  const bool open = options.engine == EngineKind::automatic;
  find_engine(system, open ? choose_engine(system, protocol, options) : options.engine)
      .plan(system, protocol, options, plan);
  return plan;
}

MemoryPlan plan_share(const System& system, const Protocol& protocol, const RunOptions& options, const Ranks& ranks) {
  RunOptions part = options;
  part.trajectories =
      portion(options.trajectories, grain_of_trajectories(options.trajectories, ranks.size()), 0, ranks.size()).count;
  part.snapshots.trajectories = std::min(options.snapshots.trajectories, part.trajectories);
  part.result_bytes = 0;
  MemoryPlan plan = plan_memory(system, protocol, part);
  // As it comes from the others, and put together.
  plan.parts.push_back({"results of all ranks", 2 * plan_result(system, protocol, options).bytes(),
                        "fewer trajectories at once, or fewer ranks with more threads each"});
  for (MemoryPlan::Part& one : plan.parts) one.bytes *= ranks.neighbours();
  return plan;
}

double checkpoint_bytes(const System& system, const Protocol& protocol, const RunOptions& options) {
  // States of linear systems in double precision, else in single.
  double numbers = (system.kind() == System::Kind::linear ? 1 : 0.5) * static_cast<double>(system.units());
  numbers += 3 * static_cast<double>(protocol.segments.size()) + 4;
  if (options.observables.every > 0 || options.observables.course_every > 0)
    numbers += static_cast<double>(sums_of(system, protocol, options).size());
  // The old one stays until the new one is complete.
  return 2 * static_cast<double>(options.trajectories) * numbers * sizeof(double);
}

void check_memory(const MemoryPlan& plan, int64_t available) {
  if (plan.bytes() <= static_cast<double>(available)) return;
  const double gibibyte = 1024.0 * 1024 * 1024;
  const auto& largest = *std::ranges::max_element(plan.parts, {}, &MemoryPlan::Part::bytes);
  throw InputError(
      fmt::format("the run needs {:.4g} GiB of memory, {:.4g} GiB are available; {:.4g} GiB are {}: {} would help",
                  plan.bytes() / gibibyte, static_cast<double>(available) / gibibyte, largest.bytes / gibibyte,
                  largest.what, largest.less));
}

}  // namespace swell
