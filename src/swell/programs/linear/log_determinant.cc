#include "swell/programs/linear/log_determinant.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/programs/linear/reference.h"

namespace swell::linear {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSwitch = 0.25;  // a stage ends where the work of switching on scatters by so many kT: above 0.35 the
                                  // weights e^{-W} of a single mode have no variance
constexpr int64_t kPilotTimes = 5;  // sample times of the pass that sets the stages
constexpr int64_t kMostStages = 4000;
constexpr double kDrivenStep = 0.05;  // h |M| of driven runs in discrete steps: Jarzynski's equality holds to order h

double fermi(double x) { return x > 0 ? std::exp(-x) / (1 + std::exp(-x)) : 1 / (1 + std::exp(x)); }

// Standard error from the groups' contributions to a linearised estimate.
double error_of_groups(std::span<const double> values) {
  return values.size() < 2 ? 0.0 : estimate(values).stderr_of_mean;
}

struct Stage {
  double s = 0;
  std::vector<double> u;  // beta dV/ds of each sample, group after group
  Average average;        // of the run at this stage
  Transition driven;      // the step of driven runs
};

class Staircase {
 public:
  Staircase(const Matrix& a, const Settings& settings) : a_(a), settings_(settings), rest_(a) {
    for (int64_t i = 0; i < a.rows; ++i) {
      rest_(i, i) = 0;
      result_.diagonal += std::log(a(i, i));
    }
  }

  LogDeterminant carry_out() {
    set_stages();
    const auto stages = static_cast<int64_t>(result_.stages.size());
    int64_t times = std::max<int64_t>(10, settings_.sampling.samples / settings_.sampling.replicas / stages);
    while (true) {
      measure(times);
      evaluate();
      const double tolerance = settings_.sampling.tolerance;
      if (tolerance <= 0) break;
      result_.met = result_.relative_error <= tolerance;
      const double more = std::clamp(1.2 * std::pow(result_.relative_error / tolerance, 2), 2.0, 16.0);
      if (result_.met || passed() * more > settings_.sampling.budget_s) break;
      times = static_cast<int64_t>(static_cast<double>(times) * more);
    }
    result_.wall_s = passed();
    return result_;
  }

 private:
  Matrix at(double s) const {
    Matrix result = a_;
    for (int64_t i = 0; i < a_.rows; ++i) {
      for (int64_t j = 0; j < a_.rows; ++j) result(i, j) *= i == j ? 1 : s;
    }
    return result;
  }

  double passed() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  std::string too_long(double s) const {
    return fmt::format(
        "no answer within {:.0f} s: {} stages have brought the couplings to {:.4g} of their strength, and the slowest "
        "mode "
        "there takes {:.2g} times as long to relax as the fastest (an ill-conditioned matrix); --budget allows more, "
        "and "
        "--device exact takes longer steps",
        passed(), result_.stages.size(), s, result_.relaxation_time / std::max(result_.fastest_time, 1e-300));
  }

  // Samples at equilibrium of one stage; draws of their own for each `pass`.
  Stage run_stage(double s, int64_t times, uint64_t pass, double share) {
    Settings settings = settings_;
    settings.sampling.tolerance = 0;
    settings.sampling.samples = times * settings.sampling.replicas;
    settings.sampling.seed = settings_.sampling.seed + 0x9e3779b97f4a7c15u * (pass + 1);
    if (settings_.sampling.progress) {
      settings.sampling.progress = [&](const char*, double, double) {
        return settings_.sampling.progress("stages", share, 1);
      };
    }
    Programmed programmed = program(at(s), {}, 1, settings);
    programmed.task.keep = true;
    Stage stage;
    stage.s = s;
    const double left = settings_.sampling.budget_s - passed();
    if (settings_.sampling.budget_s > 0) {
      if (left <= 0) throw Unreached(too_long(s));
      settings.sampling.budget_s = left;
    }
    try {
      stage.average = sample(programmed.task, settings.sampling);
    } catch (const Unreached&) {
      throw Unreached(too_long(s));
    }
    if (stage.average.interrupted) throw Interrupted("interrupted before all stages were measured");
    scale_ = programmed.spu ? 1 / programmed.spu->a0 : 1;
    if (programmed.spu) {
      result_.spu = programmed.spu->description();
      result_.time_unit_s = programmed.spu->time_unit_s();
    }
    stage.u = coupling_energy(stage.average.kept, settings_.sampling.threads);
    stage.average.kept = {};
    stage.driven = settings_.device == Device::overdamped
                       ? make_transition(programmed.task.machines[0], programmed.task.how,
                                         kDrivenStep * stage.average.fastest_time, settings_.sampling.threads)
                       : stage.average.transition;
    result_.relaxation_time = std::max(result_.relaxation_time, stage.average.relaxation_time);
    result_.fastest_time = stage.average.fastest_time;
    result_.machine_time += stage.average.machine_time;
    result_.samples += stage.average.samples;
    return stage;
  }

