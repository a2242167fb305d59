#include "swell/engine/run.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "swell/base/memory.h"
#include "swell/engine/cpu/cpu.h"
#include "swell/engine/memory.h"
#include "swell/engine/reference/reference.h"
#include "swell/engine/timeline.h"

namespace swell {

namespace {

constexpr std::pair<Precision, std::string_view> kPrecisions[] = {
    {Precision::f32, "f32"}, {Precision::bf16x3, "bf16x3"}, {Precision::bf16, "bf16"}};

}  // namespace

std::string_view name_of(Precision precision) {
  return std::ranges::find(kPrecisions, precision, &std::pair<Precision, std::string_view>::first)->second;
}

std::optional<Precision> precision_named(std::string_view name) {
  for (const auto& [precision, its_name] : kPrecisions) {
    if (name == its_name) return precision;
  }
  return std::nullopt;
}

Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check_options(computer, protocol, options);
  const MemoryPlan plan = plan_memory(computer, protocol, options);
  check_memory(plan, available_memory());
  std::vector<PlannedFile> files = options.files;
  if (!options.checkpoint.path.empty()) {
    files.push_back(
        {options.checkpoint.path, checkpoint_bytes(computer, protocol, options), "fewer trajectories at once"});
  }
  check_disk(files);
  const double before = static_cast<double>(resident_memory());
  Run result = options.engine == EngineKind::reference ? reference::run(computer, protocol, options)
                                                       : cpu::run(computer, protocol, options);
  result.wall_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.memory_predicted_bytes = before + plan.bytes();
  return result;
}

}  // namespace swell
