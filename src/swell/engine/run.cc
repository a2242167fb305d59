#include "swell/engine/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>
#include <variant>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/memory.h"
#include "swell/engine/draws.h"
#include "swell/engine/engines.h"
#include "swell/engine/join.h"
#include "swell/engine/memory.h"
#include "swell/engine/remember.h"
#include "swell/engine/share.h"
#include "swell/engine/timeline.h"

namespace swell {

namespace {

constexpr std::pair<Precision, std::string_view> kPrecisions[] = {
    {Precision::f32, "f32"}, {Precision::bf16x3, "bf16x3"}, {Precision::bf16, "bf16"}, {Precision::tf32, "tf32"}};
constexpr std::pair<EngineKind, std::string_view> kEngineNames[] = {{EngineKind::cpu, "cpu"},
                                                                    {EngineKind::reference, "reference"},
                                                                    {EngineKind::cuda, "cuda"},
                                                                    {EngineKind::automatic, "auto"}};
constexpr std::pair<FlipRule, std::string_view> kRules[] = {{FlipRule::gibbs, "gibbs"},
                                                            {FlipRule::metropolis, "metropolis"}};

template <class Value, size_t Count>
std::string_view name_in(const std::pair<Value, std::string_view> (&table)[Count], Value value) {
  return std::ranges::find(table, value, &std::pair<Value, std::string_view>::first)->second;
}

template <class Value, size_t Count>
std::optional<Value> named_in(const std::pair<Value, std::string_view> (&table)[Count], std::string_view name) {
  for (const auto& [value, its_name] : table) {
    if (name == its_name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Precision precision) { return name_in(kPrecisions, precision); }
std::optional<Precision> precision_named(std::string_view name) { return named_in(kPrecisions, name); }
std::string_view name_of(EngineKind engine) { return name_in(kEngineNames, engine); }
std::optional<EngineKind> engine_named(std::string_view name) { return named_in(kEngineNames, name); }

namespace {

// Calls each(segment, steps taken in it); an interrupted run took fewer steps than the protocol has.
template <class Each>
void for_each_taken(const System& system, const Protocol& protocol, const RunOptions& options, int64_t steps,
                    const Each& each) {
  for (const Segment& segment : protocol.segments) {
    const int64_t taken = std::min(steps, count_steps(segment, step_length(system, options)));
    steps -= taken;
    each(segment, taken);
  }
}

// Of a trajectory: one for each step of each unit that is not clamped.
int64_t count_draws(const System& system, const Protocol& protocol, const RunOptions& options, int64_t steps) {
  const std::span<const Group> groups = system.groups();
  int64_t draws = 0;
  for_each_taken(system, protocol, options, steps, [&](const Segment& segment, int64_t taken) {
    int64_t free = system.units();
    for (size_t g = 0; g < segment.clamped.size(); ++g) free -= segment.clamped[g] ? groups[g].size : 0;
    draws += taken * free;
  });
  return draws;
}

// Couplings that a step reads, each once for either direction that it acts in.
int64_t count_products(const System& system, int set) {
  int64_t count = 0;
  if (!system.computer()) return static_cast<int64_t>(system.models()[set].neighbour.size());
  const Computer& computer = *system.computer();
  for (const CouplingBlock& block : computer.sets[set].blocks) {
    const bool between = block.row_group != block.column_group;
    const auto* sparse = std::get_if<SparseWeights>(&block.weights);
    if (sparse && block.directed) {  // what acts one way has zeros on the other
      const auto acting = [](std::span<const double> J) {
        return std::ranges::count_if(J, [](double value) { return value != 0; });
      };
      count += acting(sparse->values) + (between ? acting(block.back.empty() ? sparse->values : block.back) : 0);
      continue;
    }
    const auto entries = sparse ? static_cast<int64_t>(sparse->values.size())
                                : computer.groups[block.row_group].size * computer.groups[block.column_group].size;
    count += entries * (between ? 2 : 1);
  }
  return count;
}

// Of a trajectory, couplings only; engines of linear systems count their own.
int64_t count_multiply_adds(const System& system, const Protocol& protocol, const RunOptions& options, int64_t steps) {
  int64_t count = 0;
  for_each_taken(system, protocol, options, steps, [&](const Segment& segment, int64_t taken) {
    if (segment.couplings != kNoCouplings && taken > 0) count += taken * count_products(system, segment.couplings);
  });
  return count;
}

// The ranks that share the run; null where this process runs all of it.
Ranks* shared_by(const System& system, const RunOptions& options) {
  if (!options.ranks || options.ranks->size() == 1 || system.kind() != System::Kind::langevin) return nullptr;
  if (options.noise.entropy)
    throw InputError("random bits from outside come to one process; a job of several draws from a seed");
  return options.ranks;
}

void check_files(const Engine& engine, const System& system, const Protocol& protocol, const RunOptions& options) {
  std::vector<PlannedFile> files = options.files;
  if (!options.checkpoint.path.empty()) {
    if (!engine.checkpoints)
      throw InputError(fmt::format("the {} engine keeps no checkpoint; the cpu engine does", engine.name));
    files.push_back(
        {options.checkpoint.path, checkpoint_bytes(system, protocol, options), "fewer trajectories at once"});
  }
  if (!files.empty()) check_disk(files);
}

// Of a machine without a potential: what an engine put down as energies is none.
void forget_books(const System& system, Run& run) {
  run.books_known = false;
  if (!system.computer()) return;  // p-bits have put none down, but for entropy
  for (SegmentBooks& books : run.books) books = {0, 0, 0};
  std::ranges::fill(run.start_energy, 0.0);
  std::ranges::fill(run.end_energy, 0.0);
  for (int64_t t = 0; t < run.trajectories && !run.observed.empty(); ++t) {
    double* const sums = run.observed.data() + t * run.sums.size();
    sums[ObservedSums::energy] = sums[ObservedSums::energy_square] = 0;
    for (int64_t p = 0; p < run.sums.points; ++p) std::fill_n(sums + run.sums.course(p), 4, 0.0);
  }
}

// Throws InputError where the engine cannot take what a chip's couplings and noise are.
void check_chip(const Engine& engine, const System& system, const RunOptions& options) {
  if (keeps_books(system)) return;
  if (!engine.directed)
    throw InputError(
        fmt::format("the {} engine takes couplings that are the same in both directions and one kT for all "
                    "units; the cpu engine takes others as well",
                    engine.name));
  if (!engine.saturating && system.computer() && saturates(*system.computer()))
    throw InputError(
        fmt::format("the {} engine takes couplings that are linear; the cpu engine takes those of a chip that saturate "
                    "as well",
                    engine.name));
  if (options.observables.by_group)
    throw InputError(
        "heat is booked for each group by its potential, and couplings that differ in direction, saturate or lag, or "
        "noise that is no bath's, leave none");
}

Run simulate(const Engine& engine, const System& system, const Protocol& protocol, const RunOptions& options) {
  if (!options.noise.entropy) return engine.run(system, protocol, options);
  if (engine.choice == EngineKind::cuda)
    throw InputError("a graphics processor draws from a seed; a source of entropy needs the engine cpu or reference");
  RunDraws draws(system, protocol, options);
  // Tiles of the cpu engine wait for their own.
  const bool waits = system.kind() == System::Kind::langevin && engine.choice == EngineKind::cpu;
  draws.wait(!waits, [&] { return tell(options.progress, 0, 1); });
  RunOptions drawing = options;
  drawing.noise.tape = &draws.tape();
  return engine.run(system, protocol, drawing);
}

}  // namespace

std::string_view name_of(FlipRule rule) { return name_in(kRules, rule); }
std::optional<FlipRule> flip_rule_named(std::string_view name) { return named_in(kRules, name); }

Run run(const System& system, const Protocol& protocol, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check_options(system, protocol, options);
  if (options.engine == EngineKind::automatic) {
    RunOptions chosen = options;
    chosen.engine = choose_engine(system, protocol, options);
    return run(system, protocol, chosen);
  }
  if (system.computer() && system.computer()->memory.remembers())
    return run_with_memory(*system.computer(), protocol, options, run);
  const Engine& engine = find_engine(system, options.engine);
  if (options.observables.by_group && !engine.books_groups)
    throw InputError(fmt::format(
        "the {} engine keeps no books of single groups; the cpu and the reference engine do, of Langevin units",
        engine.name));
  check_chip(engine, system, options);
  Ranks* const ranks = shared_by(system, options);
  const MemoryPlan plan =
      ranks ? plan_share(system, protocol, options, *ranks) : plan_memory(system, protocol, options);
  // Searches take many short runs of p-bits, which should not wait for the system each time.
  constexpr double kAlwaysThere = 1 << 24;
  const bool short_run = (system.prepared() || options.one_of_many) && plan.bytes() < kAlwaysThere;
  const double before = short_run ? 0 : static_cast<double>(resident_memory());
  const auto check = [&] {
    if (!short_run) check_memory(plan, available_memory());
    if (!ranks || ranks->rank() == 0) check_files(engine, system, protocol, options);
  };
  Run result;
  double predicted = before + plan.bytes();
  if (ranks) {
    do_together(*ranks, check);
    result = run_shared(system, protocol, options,
                        [&](const RunOptions& part) { return simulate(engine, system, protocol, part); });
    // That of the neighbours stands in the plan.
    int64_t all = static_cast<int64_t>(before + plan.bytes() / ranks->neighbours());
    ranks->add({&all, 1});
    predicted = static_cast<double>(all);
  } else {
    check();
    result = simulate(engine, system, protocol, options);
  }
  if (options.came_from) book_join(system, options, result);
  if (!keeps_books(system)) forget_books(system, result);
  result.engine = engine.name;
  result.draws = count_draws(system, protocol, options, result.steps) * result.trajectories;
  if (system.kind() != System::Kind::linear)
    result.multiply_adds = count_multiply_adds(system, protocol, options, result.steps) * result.trajectories;
  result.wall_s += seconds_since(start);
  result.memory_predicted_bytes = predicted;
  return result;
}

}  // namespace swell
