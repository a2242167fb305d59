#include "swell/engine/remember.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/engine/timeline.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

// The rate with which Euler's step of this length has the memory e^{-rate t}.
double stepped(double rate, double dt) { return -std::expm1(-rate * dt) / dt; }

// Adds for each group of the machine a group of as many harmonic units of this rate at kT, or without noise.
int add_units(Computer& wide, const Computer& machine, const char* what, double rate, bool noisy) {
  const int first = static_cast<int>(wide.groups.size());
  for (const Group& group : machine.groups) {
    wide.groups.push_back({fmt::format("{} of {}", what, group.name), group.shape, wide.units(), group.size});
    const size_t units = wide.J2.size() + static_cast<size_t>(group.size);
    wide.J2.resize(units, 0.5);
    wide.J3.resize(units, 0.0);
    wide.J4.resize(units, 0.0);
    wide.mobility.resize(units, rate);
    wide.warmth.resize(units, noisy ? 1.0 : 0.0);
  }
  return first;
}

// Unit k of one group acts on unit k of another, and not back.
CouplingBlock one_to_one(const Computer& wide, int on, int from, const std::function<double(int64_t)>& J) {
  SparseWeights diagonal{{0}, {}, {}};
  const Group& group = wide.groups[on];
  for (int64_t k = 0; k < group.size; ++k) {
    diagonal.column.push_back(static_cast<int32_t>(k));
    diagonal.values.push_back(J(group.first + k));
    diagonal.row_start.push_back(k + 1);
  }
  return {on, from, std::move(diagonal), true, std::vector<double>(static_cast<size_t>(group.size), 0.0)};
}

std::vector<double>& values_of(CouplingBlock& block) {
  return std::visit(
      [](auto& weights) -> auto& { return weights.values; }, block.weights);
}

// The couplings of a machine, which read the units of groups from `lagged` on.
std::vector<CouplingBlock> lagging(const std::vector<CouplingBlock>& blocks, int lagged) {
  std::vector<CouplingBlock> result;
  for (const CouplingBlock& block : blocks) {
    CouplingBlock there = block;
    there.column_group += lagged;
    there.directed = true;
    there.back.assign(values_of(there).size(), 0.0);
    result.push_back(std::move(there));
    if (block.row_group == block.column_group) continue;
    CouplingBlock back = block;
    back.row_group += lagged;
    back.directed = true;
    if (back.back.empty()) back.back = values_of(back);
    std::ranges::fill(values_of(back), 0.0);
    result.push_back(std::move(back));
  }
  return result;
}

// The numbers of a unit on their way through the wider machine.
std::vector<double> widened(std::span<const double> rows, int64_t count, int64_t units, int64_t wide) {
  std::vector<double> result(count * wide, 0.0);
  for (int64_t t = 0; t < count && !rows.empty(); ++t)
    std::copy_n(rows.begin() + t * units, units, result.begin() + t * wide);
  return result;
}

// Where trajectories start: memories of noise in their own equilibrium, of kT / J2'' with what the method makes of it.
std::vector<double> starts(const Computer& machine, const Computer& wide, const Protocol& protocol,
                           const RunOptions& options) {
  const int64_t n = machine.units(), all = wide.units();
  std::vector<double> x = widened(options.start, options.trajectories, n, all);
  const double kT = temperature(protocol.segments[0], machine)(0);
  const Patterns* patterns = options.patterns;
  for (int64_t t = 0; t < options.trajectories; ++t) {
    const int64_t trajectory = options.first_trajectory + t;
    double* const state = x.data() + t * all;
    for (int64_t u = n; u < all; ++u) {
      if (wide.warmth[u] > 0) {
        // 2 / (1 + a) kT with Euler and Maruyama's noise, kT with that of Leimkuhler and Matthews.
        const double kept = 1 - wide.mobility[u] * options.dt;
        const double variance = options.integrator == Integrator::euler_maruyama ? 2 * kT / (1 + kept) : kT;
        state[u] = std::sqrt(variance) *
                   static_cast<double>(draw_normal({options.noise.seed, stream::kStart},
                                                   static_cast<uint64_t>(trajectory), 0, static_cast<uint64_t>(u)));
        continue;
      }
      const int64_t unit = u % n;  // memories stand behind the units, as many of each kind
      const int group = group_of_unit(machine, unit);
      const auto& clamped = protocol.segments[0].clamped;
      const bool held = static_cast<size_t>(group) < clamped.size() && clamped[group] != 0;
      const bool pattern = held && patterns && patterns->rows > 0;
      state[u] = pattern ? patterns->values[trajectory % patterns->rows * n + unit] : held ? 0 : state[unit];
    }
  }
  return x;
}

// Sums of the machine's own groups out of those of the wider machine.
void keep_own(const ObservedSums& own, const ObservedSums& wide, const double* from, double* to) {
  std::copy_n(from, 2, to);
  for (int64_t g = 0; g < own.groups; ++g) {
    to[own.group(g)] = from[wide.group(g)];
    for (int64_t h = 0; h <= g; ++h) to[own.product(g, h)] = from[wide.product(g, h)];
  }
  if (own.units > 0) std::copy_n(from + wide.unit(0), 2 * own.units, to + own.unit(0));
  for (int64_t p = 0; p < own.points; ++p) std::copy_n(from + wide.course(p), 4 + 2 * own.groups, to + own.course(p));
}

}  // namespace

