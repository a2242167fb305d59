#include "swell/engine/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "swell/base/errors.h"
#include "swell/engine/cpu/cpu.h"
#include "swell/engine/timeline.h"
#include "swell/io/npy_stream.h"

namespace swell {

double MemoryPlan::bytes() const {
  double sum = 0;
  for (const Part& part : parts) sum += part.bytes;
  return sum;
}

namespace {

ObservedSums sums_of(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  std::vector<int64_t> lengths;
  for (const Segment& segment : protocol.segments) lengths.push_back(count_steps(segment, options.dt));
  const auto points = static_cast<int64_t>(course_steps(lengths, options.observables.course_every).size());
  return observed_sums(computer, options.observables, points);
}

}  // namespace

MemoryPlan plan_memory(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  const auto trajectories = static_cast<double>(options.trajectories), units = static_cast<double>(computer.units());
  const auto steps = static_cast<double>(count_steps(protocol, options.dt));
  const char* fewer = "fewer trajectories at once";
  MemoryPlan plan;
  plan.parts.push_back({"end states", trajectories * units * sizeof(double), fewer});
  plan.parts.push_back(
      {"books",
       trajectories * (static_cast<double>(protocol.segments.size()) * sizeof(SegmentBooks) + 2 * sizeof(double)),
       fewer});
  plan.parts.push_back({"schedules", steps * static_cast<double>(computer.groups.size() + 1) * sizeof(double),
                        "fewer steps (a longer dt)"});
  plan.parts.push_back({"results", options.result_bytes, fewer});
  const Snapshots& shots = options.snapshots;
  const double kept = static_cast<double>(count_snapshots(shots, static_cast<int64_t>(steps))) *
                      static_cast<double>(shots.trajectories) * static_cast<double>(shots.units) * sizeof(float);
  plan.parts.push_back({"snapshots", shots.file ? std::min(kept, static_cast<double>(NpyStream::kQueueBytes)) : kept,
                        "fewer snapshots, or fewer trajectories and units in them"});
  if (options.observables.every > 0 || options.observables.course_every > 0) {
    const ObservedSums sums = sums_of(computer, protocol, options);
    plan.parts.push_back({"observables", trajectories * static_cast<double>(sums.size()) * sizeof(double),
                          "fewer trajectories at once, fewer points in time, or observables of one group"});
  }
  if (options.engine == EngineKind::reference) return plan;

  const double under_way = cpu::bytes_under_way(computer, options);
  plan.parts.push_back({"trajectories under way", under_way, "fewer threads"});
  std::set<int> sets;
  for (const Segment& segment : protocol.segments) sets.insert(segment.couplings);
  sets.erase(kNoCouplings);
  double packed = 0;
  for (const int set : sets) packed += cpu::packed_bytes(computer, computer.sets[set], options);
  plan.parts.push_back({"couplings", packed, "fewer units"});
  if (!options.checkpoint.path.empty()) {
    // Two copies of what is under way, one on its way to the place of the other, and where all stand; or the file and
    // its stages on a resume.
    double bytes = 2 * under_way + trajectories * 2 * (sizeof(int64_t) + sizeof(void*));
    std::error_code none;
    const auto file = std::filesystem::file_size(options.checkpoint.path, none);
    if (!none) bytes = std::max(bytes, 2 * static_cast<double>(file));
    plan.parts.push_back({"checkpoint", bytes, fewer});
  }
  return plan;
}

double checkpoint_bytes(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  double numbers = 0.5 * static_cast<double>(computer.units());  // states in single precision
  numbers += 3 * static_cast<double>(protocol.segments.size()) + 4;
  if (options.observables.every > 0 || options.observables.course_every > 0)
    numbers += static_cast<double>(sums_of(computer, protocol, options).size());
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
