#include "swell/learn/device_training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/patterns.h"
#include "swell/hardware/chip_design.h"
#include "swell/kernels/matrix_product.h"
#include "swell/learn/path_least_squares.h"
#include "swell/physics/onsite.h"
#include "swell/random/streams.h"

namespace swell {
namespace {

constexpr double kMostReadBytes = 64e6;  // that a device is asked for at once

// The flow of the ideal machine from many states at once, in Heun's steps of the design's dt.
class Flow {
 public:
  Flow(const Computer& machine, const CouplingSet& set, double dt, int threads)
      : machine_(machine), set_(set), J_(dense_matrix(machine, set)), dt_(dt), threads_(threads) {}

  // states [count][units], moved on in place.
  void advance(std::vector<double>& states, int64_t count, int64_t steps) {
    for (int64_t s = 0; s < steps; ++s) {
      velocity(states, count, first_);
      ahead_ = states;
      for (size_t k = 0; k < states.size(); ++k) ahead_[k] += dt_ * first_[k];
      velocity(ahead_, count, second_);
      for (size_t k = 0; k < states.size(); ++k) states[k] += 0.5 * dt_ * (first_[k] + second_[k]);
    }
  }

 private:
  void velocity(const std::vector<double>& states, int64_t count, std::vector<double>& result) {
    const int64_t n = machine_.units();
    result.assign(states.size(), 0.0);
    add_product(count, n, n, states.data(), n, J_.data(), n, result.data(), n, threads_);
    for (int64_t t = 0; t < count; ++t) {
      for (int64_t i = 0; i < n; ++i) {
        double& v = result[t * n + i];
        v = -machine_.mobility[i] *
            (v + set_.bias[i] +
             onsite_gradient(states[t * n + i], quadratic(machine_, &set_, i), machine_.J3[i], machine_.J4[i]));
      }
    }
  }

  const Computer& machine_;
  const CouplingSet& set_;
  std::vector<double> J_, first_, second_, ahead_;
  double dt_;
  int threads_;
};

// Adds what the paths of a device say about its faults: products of z and rho.
void add_paths(const Design& design, const Reads& reads, std::span<const float> states, int64_t paths, Flow& flow,
               int threads, Moments& moments) {
  const Computer& machine = design.computer;
  const int64_t n = machine.units(), frame = paths * n;
  const double h = static_cast<double>(reads.every) * design.dt;
  std::vector<double> before(frame), rho(frame);
  for (int64_t r = 0; r + 1 < reads.count; ++r) {
    const float *now = states.data() + r * frame, *next = now + frame;
    for (int64_t k = 0; k < frame; ++k) before[k] = static_cast<double>(now[k]);
    rho = before;
    flow.advance(rho, paths, reads.every);
    for (int64_t t = 0; t < paths; ++t) {
      for (int64_t i = 0; i < n; ++i) {
        double& y = rho[t * n + i];
        y = (y - static_cast<double>(next[t * n + i])) / (machine.mobility[i] * h);
        moments.x[i] += before[t * n + i];
        moments.y[i] += y;
      }
    }
    add_product_of_columns(n, n, paths, before.data(), n, before.data(), n, moments.xx.data(), n, threads);
    add_product_of_columns(n, n, paths, rho.data(), n, before.data(), n, moments.yx.data(), n, threads);
    moments.count += static_cast<double>(paths);
  }
}

struct Fault {
  std::vector<double> J, bias;  // meant minus found, [units][units] and [units]
  double excess = 0;            // relative entropy of the paths of the round
};

// What a round of the device's paths says.
Fault find_fault(const Design& design, const Reads& reads, const PathDevice& device, std::span<const double> J,
                 std::span<const double> bias, int64_t first, const DeviceTrainingOptions& options) {
  const Computer& machine = design.computer;
  const int64_t n = machine.units();
  const double bytes_of_path = static_cast<double>(reads.count * n) * sizeof(float);
  const int64_t portion = std::clamp<int64_t>(static_cast<int64_t>(kMostReadBytes / bytes_of_path), 1, options.paths);
  Flow flow(machine, machine.sets[0], design.dt, options.threads);
  Moments moments(n);
  for (int64_t done = 0; done < options.paths; done += portion) {
    const int64_t now = std::min(portion, options.paths - done);
    const std::vector<float> states = device(J, bias, now, first + done);
    if (static_cast<int64_t>(states.size()) != reads.count * now * n)
      throw InputError(fmt::format("the device answered with {} numbers; {} reads of {} paths of {} units are needed",
                                   states.size(), reads.count, now, n));
    if (!std::ranges::all_of(states, [](float x) { return std::isfinite(x); }))
      throw InputError("the device's answer holds numbers that are not finite");
    add_paths(design, reads, states, now, flow, options.threads, moments);
  }
  CouplingSet found = machine.sets[0];
  LeastSquaresOptions solve;
  solve.threads = options.threads;
  fit_couplings(machine, moments, solve, found);
  Fault fault{dense_matrix(machine, found), found.bias, 0};
  // (mu h / 4 kT) |W z|^2 summed over paths: at the minimum W S = C, so it is that weight times W C.
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    double row = fault.bias[i] * moments.y[i];
    for (int64_t j = 0; j < n; ++j) row += j == i ? 0 : fault.J[i * n + j] * moments.yx[i * n + j];
    sum += machine.mobility[i] * row;
  }
  fault.excess = sum * static_cast<double>(reads.every) * design.dt / (4 * machine.kT);
  return fault;
}

void require_finite(std::span<const double> values, int round, double dt) {
  for (size_t k = 0; k < values.size(); ++k) {
    if (!std::isfinite(values[k])) throw Diverged(round, 0, static_cast<int64_t>(k), dt);
  }
}

}  // namespace