Computer with_memory_as_units(const Computer& computer, double dt) {
  const ChipMemory& memory = computer.memory;
  Computer wide = computer;
  const int own = static_cast<int>(computer.groups.size());
  wide.memory = {.kT_drift = memory.kT_drift};
  if (wide.warmth.empty()) wide.warmth.assign(computer.units(), 1.0);
  const std::vector<double> warmth = wide.warmth;
  // Without couplings in force memory goes on.
  wide.sets.push_back({"memory alone", {}, std::vector<double>(computer.units()), std::vector<char>(own)});
  if (memory.delay > 0) {
    const double rate = stepped(1 / memory.delay, dt);
    const int lagged = add_units(wide, computer, "lagging", rate, false);
    for (CouplingSet& set : wide.sets) {
      set.blocks = lagging(set.blocks, lagged);
      for (int g = 0; g < own; ++g) set.blocks.push_back(one_to_one(wide, lagged + g, g, [](int64_t) { return -1.0; }));
    }
  }
  const auto add_noise = [&](double rate, const std::function<double(int64_t)>& scale) {
    const int first = add_units(wide, computer, "noise", rate, true);
    for (CouplingSet& set : wide.sets) {
      for (int g = 0; g < own; ++g)
        set.blocks.push_back(
            one_to_one(wide, g, first + g, [&](int64_t i) { return -scale(i) / computer.mobility[i]; }));
    }
  };
  if (memory.correlation_time > 0) {
    const double rate = stepped(1 / memory.correlation_time, dt);
    add_noise(rate, [&](int64_t i) { return std::sqrt(computer.mobility[i] * warmth[i] * rate); });
    std::fill_n(wide.warmth.begin(), computer.units(), 0.0);
  }
  // White noise 2 mu kT dt has the one-sided density 4 mu kT, and m of variance kT the sum of ln 10 f_c / f over the
  // decades where s^2 kT = 4 mu kT f_c ln 10 (hardware/imperfections.cc); the variance of m is 2 / (1 + a) kT.
  for (int k = 0; memory.flicker_corner > 0 && k < memory.flicker_decades; ++k) {
    const double exact = 2 * std::numbers::pi * memory.flicker_corner * std::pow(10.0, -k), rate = stepped(exact, dt);
    const double power = 4 * memory.flicker_corner * std::numbers::ln10 * rate / exact;
    add_noise(rate, [&](int64_t i) { return std::sqrt(computer.mobility[i] * warmth[i] * power); });
  }
  for (CouplingSet& set : wide.sets) {
    set.bias.resize(wide.units(), 0.0);
    set.biased.resize(wide.groups.size(), 0);
    if (!set.J2.empty()) set.J2.resize(wide.units(), 0.5);
  }
  return wide;
}

Run run_with_memory(const Computer& computer, const Protocol& protocol, const RunOptions& options,
                    const std::function<Run(const System&, const Protocol&, const RunOptions&)>& go) {
  if (options.first_step > 0)
    throw InputError("a chip with memory cannot go on from the states of an earlier run, which lack what it remembers");
  if (options.noise.entropy)
    throw InputError("memories of noise start from draws of a seed; bits from outside are for chips without memory");
  const Computer wide = with_memory_as_units(computer, options.dt);
  Protocol longer = protocol;
  for (Segment& segment : longer.segments) {
    if (segment.couplings == kNoCouplings) segment.couplings = static_cast<int>(computer.sets.size());
    segment.drive.resize(wide.groups.size());
    segment.clamped.resize(wide.groups.size(), 0);
  }
  RunOptions wider = options;
  Patterns patterns;
  if (options.patterns && options.patterns->rows > 0) {
    patterns.rows = options.patterns->rows;
    if (!options.patterns->values.empty())
      patterns.values = widened(options.patterns->values, patterns.rows, computer.units(), wide.units());
    wider.patterns = &patterns;
  }
  const std::vector<double> start = starts(computer, wide, protocol, options);
  wider.start = start;
  Run run = go(wide, longer, wider);
  const int64_t n = computer.units(), all = wide.units();
  std::vector<double> states(run.trajectories * n);
  for (int64_t t = 0; t < run.trajectories; ++t) std::copy_n(run.states.begin() + t * all, n, states.begin() + t * n);
  run.states = std::move(states);
  run.units = n;
  if (run.observed.empty()) return run;
  const ObservedSums own = observed_sums(computer, options.observables, run.sums.points);
  std::vector<double> observed(run.trajectories * own.size());
  for (int64_t t = 0; t < run.trajectories; ++t)
    keep_own(own, run.sums, run.observed.data() + t * run.sums.size(), observed.data() + t * own.size());
  run.sums = own;
  run.observed = std::move(observed);
  return run;
}

}  // namespace swell
