#include "swell/learn/stage_gate.h"

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/ranks.h"
#include "swell/base/threads.h"
#include "swell/model/builder.h"
#include "swell/model/sparse.h"
#include "swell/physics/equilibrium.h"
#include "swell/physics/potential.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kRuns = 2;  // of each example

// The hidden units of a stage by themselves. With visible and label units clamped, each hidden unit feels a constant
// field and no other hidden unit, so a clamped unit beside it that holds this field stands for all of them: the same
// motion, without summing the couplings in every step.
struct HiddenUnits {
  Computer computer;
  Protocol protocol;
};
constexpr int kFields = 0, kHidden = 1;  // groups

HiddenUnits hidden_units(const Design& design, const CouplingSet& set, double duration) {
  const Computer& machine = design.computer;
  const Group& hidden = machine.groups[design.stages->hidden];
  const int64_t H = hidden.size;
  HiddenUnits alone;
  Computer& computer = alone.computer;
  computer.kT = machine.kT;
  computer.groups = {{"fields", {H}, 0, H}, {"hidden", {H}, H, H}};
  computer.J2.assign(2 * H, 0.5);
  computer.J3.assign(2 * H, 0);
  computer.J4.assign(2 * H, 0);
  computer.mobility.assign(2 * H, 1);
  std::vector<Edge> edges;
  for (int64_t h = 0; h < H; ++h) {
    const int64_t unit = hidden.first + h;
    computer.J2[H + h] = quadratic(machine, &set, unit);
    computer.J3[H + h] = machine.J3[unit];
    computer.J4[H + h] = machine.J4[unit];
    computer.mobility[H + h] = machine.mobility[unit];
    edges.push_back({h, h, 1.0});
  }
  computer.sets.push_back({set.name,
                           {{kFields, kHidden, sparse_from_edges(H, H, false, std::move(edges))}},
                           std::vector<double>(2 * H, 0.0),
                           std::vector<char>(2, 0)});
  alone.protocol = ProtocolBuilder(computer, "gate").segment("gate", duration, set.name).clamp("fields").protocol();
  return alone;
}

// The force on the visible units, with the hidden ones at these means: it is linear in them.
std::vector<double> visible_force(const Design& design, const CouplingSet& set, std::vector<double>& state) {
  const Group& visible = design.computer.groups[design.stages->visible];
  const std::vector<double> slope = gradient(design.computer, {&set, {}}, state);
  std::vector<double> force(visible.size);
  for (int64_t i = 0; i < visible.size; ++i) force[i] = -slope[visible.first + i];
  return force;
}

// What visible and label units exert on each hidden unit, biases included: its force is minus this.
std::vector<double> hidden_fields(const Design& design, const CouplingSet& set, std::vector<double>& state) {
  const Group& hidden = design.computer.groups[design.stages->hidden];
  std::fill_n(state.begin() + hidden.first, hidden.size, 0.0);
  const std::vector<double> all = coupling_field(design.computer, &set, state);
  std::vector<double> field(hidden.size);
  for (int64_t h = 0; h < hidden.size; ++h) field[h] = all[hidden.first + h] + set.bias[hidden.first + h];
  return field;
}

}  // namespace

double StageGate::worst() const { return ratio.empty() ? 1 : *std::ranges::max_element(ratio); }

