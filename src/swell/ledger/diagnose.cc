#include "swell/ledger/diagnose.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/engine/timeline.h"
#include "swell/ledger/temperature.h"

namespace swell {

namespace {

// So much is looked at, so that it costs less than a hundredth of a run's time.
constexpr int64_t kMostChains = 256, kMostDraws = 128, kMostGroups = 16;
constexpr int64_t kLeastDraws = 8;          // four in each half
constexpr double kStepsPerGradient = 4000;  // plain code forms it some 30 times more slowly than a step of a kernel
constexpr double kFreeWork = 1e7;           // multiply-adds, some milliseconds

bool is_constant(const Schedule& schedule) {
  return std::ranges::all_of(schedule.knots, [&](const auto& knot) { return knot.value == schedule.knots[0].value; });
}

// Why the run does not end in a stretch of constant control at a temperature above 0; empty where it does.
std::string driven(const System& system, const Segment& last) {
  if (!is_constant(last.kT) || std::ranges::any_of(last.drive, [](const auto& a) { return !is_constant(a); }))
    return fmt::format("segment '{}' changes its drive or kT to its end: a driven machine has no equilibrium",
                       last.name);
  if (!(temperature(last, system)(1) > 0)) return fmt::format("kT is 0 in segment '{}'", last.name);
  return "";
}

// The patterns that act on the last segment differ from trajectory to trajectory.
bool has_many_patterns(const Segment& last, const RunOptions& options) {
  if (!options.patterns || options.patterns->rows < 2) return false;
  return std::ranges::any_of(last.drive, [](const auto& a) { return !a.is_zero(); }) ||
         std::ranges::any_of(last.clamped, [](char held) { return held != 0; });
}

// The course of one sum, from this step on, of each trajectory.
Chains course_of(const Run& run, int64_t from_step, auto sum) {
  std::vector<int64_t> points;
  for (size_t p = 0; p < run.course_steps.size(); ++p) {
    if (run.course_steps[p] >= from_step) points.push_back(static_cast<int64_t>(p));
  }
  const auto found = static_cast<int64_t>(points.size()), stride = (found + kMostDraws - 1) / kMostDraws;
  Chains chains{std::min(run.trajectories, kMostChains), found > 0 ? found / stride : 0, {}};
  for (int64_t t = 0; t < chains.chains; ++t) {
    for (int64_t k = 0; k < chains.draws; ++k)
      chains.values.push_back(run.observed[t * run.sums.size() + sum(points[found - 1 - k * stride])]);
  }
  return chains;
}

void watch_course(const System& system, const RunOptions& options, int64_t last_begins, const Run& run,
                  Diagnostics& diagnostics) {
  const Observables& asked = options.observables;
  const int64_t half = last_begins + (run.steps - last_begins) / 2;
  const int64_t from = std::max(last_begins, asked.every > 0 ? asked.from_step : half);
  const Chains energies = course_of(run, from, [&](int64_t p) { return run.sums.course_energy(p); });
  if (energies.draws < kLeastDraws) {
    const std::string why = fmt::format(
        "the course of the run was kept at {} points of its last stretch; {} are needed", energies.draws, kLeastDraws);
    diagnostics.r_hat = diagnostics.effective_draws = Known<double>::unknown(why);
    return;
  }
  const std::string still = "nothing that was watched varies";
  diagnostics.r_hat = diagnostics.effective_draws = Known<double>::unknown(still);
  if (run.books_known) watch(diagnostics, "the energy", energies, r_hat_limit(energies));
  for (int64_t g = 0; g < std::min(run.sums.groups, kMostGroups); ++g) {
    const Chains means = course_of(run, from, [&](int64_t p) { return run.sums.course_mean(p, g); });
    watch(diagnostics, fmt::format("the mean of group '{}'", system.groups()[g].name), means, r_hat_limit(means));
  }
}

std::vector<char> free_units(const System& system, const Segment& last) {
  std::vector<char> free(system.units(), 1);
  for (size_t g = 0; g < last.clamped.size(); ++g) {
    const Group& group = system.groups()[g];
    if (last.clamped[g]) std::fill_n(free.begin() + group.first, group.size, char{0});
  }
  return free;
}

// The driving force on each unit of a trajectory at the end; empty for none.
std::vector<double> end_force(const System& system, const Segment& last, const RunOptions& options, int64_t t) {
  const Patterns* patterns = options.patterns;
  if (!patterns || patterns->values.empty()) return {};
  const double* row = patterns->values.data() + (options.first_trajectory + t) % patterns->rows * system.units();
  std::vector<double> force(system.units(), 0.0);
  for (size_t g = 0; g < last.drive.size(); ++g) {
    const Group& group = system.groups()[g];
    for (int64_t i = group.first; i < group.first + group.size; ++i) force[i] = last.drive[g](1) * row[i];
  }
  return force;
}

// Couplings and units that one gradient reads.
double work_of(const Computer& computer, const CouplingSet* set) {
  auto work = static_cast<double>(computer.units());
  if (!set) return work;
  for (const CouplingBlock& block : set->blocks) {
    work += static_cast<double>(std::visit([](const auto& weights) { return weights.values.size(); }, block.weights));
  }
  return work;
}

void take_langevin(const System& system, const Segment& last, const RunOptions& options, const Run& run,
                   Diagnostics& diagnostics) {
  const Computer& computer = *system.computer();
  const CouplingSet* set = last.couplings == kNoCouplings ? nullptr : &computer.sets[last.couplings];
  const double affordable = std::max(
      {8.0, kFreeWork / work_of(computer, set), static_cast<double>(run.trajectories * run.steps) / kStepsPerGradient});
  const auto looked_at = static_cast<int64_t>(std::min(affordable, static_cast<double>(run.trajectories)));
  const std::vector<char> free = free_units(system, last);
  const bool euler = options.integrator == Integrator::euler_maruyama;
  std::vector<double> achieved(looked_at);
  double of_step = 0;
  for (int64_t t = 0; t < looked_at; ++t) {
    const std::vector<double> force = end_force(system, last, options, t);
    const std::vector<double> slope = gradient(computer, {set, force}, run.state(t));
    const Equipartition found = equipartition(computer, run.state(t), slope, free, euler ? options.dt : 0);
    achieved[t] = found.virial - found.step_share;
    of_step += found.step_share / static_cast<double>(looked_at);
  }
  diagnostics.kT = estimate(achieved);
  diagnostics.kT_of_step = of_step;
}

void take_pbits(const System& system, const Segment& last, const RunOptions& options, const Run& run,
                Diagnostics& diagnostics) {
  if (last.couplings == kNoCouplings) {
    diagnostics.kT = Known<Estimate>::none("no couplings and fields are in force");
    return;
  }
  const IsingModel& model = system.models()[last.couplings];
  const std::vector<char> free = free_units(system, last);
  std::vector<double> fields;
  std::vector<int8_t> spins;
  const auto budget = kFreeWork / static_cast<double>(model.units + 2 * model.edges());
  const auto affordable =
      std::max({8.0, budget, static_cast<double>(run.trajectories * run.steps) / kStepsPerGradient});
  const auto looked_at = static_cast<int64_t>(std::min(affordable, static_cast<double>(run.trajectories)));
  for (int64_t t = 0; t < looked_at; ++t) {
    const std::vector<double> force = end_force(system, last, options, t);
    for (int64_t i = 0; i < model.units; ++i) {
      if (!free[i]) continue;
      spins.push_back(run.spins_of(t)[i]);
      fields.push_back(local_field(model, run.spins_of(t), i) + (force.empty() ? 0.0 : force[i]));
    }
  }
  const Estimate kT = pbit_temperature(spins, fields, looked_at);
  diagnostics.kT = kT.count > 0 ? Known<Estimate>(kT)
                                : Known<Estimate>::unknown(
                                      "no temperature has these states: all units lie along their "
                                      "fields, or against them on average");
}

void take_linear(const System& system, const Segment& last, const RunOptions& options, const Run& run,
                 Diagnostics& diagnostics) {
  if (last.couplings == kNoCouplings || has_many_patterns(last, options)) {
    diagnostics.kT = Known<Estimate>::none("trajectories have no mean in common");
    return;
  }
  const bool euler = options.integrator == Integrator::euler_maruyama;
  const LinearSystem& linear = system.linear()[last.couplings];
  diagnostics.kT = linear_temperature(linear, run.states, euler ? options.dt : 0);
}

}  // namespace

Diagnostics diagnose(const System& system, const Protocol& protocol, const RunOptions& options, const Run& run) {
  const Segment& last = protocol.segments[run.segments - 1];
  const std::string why = driven(system, last);
  Diagnostics diagnostics = no_diagnostics(why);
  diagnostics.advice = "a longer last segment, averages that begin later, a shorter dt or a higher kT";
  if (run.books_known) diagnostics.first_law = first_law(run);
  if (!why.empty() || run.trajectories == 0) return diagnostics;
  diagnostics.kT_set = temperature(last, system)(1);
  int64_t last_begins = 0;
  const double dt = system.kind() == System::Kind::pbits ? 1 : options.dt;
  for (int64_t s = 0; s + 1 < run.segments; ++s) last_begins += count_steps(protocol.segments[s], dt);
  if (has_many_patterns(last, options)) {
    const char* many = "trajectories are held or driven by different patterns, and need not agree";
    diagnostics.r_hat = diagnostics.effective_draws = Known<double>::none(many);
  } else {
    watch_course(system, options, last_begins, run, diagnostics);
  }
  if (!keeps_books(system)) {
    diagnostics.kT = Known<Estimate>::none("without a potential and white noise of one kT there is no equilibrium");
  } else if (!options.kT_of_trajectory.empty()) {
    diagnostics.kT = Known<Estimate>::none("each trajectory has a temperature of its own");
  } else if (std::ranges::none_of(free_units(system, last), [](char is_free) { return is_free != 0; })) {
    diagnostics.kT = Known<Estimate>::none("no unit moves");
  } else if (system.kind() == System::Kind::langevin) {
    take_langevin(system, last, options, run, diagnostics);
  } else if (system.kind() == System::Kind::pbits) {
    take_pbits(system, last, options, run, diagnostics);
  } else {
    take_linear(system, last, options, run, diagnostics);
  }
  return diagnostics;
}

}  // namespace swell
