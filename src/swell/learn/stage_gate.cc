#include "swell/learn/stage_gate.h"

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/physics/equilibrium.h"
#include "swell/physics/potential.h"
#include "swell/random/streams.h"

namespace swell {

namespace {

constexpr int64_t kRuns = 2;  // of each example

// Visible and label units clamped, hidden ones free.
Protocol clamped_stage(const Design& design, int set, double duration) {
  const size_t groups = design.computer.groups.size();
  Segment segment{"gate", duration, set, std::vector<Schedule>(groups), {{{0.0, 1.0}}}, std::vector<char>(groups, 0)};
  segment.clamped[design.stages->visible] = 1;
  if (design.stages->label >= 0) segment.clamped[design.stages->label] = 1;
  return {"gate", {segment}};
}

// The force on the visible units, with the hidden ones at these means: it is linear in them.
std::vector<double> visible_force(const Design& design, const CouplingSet& set, std::vector<double>& state) {
  const Group& visible = design.computer.groups[design.stages->visible];
  const std::vector<double> slope = gradient(design.computer, {&set, {}}, state);
  std::vector<double> force(visible.size);
  for (int64_t i = 0; i < visible.size; ++i) force[i] = -slope[visible.first + i];
  return force;
}

// What the quadrature says of the hidden units, given the others.
void fill_mean_responses(const Design& design, const CouplingSet& set, std::vector<double>& state) {
  const Computer& computer = design.computer;
  const Group& hidden = computer.groups[design.stages->hidden];
  std::fill_n(state.begin() + hidden.first, hidden.size, 0.0);
  const std::vector<double> field = coupling_field(computer, &set, state);
  for (int64_t i = hidden.first; i < hidden.first + hidden.size; ++i) {
    state[i] = unit_equilibrium(quadratic(computer, &set, i), computer.J3[i], computer.J4[i], -(field[i] + set.bias[i]),
                                computer.kT, 200)
                   .mean;
  }
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
    if (options.progress && !options.progress(k, stages.count))
      throw Interrupted("the check of the stages was interrupted; the machine was trained and not checked");
    const int number = find_set(computer, stage_name(k));
    const CouplingSet& set = computer.sets.at(number);
    std::vector<StageTrainer::Example> examples;
    Patterns patterns{E, std::vector<double>(E * n, 0.0)};
    for (int64_t e = 0; e < E; ++e) {
      examples.push_back(trainer.held_out_example(k, e));
      for (int64_t i = 0; i < visible.size; ++i)
        patterns.values[e * n + visible.first + i] = static_cast<double>(examples[e].x[i]);
      if (stages.label >= 0) patterns.values[e * n + computer.groups[stages.label].first + examples[e].label] = 1;
    }
    const Protocol protocol = clamped_stage(design, number, static_cast<double>(settle + average) * design.dt);
    RunOptions run_options;
    static_cast<EngineChoice&>(run_options) = options;
    run_options.integrator = design.integrator;
    run_options.dt = design.dt;
    run_options.noise = {options.seed, stream::kTesting};
    run_options.trajectories = kRuns * E;
    run_options.first_trajectory = k * kRuns * E;  // draws of its own for each stage; rows go round E
    run_options.threads = options.threads;
    run_options.patterns = &patterns;
    run_options.observables = {1, settle, hidden.first, hidden.size, 0};
    const Run run = swell::run(computer, protocol, run_options);
    std::vector<double> simulated(E), quadrature(E);
    parallel_for(E, options.threads, [&](int64_t e) {
      std::vector<double> state(patterns.values.begin() + e * n, patterns.values.begin() + (e + 1) * n);
      std::vector<double> force[kRuns];
      for (int64_t r = 0; r < kRuns; ++r) {
        const double* sums = run.observed.data() + (r * E + e) * run.sums.size();
        for (int64_t h = 0; h < hidden.size; ++h)
          state[hidden.first + h] = sums[run.sums.unit(h)] / static_cast<double>(run.observations);
        force[r] = visible_force(design, set, state);
      }
      fill_mean_responses(design, set, state);
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
  if (options.progress) options.progress(stages.count, stages.count);
  return gate;
}

}  // namespace swell
