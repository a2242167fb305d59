#pragma once

#include <string_view>

#include "swell/engine/fingerprint.h"
#include "swell/engine/memory.h"
#include "swell/engine/run.h"

namespace swell {

// A way to advance machines of one kind. All that run() knows of an engine stands here: a new one (a GPU, a cluster) is
// a folder of its own and a row in engines.cc.
struct Engine {
  std::string_view name;
  EngineKind choice;  // of RunOptions, by which it is asked for
  System::Kind system;
  bool checkpoints;   // whether it keeps any
  bool books_groups;  // whether it keeps books of single groups (Observables::by_group)
  bool directed;      // whether it takes couplings that are not the same in both directions, and units of unlike kT
  bool saturating;    // whether it takes couplings that saturate
  // Of a choice other than cpu: whether EngineKind::automatic takes it for this run. Null: never.
  bool (*gains)(const System& system, const Protocol& protocol, const RunOptions& options);
  // What it will allocate beside the result and the schedules.
  void (*plan)(const System& system, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan);
  Run (*run)(const System& system, const Protocol& protocol, const RunOptions& options);
};

// The engine that EngineKind::automatic stands for.
EngineKind choose_engine(const System& system, const Protocol& protocol, const RunOptions& options);

// Throws InputError where no engine of that choice advances such a machine.
const Engine& find_engine(const System& system, EngineKind choice);

}  // namespace swell
