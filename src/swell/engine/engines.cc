#include "swell/engine/engines.h"

#include "swell/base/errors.h"
#include "swell/engine/cpu/cpu.h"
#include "swell/engine/cuda/cuda.h"
#include "swell/engine/linear/linear.h"
#include "swell/engine/pbits/run.h"
#include "swell/engine/reference/reference.h"
#include "swell/engine/timeline.h"

namespace swell {

namespace {

void plan_nothing(const System&, const Protocol&, const RunOptions&, MemoryPlan&) {}

Run run_reference(const System& system, const Protocol& protocol, const RunOptions& options) {
  return reference::run(*system.computer(), protocol, options);
}

Run run_cpu(const System& system, const Protocol& protocol, const RunOptions& options) {
  return cpu::run(*system.computer(), protocol, options);
}

void plan_cpu(const System& system, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan) {
  cpu::plan(*system.computer(), protocol, options, plan);
}

Run run_cuda(const System& system, const Protocol& protocol, const RunOptions& options) {
  return cuda::run(*system.computer(), protocol, options);
}

void plan_cuda(const System& system, const Protocol& protocol, const RunOptions& options, MemoryPlan& plan) {
  cuda::plan(*system.computer(), protocol, options, plan);
}

bool gains_cuda(const System& system, const Protocol& protocol, const RunOptions& options) {
  return cuda::gains(*system.computer(), protocol, options);
}

using Kind = System::Kind;
constexpr Engine kEngines[] = {
    {"cpu", EngineKind::cpu, Kind::langevin, true, true, true, true, nullptr, plan_cpu, run_cpu},
    {"reference", EngineKind::reference, Kind::langevin, false, true, true, true, nullptr, plan_nothing, run_reference},
    {"cuda", EngineKind::cuda, Kind::langevin, false, false, false, false, gains_cuda, plan_cuda, run_cuda},
    {"p-bits", EngineKind::cpu, Kind::pbits, true, false, true, false, nullptr, pbits::plan, pbits::run},
    {"p-bits, reference", EngineKind::reference, Kind::pbits, true, false, true, false, nullptr, pbits::plan,
     pbits::run},
    {"p-bits, cuda", EngineKind::cuda, Kind::pbits, true, false, false, false, nullptr, pbits::plan, pbits::run},
    {"linear", EngineKind::cpu, Kind::linear, true, false, true, false, nullptr, linear::plan, linear::run},
    {"linear", EngineKind::reference, Kind::linear, true, false, true, false, nullptr, linear::plan, linear::run},
};

}  // namespace

EngineKind choose_engine(const System& system, const Protocol& protocol, const RunOptions& options) {
  // A device draws from a seed, keeps no books of single groups and has one kT and one number for each coupling.
  if (options.noise.entropy || options.observables.by_group || !keeps_books(system)) return EngineKind::cpu;
  for (const Engine& engine : kEngines) {
    if (engine.system == system.kind() && engine.gains && engine.gains(system, protocol, options)) return engine.choice;
  }
  return EngineKind::cpu;
}

const Engine& find_engine(const System& system, EngineKind choice) {
  for (const Engine& engine : kEngines) {
    if (engine.system == system.kind() && engine.choice == choice) return engine;
  }
  throw InputError("no engine of this build advances such a machine");
}

}  // namespace swell