Reads reads_of(const Design& design, int64_t every) {
  const Computer& machine = design.computer;
  if (design.stages || machine.sets.size() != 1)
    throw InputError(fmt::format("design '{}' has {} coupling sets; training on a device is for machines of one",
                                 design.name, machine.sets.size()));
  const Protocol& protocol = find_protocol(design, "generation");
  Reads reads;
  int64_t steps = 0, total = 0;
  for (const Segment& segment : protocol.segments) {
    const int64_t now = count_steps(segment, design.dt);
    if (segment.couplings != kNoCouplings) {
      const bool driven = std::ranges::any_of(segment.drive, [](const Schedule& drive) { return !drive.is_zero(); });
      const bool clamped = std::ranges::any_of(segment.clamped, [](char held) { return held != 0; });
      if (driven || clamped)
        throw InputError(
            fmt::format("protocol 'generation' of design '{}' drives or clamps units while couplings are in "
                        "force (segment '{}'); training on a device needs them free",
                        design.name, segment.name));
      if (steps == 0) reads.first_step = total;
      if (reads.first_step + steps != total)
        throw InputError(
            fmt::format("protocol 'generation' of design '{}' puts couplings in force more than once", design.name));
      steps += now;
    }
    total += now;
  }
  if (steps == 0)
    throw InputError(fmt::format("protocol 'generation' of design '{}' never puts couplings in force", design.name));
  if (every < 0 || (every > 0 && steps % every != 0))
    throw InputError(
        fmt::format("reads every {} steps do not divide the {} steps of coupled generation", every, steps));
  constexpr double kBetween = 0.02;
  if (every == 0) {
    every = std::clamp<int64_t>(std::llround(kBetween / design.dt), 1, steps);
    while (steps % every != 0) --every;
  }
  reads.every = every;
  reads.count = steps / every + 1;
  return reads;
}