  // beta dV/ds = x^T (A - D) x / 2 of each row.
  std::vector<double> coupling_energy(const Matrix& x, int threads) const {
    const Matrix force = product(x, rest_, threads);
    std::vector<double> u(x.rows);
    for (int64_t k = 0; k < x.rows; ++k) {
      for (int64_t i = 0; i < x.columns; ++i) u[k] += 0.5 * scale_ * x(k, i) * force(k, i);
    }
    return u;
  }

  void set_stages() {
    result_.stages = {0};
    uint64_t pass = 0;
    while (result_.stages.back() < 1) {
      const double s = result_.stages.back();
      if (static_cast<int64_t>(result_.stages.size()) > kMostStages)
        throw Unreached(fmt::format("more than {} stages are needed for this determinant", kMostStages));
      const Stage pilot = run_stage(s, kPilotTimes, pass++, 0.3 * s);
      const Estimate u = estimate(pilot.u);
      const double scatter = u.stderr_of_mean * std::sqrt(static_cast<double>(u.count));
      const double room = 1 - s, width = scatter > 0 ? kSwitch / scatter : room;
      result_.stages.push_back(width >= room ? 1 : room < 2 * width ? s + room / 2 : s + width);
    }
  }

  void measure(int64_t times) {
    stages_.clear();
    ++round_;
    const auto count = static_cast<double>(result_.stages.size());
    for (size_t k = 0; k < result_.stages.size(); ++k) {
      stages_.push_back(
          run_stage(result_.stages[k], times, 100000 * round_ + k, 0.3 + 0.5 * static_cast<double>(k) / count));
    }
    drive(times);
  }

  // Runs from s = 0 to 1, each stage held for two intervals; work at fixed x.
  void drive(int64_t times) {
    const SamplingOptions& options = settings_.sampling;
    const int64_t each = options.replicas / kGroups, m = stages_[0].average.transition.size(), d = a_.rows;
    work_.assign(kGroups, {});
    std::vector<std::vector<double>> heat(kGroups);
    parallel_for(kGroups, options.threads, [&](int64_t g) {
      const auto hold = [](const Stage& stage, double time) {
        return std::max<int64_t>(1, std::llround(time / stage.driven.h));
      };
      Replicas replicas(m, options.seed + 0x9e3779b97f4a7c15u * (99999 + round_), g * each, each);
      const auto observed = [&] {
        Matrix x(each, d);
        for (int64_t t = 0; t < each; ++t) std::copy_n(replicas.states().data() + t * m, d, &x(t, 0));
        return x;
      };
      const auto diagonal_energy = [&](const Matrix& x, int64_t t) {
        double energy = 0;
        for (int64_t i = 0; i < d; ++i) energy += 0.5 * scale_ * a_(i, i) * x(t, i) * x(t, i);
        return energy;
      };
      for (int64_t run = 0; run < times; ++run) {
        if (g == 0 && options.progress &&
            !options.progress("driven runs", 0.8 + 0.2 * static_cast<double>(run) / static_cast<double>(times), 1))
          throw Interrupted("interrupted before all driven runs were done");
        replicas.advance(stages_[0].driven, hold(stages_[0], stages_[0].average.burn_in));
        std::vector<double> work(each, 0.0), energy(each);
        Matrix x = observed();
        for (int64_t t = 0; t < each; ++t) energy[t] = diagonal_energy(x, t);
        for (size_t k = 0; k + 1 < stages_.size(); ++k) {
          const std::vector<double> u = coupling_energy(x, 1);
          for (int64_t t = 0; t < each; ++t) work[t] += (stages_[k + 1].s - stages_[k].s) * u[t];
          replicas.advance(stages_[k + 1].driven, hold(stages_[k + 1], 2 * stages_[k + 1].average.interval));
          x = observed();
        }
        const std::vector<double> u = coupling_energy(x, 1);
        for (int64_t t = 0; t < each; ++t) {
          work_[g].push_back(work[t]);
          heat[g].push_back(work[t] - (diagonal_energy(x, t) + u[t] - energy[t]));
        }
      }
    });
    std::vector<double> all;
    for (const std::vector<double>& group : heat) all.insert(all.end(), group.begin(), group.end());
    const Estimate mean = estimate(all);
    result_.heat_kT = mean.mean;
    result_.heat_kT_error = mean.stderr_of_mean;
  }
  void evaluate() {
    result_.methods = {bennett_of_stages(), jarzynski_of_runs(), integral_of_stages()};
    for (LogDeterminant::Method& method : result_.methods) {
      method.value = result_.diagonal + 2 * method.value;
      method.standard_error *= 2;
    }
    result_.relative_error = result_.methods[0].standard_error / std::max(1.0, std::abs(result_.methods[0].value));
    result_.slope.clear();
    result_.slope_error.clear();
    for (const Stage& stage : stages_) {
      std::vector<double> means(kGroups);
      for (int64_t g = 0; g < kGroups; ++g) means[g] = estimate(group_of(stage.u, g)).mean;
      result_.slope.push_back(estimate(means).mean);
      result_.slope_error.push_back(error_of_groups(means));
    }
    result_.work_kT.clear();
    for (const std::vector<double>& group : work_)
      result_.work_kT.insert(result_.work_kT.end(), group.begin(), group.end());
    result_.integrator = settings_.device == Device::overdamped ? "Leimkuhler-Matthews" : "exact transitions";
    result_.replicas = settings_.sampling.replicas;
    result_.readouts = result_.samples * a_.rows;
    result_.writes = a_.rows * (a_.rows + 1) / 2 + static_cast<int64_t>(stages_.size()) * a_.rows * (a_.rows - 1) / 2;
  }

