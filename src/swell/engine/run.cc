#include "swell/engine/run.h"

#include <chrono>

#include "swell/engine/cpu/cpu.h"
#include "swell/engine/reference/reference.h"

namespace swell {

Run run(const Computer& computer, const Protocol& protocol, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Run result = options.engine == EngineKind::reference ? reference::run(computer, protocol, options)
                                                       : cpu::run(computer, protocol, options);
  result.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

}  // namespace swell
