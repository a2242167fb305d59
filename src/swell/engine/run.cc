#include "swell/engine/run.h"

#include <chrono>

#include "swell/base/memory.h"
#include "swell/engine/cpu/cpu.h"
#include "swell/engine/memory.h"
#include "swell/engine/reference/reference.h"
#include "swell/engine/timeline.h"

namespace swell {

Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check_options(computer, protocol, options);
  const MemoryPlan plan = plan_memory(computer, protocol, options);
  check_memory(plan, available_memory());
  const double before = static_cast<double>(resident_memory());
  Run result = options.engine == EngineKind::reference ? reference::run(computer, protocol, options)
                                                       : cpu::run(computer, protocol, options);
  result.wall_s += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.memory_predicted_bytes = before + plan.bytes();
  return result;
}

}  // namespace swell
