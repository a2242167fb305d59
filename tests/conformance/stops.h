#pragma once

#include <optional>

#include "swell/base/errors.h"
#include "swell/engine/run.h"

namespace swell::test {

// A run that is stopped after more and more looks at the progress callback and goes on from its checkpoint, until it
// reaches its end; with one thread and two in turn.
struct StoppedRun {
  std::optional<Run> run;
  int stops = 0;
};
inline StoppedRun run_with_stops(const System& system, const Protocol& protocol, RunOptions options) {
  StoppedRun result;
  for (int64_t looks = 2; !result.run && looks < 100000; looks += looks / 2 + 3) {
    options.progress = [left = looks](const Progress&) mutable { return --left > 0; };
    options.threads = 1 + result.stops % 2;
    try {
      result.run = run(system, protocol, options);
    } catch (const Interrupted&) {
      ++result.stops;
    }
  }
  return result;
}

}  // namespace swell::test