DeviceTraining train_on_device(const Design& design, const PathDevice& device, const DeviceTrainingOptions& options) {
  const Reads reads = reads_of(design, options.every);
  if (options.paths < 1 || options.rounds < 1 || options.settling < 0)
    throw InputError(
        fmt::format("{} rounds of {} paths make no training; 1 of each is the least", options.rounds, options.paths));
  const Computer& machine = design.computer;
  const int64_t n = machine.units();
  DeviceTraining training;
  training.parameters = count_parameters(machine, machine.sets[0]);
  training.J = Matrix(n, n);
  training.J.values = dense_matrix(machine, machine.sets[0]);
  training.bias = machine.sets[0].bias;
  const double noise = 0.5 * static_cast<double>(training.parameters), of_round = static_cast<double>(options.paths);
  training.excess_stderr = std::sqrt(noise) / of_round;
  std::vector<double> J = training.J.values, bias = training.bias;  // of the next question
  try {
    for (int round = 0; round <= options.rounds; ++round) {
      const Fault fault = find_fault(design, reads, device, J, bias, training.paths, options);
      training.J.values = J;
      training.bias = bias;
      training.paths += options.paths;
      training.excess_after = (fault.excess - noise) / of_round;
      if (round == 0) training.excess_before = training.excess_after;
      if (!tell(options.progress,
                {"", static_cast<double>(round), static_cast<double>(options.rounds), training.excess_after}))
        throw Interrupted("interrupted");
      if (round == options.rounds) break;  // the last question changes nothing
      const double step = round < options.settling ? 1 : 1.0 / (round - options.settling + 2);
      for (size_t k = 0; k < fault.J.size(); ++k) J[k] -= step * fault.J[k];
      for (size_t k = 0; k < fault.bias.size(); ++k) bias[k] -= step * fault.bias[k];
      require_finite(J, round, design.dt);
      require_finite(bias, round, design.dt);
    }
  } catch (const Interrupted&) {
    if (training.paths == 0) throw;
    training.interrupted = true;
  }
  training.nearer = training.excess_before - training.excess_after > 2 * training.excess_stderr;
  if (!training.nearer) {
    training.J.values = dense_matrix(machine, machine.sets[0]);
    training.bias = machine.sets[0].bias;
  }
  return training;
}

PathDevice simulated_device(const Design& design, const hardware::Imperfections& spec, uint64_t seed, Reads reads,
                            int threads) {
  return [&design, spec, seed, reads, threads](std::span<const double> J, std::span<const double> bias, int64_t paths,
                                               int64_t first) {
    Design written = design;
    Computer& machine = written.computer;
    assign_from_dense(machine, J, machine.sets[0]);
    machine.sets[0].bias.assign(bias.begin(), bias.end());
    written = hardware::perturb(written, spec, seed);
    const Computer& chip = written.computer;
    const Protocol& protocol = find_protocol(written, "generation");
    const Patterns patterns = fixed_patterns(design);
    RunOptions options;
    options.integrator = design.integrator;
    options.dt = design.dt;
    options.noise = {seed_of_part(seed, 1), stream::kLearning};
    options.trajectories = paths;
    options.first_trajectory = first;
    options.threads = threads;
    options.patterns = &patterns;
    options.one_of_many = true;
    options.snapshots = {reads.every, reads.first_step, 0, chip.units(), paths};
    Run run = swell::run(chip, protocol, options);
    hardware::read_out(run.snapshots, spec, seed, hardware::diffusion_of(chip, 0, chip.units()),
                       static_cast<uint64_t>(first) * static_cast<uint64_t>(reads.count * chip.units()));
    return std::move(run.snapshots);
  };
}

CouplingFactor coupling_factor(const hardware::Imperfections& spec) {
  hardware::validate(spec, spec.name);
  const double works = 1 - spec.stuck;
  const double warm = 1 + spec.coupling_coefficient * spec.warming;
  CouplingFactor factor{works * warm, (works * (1 + spec.mismatch * spec.mismatch) - works * works) * warm * warm};
  if (works <= 0) throw InputError(fmt::format("{}: all couplings are open, and there is nothing to train", spec.name));
  if (!(factor.variance > 0))
    throw InputError(
        fmt::format("{}: robust training needs [couplings] mismatch or stuck above 0; there is nothing else "
                    "in it that parameters can be made robust against",
                    spec.name));
  return factor;
}

}  // namespace swell