  static std::span<const double> group_of(const std::vector<double>& values, int64_t g) {
    const size_t each = values.size() / kGroups;
    return {values.data() + static_cast<size_t>(g) * each, each};
  }

  LogDeterminant::Method bennett_of_stages() const {
    double total = 0;
    std::vector<double> groups(kGroups, 0.0);
    for (size_t k = 0; k + 1 < stages_.size(); ++k) {
      const double width = stages_[k + 1].s - stages_[k].s;
      std::vector<double> forward = stages_[k].u, backward = stages_[k + 1].u;
      for (double& value : forward) value *= width;
      for (double& value : backward) value *= -width;
      const double x = bennett(forward, backward);
      total += x;
      // One Newton step of the equation that defines x, for each group's part of it.
      double slope = 0;
      for (const double w : forward) slope += fermi(w - x) * fermi(x - w);
      for (const double w : backward) slope += fermi(w + x) * fermi(-x - w);
      for (int64_t g = 0; g < kGroups; ++g) {
        double excess = 0;
        for (const double w : group_of(forward, g)) excess += fermi(w - x);
        for (const double w : group_of(backward, g)) excess -= fermi(w + x);
        groups[g] -= kGroups * excess / slope;
      }
    }
    return {"Bennett", total, error_of_groups(groups)};
  }

  LogDeterminant::Method jarzynski_of_runs() const {
    std::vector<double> all, groups(kGroups);
    for (const std::vector<double>& group : work_) all.insert(all.end(), group.begin(), group.end());
    const double x = jarzynski(all);
    for (int64_t g = 0; g < kGroups; ++g) {
      for (const double w : work_[g]) groups[g] += std::exp(x - w) / static_cast<double>(work_[g].size());
    }
    return {"Jarzynski", x, error_of_groups(groups)};
  }

  LogDeterminant::Method integral_of_stages() const {
    // Group by group, so that slopes and means of one group go together.
    std::vector<double> groups(kGroups, 0.0);
    for (int64_t g = 0; g < kGroups; ++g) {
      double last_mean = 0, last_variance = 0;
      for (size_t k = 0; k < stages_.size(); ++k) {
        const Estimate u = estimate(group_of(stages_[k].u, g));
        const double variance = u.stderr_of_mean * u.stderr_of_mean * static_cast<double>(u.count);
        if (k > 0) {
          const double width = stages_[k].s - stages_[k - 1].s;
          groups[g] += 0.5 * width * (last_mean + u.mean) + width * width / 12 * (variance - last_variance);
        }
        last_mean = u.mean;
        last_variance = variance;
      }
    }
    return {"integration", estimate(groups).mean, error_of_groups(groups)};
  }

  const Matrix& a_;
  const Settings& settings_;
  Matrix rest_;       // a without its diagonal
  double scale_ = 1;  // of energies on the device
  uint64_t round_ = 0;
  std::vector<Stage> stages_;
  std::vector<std::vector<double>> work_;  // [kGroups], kT
  LogDeterminant result_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace

double bennett(std::span<const double> forward, std::span<const double> backward) {
  // sum fermi(w - x) over forward = sum fermi(w + x) over backward: rises in x on the left, falls on the right.
  double low = -1, high = 1;
  const auto excess = [&](double x) {
    double sum = 0;
    for (const double w : forward) sum += fermi(w - x);
    for (const double w : backward) sum -= fermi(w + x);
    return sum;
  };
  while (excess(low) > 0) low *= 2;
  while (excess(high) < 0) high *= 2;
  for (int k = 0; k < 60; ++k) {
    const double middle = 0.5 * (low + high);
    (excess(middle) > 0 ? high : low) = middle;
  }
  return 0.5 * (low + high);
}

double jarzynski(std::span<const double> work) {
  const double least = *std::ranges::min_element(work);
  double sum = 0;
  for (const double w : work) sum += std::exp(least - w);
  return least - std::log(sum / static_cast<double>(work.size()));
}

LogDeterminant log_determinant(const Matrix& a, const Settings& settings) {
  if (settings.device == Device::overdamped && settings.euler) {
    throw InputError(
        "the log-determinant cannot be had from Euler-Maruyama steps: their equilibrium is not that of V; "
        "leave out --integrator euler");
  }
  const Matrix held = settings.bits > 0 ? round_to_bits(a, settings.bits) : a;
  Settings plain = settings;
  plain.bits = 0;
  plain.sampling.replicas = choose_replicas(settings.sampling.replicas, a.rows);
  plain.sampling.notice = nullptr;  // each stage would tell the same
  const WithoutReference guard;
  return Staircase(held, plain).carry_out();
}

}  // namespace swell::linear