StageGate check_stages(const Design& design, const StageTrainer& trainer, const GateOptions& options) {
  const Computer& computer = design.computer;
  const Stages& stages = *design.stages;
  const Group &visible = computer.groups[stages.visible], &hidden = computer.groups[stages.hidden];
  const int64_t n = computer.units(), E = options.examples;
  const auto steps = [&](double time) { return std::max<int64_t>(1, std::llround(time / design.dt)); };
  const int64_t settle = steps(options.settle), average = steps(options.average);
  StageGate gate;
  for (int64_t k = 0; k < stages.count; ++k) {
    if (!all_agree(options.ranks, tell(options.progress, k, stages.count)))
      throw Interrupted("the check of the stages was interrupted; the machine was trained and not checked");
    const int number = find_set(computer, stage_name(k));
    const CouplingSet& set = computer.sets.at(number);
    const HiddenUnits alone = hidden_units(design, set, static_cast<double>(settle + average) * design.dt);
    const int64_t H = hidden.size;
    std::vector<StageTrainer::Example> examples;
    std::vector<std::vector<double>> states(E, std::vector<double>(n, 0.0));
    Patterns patterns{E, std::vector<double>(E * 2 * H, 0.0)};
    for (int64_t e = 0; e < E; ++e) examples.push_back(trainer.held_out_example(k, e));
    parallel_for(E, options.threads, [&](int64_t e) {
      for (int64_t i = 0; i < visible.size; ++i) states[e][visible.first + i] = static_cast<double>(examples[e].x[i]);
      if (stages.label >= 0) states[e][computer.groups[stages.label].first + examples[e].label] = 1;
      std::ranges::copy(hidden_fields(design, set, states[e]), patterns.values.begin() + e * 2 * H);
    });
    RunOptions run_options;
    static_cast<RunSettings&>(run_options) = options;
    run_options.integrator = design.integrator;
    run_options.dt = design.dt;
    run_options.noise = {options.seed, stream::kTesting};
    run_options.trajectories = kRuns * E;
    run_options.first_trajectory = k * kRuns * E;  // draws of its own for each stage; rows go round E
    run_options.progress = [&](const Progress&) { return tell(options.progress, k, stages.count); };
    run_options.patterns = &patterns;
    run_options.observables = {1, settle, H, H, 0};
    const Run run = swell::run(alone.computer, alone.protocol, run_options);
    std::vector<double> simulated(E), quadrature(E);
    parallel_for(E, options.threads, [&](int64_t e) {
      std::vector<double>& state = states[e];
      std::vector<double> force[kRuns];
      for (int64_t r = 0; r < kRuns; ++r) {
        const double* sums = run.observed.data() + (r * E + e) * run.sums.size();
        for (int64_t h = 0; h < H; ++h)
          state[hidden.first + h] = sums[run.sums.unit(h)] / static_cast<double>(run.observations);
        force[r] = visible_force(design, set, state);
      }
      // What the quadrature says of the hidden units.
      for (int64_t h = 0; h < H; ++h)
        state[hidden.first + h] =
            unit_equilibrium(alone.computer.J2[H + h], alone.computer.J3[H + h], alone.computer.J4[H + h],
                             -patterns.values[e * 2 * H + h], computer.kT, 200)
                .mean;
      const std::vector<double> mean = visible_force(design, set, state);
      double product = 0, square = 0;
      for (int64_t i = 0; i < visible.size; ++i) {
        const auto wanted = static_cast<double>(examples[e].force[i]);
        product += (force[0][i] - wanted) * (force[1][i] - wanted);
        square += (mean[i] - wanted) * (mean[i] - wanted);
      }
      simulated[e] = product * trainer.loss_of_force(k);
      quadrature[e] = square * trainer.loss_of_force(k);
    });
    double top = 0, bottom = 0, spread = 0;
    for (int64_t e = 0; e < E; ++e) {
      top += simulated[e] / static_cast<double>(E);
      bottom += quadrature[e] / static_cast<double>(E);
    }
    const double ratio = top / bottom;
    for (int64_t e = 0; e < E; ++e)
      spread += (simulated[e] - ratio * quadrature[e]) * (simulated[e] - ratio * quadrature[e]);
    gate.simulated.push_back(top);
    gate.trained.push_back(bottom);
    gate.ratio.push_back(ratio);
    gate.error.push_back(std::sqrt(spread / static_cast<double>(E * std::max<int64_t>(1, E - 1))) / bottom);
  }
  tell(options.progress, stages.count, stages.count);
  return gate;
}

}  // namespace swell
