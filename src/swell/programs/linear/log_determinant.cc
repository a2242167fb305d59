#include "swell/programs/linear/log_determinant.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/engine/run.h"
#include "swell/programs/linear/reference.h"
#include "swell/random/streams.h"

namespace swell::linear {

namespace {

using Clock = std::chrono::steady_clock;

constexpr double kSwitch = 0.25;  // a stage ends where the work of switching on scatters by so many kT: above 0.35 the
                                  // weights e^{-W} of a single mode have no variance
constexpr int64_t kPilotTimes = 5;  // sample times of the pass that sets the stages
constexpr int64_t kMostStages = 4000;
constexpr double kDrivenScatter = 0.5;  // kT^2: variance of the work of a whole driven run that is aimed at
// Work at successive switches, half a relaxation time apart, adds up to more than independent work would.
constexpr double kCorrelated = 2.2;
constexpr int64_t kMostSwitches = 64, kMostSwitchesInSteps = 4;  // of one stage, in exact steps and in short ones
constexpr double kMostSkewness = 0.15;  // skewness^2 / runs of the weights e^{-W}, above which intervals do not cover
constexpr double kDrivenStep = 0.05;    // h |M| of driven runs in discrete steps: Jarzynski's equality holds to order h

double fermi(double x) { return x > 0 ? std::exp(-x) / (1 + std::exp(-x)) : 1 / (1 + std::exp(x)); }

// Standard error from the groups' contributions to a linearised estimate.
double error_of_groups(std::span<const double> values) {
  return values.size() < 2 ? 0.0 : estimate(values).stderr_of_mean;
}

struct Stage {
  double s = 0;
  std::vector<double> u;  // beta dV/ds of each sample, group after group
  Average average;        // of the run at this stage
};

class Staircase {
 public:
  // `residue`: what was asked for less a, or nothing.
  Staircase(const Matrix& a, const Matrix& residue, const Settings& settings)
      : a_(a), residue_(residue), settings_(settings), rest_(a) {
    for (int64_t i = 0; i < a.rows; ++i) {
      rest_(i, i) = 0;
      result_.diagonal += std::log(a(i, i));
    }
  }

  LogDeterminant carry_out() {
    const SamplingOptions& options = settings_.sampling;
    set_stages();
    const auto stages = static_cast<int64_t>(result_.stages.size());
    const int64_t wanted = std::max<int64_t>(10, options.samples / options.replicas / stages);
    const bool bounded = options.budget_s > 0 && options.budget_always && options.tolerance <= 0;
    int64_t times = std::min(bounded ? 10 : wanted, most_times());
    while (true) {
      const LogDeterminant before = result_;
      const double start = passed();
      try {
        measure(times);
      } catch (const Error&) {
        if (before.methods.empty()) throw;
        result_ = before;
        result_.interrupted = options.stop && options.stop();
        result_.met = false;
        break;
      }
      evaluate();
      if (options.tolerance > 0)
        result_.met = result_.relative_error <= options.tolerance;
      else
        result_.met = times >= wanted;
      if (result_.met || result_.interrupted || work_.empty()) break;
      // As many more as the error asks for and the budget allows.
      double more = options.tolerance > 0
                        ? std::clamp(1.2 * std::pow(result_.relative_error / options.tolerance, 2), 2.0, 16.0)
                        : static_cast<double>(wanted) / static_cast<double>(times);
      if (options.budget_s > 0 && (options.tolerance > 0 || bounded))
        more = std::min(more, 0.9 * (options.budget_s - passed()) / (passed() - start));
      const auto next = std::min(static_cast<int64_t>(static_cast<double>(times) * more), most_times());
      if (next <= times) break;
      times = next;
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

  // Sample times of a round that the budget of samples leaves.
  int64_t most_times() const {
    const SamplingOptions& options = settings_.sampling;
    if (options.budget_samples <= 0) return INT64_MAX;
    const int64_t left = options.budget_samples - result_.samples;
    return std::max<int64_t>(round_ == 0 ? 1 : 0,
                             left / options.replicas / static_cast<int64_t>(result_.stages.size()));
  }
  bool halted() const {
    const SamplingOptions& options = settings_.sampling;
    return (options.budget_s > 0 && passed() > options.budget_s) || (options.stop && options.stop());
  }
  void go_on(const char* what, double share) {
    const SamplingOptions& options = settings_.sampling;
    if (!tell(options.progress, {what, share, 1})) throw Interrupted("interrupted before the first answer");
    if (options.stop && options.stop()) throw Interrupted("interrupted before the first answer");
    if (options.notice && passed() > told_) {
      told_ = 3 * passed();
      options.notice(fmt::format("{:.0f} s so far: {}, {:.0f} % of this round; {} stages", passed(), what, 100 * share,
                                 result_.stages.size()));
    }
    if (options.budget_s > 0 && passed() > options.budget_s) throw ToleranceMissed(too_long(1));
  }

  double passed() const { return seconds_since(start_); }
  std::string too_long(double s) const {
    const std::string advice = settings_.device == Device::exact ? "" : ", and the device exact takes longer steps";
    return fmt::format(
        "no answer within {:.1f} s: {} stages have brought the couplings to {:.4g} of their strength, and the slowest "
        "mode there takes {:.2g} times as long to relax as the fastest (an ill-conditioned matrix); a longer budget "
        "allows more{}",
        passed(), result_.stages.size(), s, result_.relaxation_time / std::max(result_.fastest_time, 1e-300), advice);
  }

  // Samples at equilibrium of one stage; draws of their own for each `pass`.
  Stage run_stage(double s, int64_t times, uint64_t pass, double share) {
    Settings settings = settings_;
    settings.sampling.tolerance = 0;
    settings.sampling.budget_samples = 0;
    settings.sampling.budget_always = true;
    settings.sampling.notice = nullptr;
    go_on("stages", share);
    settings.sampling.samples = times * settings.sampling.replicas;
    settings.sampling.seed = seed_of_part(settings_.sampling.seed, pass + 1);
    settings.sampling.progress = [&](const Progress&) {
      return tell(settings_.sampling.progress, {"stages", share, 1});
    };
    Programmed programmed = program(at(s), {}, 1, settings);
    programmed.task.keep = true;
    Stage stage;
    stage.s = s;
    const double left = settings_.sampling.budget_s - passed();
    if (settings_.sampling.budget_s > 0) {
      if (left <= 0) throw ToleranceMissed(too_long(s));
      settings.sampling.budget_s = left;
    }
    try {
      stage.average = sample(programmed.task, settings.sampling);
    } catch (const ToleranceMissed&) {
      throw ToleranceMissed(too_long(s));
    }
    if (stage.average.interrupted) throw Interrupted("interrupted before all stages were measured");
    if (!stage.average.met) throw ToleranceMissed(too_long(s));
    scale_ = programmed.spu ? 1 / programmed.spu->a0 : 1;
    if (programmed.spu) {
      result_.spu = programmed.spu->description();
      result_.time_unit_s = programmed.spu->time_unit_s();
    }
    stage.u = coupling_energy(stage.average.kept, settings_.sampling.threads);
    if (s == 1 && !residue_.values.empty()) set_rounding(stage.average.kept);
    stage.average.kept = {};
    result_.relaxation_time = std::max(result_.relaxation_time, stage.average.relaxation_time);
    result_.fastest_time = stage.average.fastest_time;
    result_.machine_time += stage.average.machine_time;
    result_.samples += stage.average.samples;
    result_.multiply_adds += stage.average.multiply_adds;
    result_.draws += stage.average.draws;
    return stage;
  }

  // ln det(A~ + E) - ln det A~ = -2 ln <e^{-u}>, u = x^T E x / 2, by its first two cumulants.
  void set_rounding(const Matrix& x) {
    const Estimate u = estimate(quadratic(x, residue_, settings_.sampling.threads));
    const double variance = u.stderr_of_mean * u.stderr_of_mean * static_cast<double>(u.count);
    result_.rounding = std::abs(2 * u.mean) + variance;
  }

  // beta dV/ds = x^T (A - D) x / 2 of each row.
  std::vector<double> coupling_energy(const Matrix& x, int threads) const { return quadratic(x, rest_, threads); }
  std::vector<double> quadratic(const Matrix& x, const Matrix& form, int threads) const {
    const Matrix force = product(x, form, threads);
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
        throw ToleranceMissed(fmt::format("more than {} stages are needed for this determinant", kMostStages));
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
    // The stages have an answer without it.
    work_.clear();
    try {
      drive(times);
    } catch (const ToleranceMissed&) {
      work_.clear();
    } catch (const Interrupted&) {
      work_.clear();
      result_.interrupted = true;
    }
  }

  // The switches from one stage to the next, so many that the work of all adds up to no more than is aimed at.
  int64_t switches_of_a_stage() const {
    double sum = 0;
    for (size_t k = 0; k + 1 < stages_.size(); ++k) {
      const Estimate u = estimate(stages_[k].u);
      sum += std::pow((stages_[k + 1].s - stages_[k].s) * u.stderr_of_mean, 2) * static_cast<double>(u.count);
    }
    const int64_t most = settings_.device == Device::overdamped ? kMostSwitchesInSteps : kMostSwitches;
    return std::clamp<int64_t>(static_cast<int64_t>(std::ceil(kCorrelated * sum / kDrivenScatter)), 1, most);
  }

  // Machines that start at s = 0 and are driven side by side, in groups.
  struct Drive {
    NoiseKey noise;
    int64_t each = 0;                    // machines of a group
    int64_t steps = 0;                   // taken so far
    std::vector<double> states;          // [kGroups][each][quantities of a machine]; empty at the start, at z = 0
    std::vector<LinearSystem> machines;  // [2] in force now, and before
    std::vector<double> work, heat;      // [kGroups][each] kT, since the first relaxation
  };

  // Switches the couplings to s and lets them be. The first time, that is the relaxation that all starts from.
  void hold(Drive& drive, double s, double time, double fastest) {
    Programmed programmed = program(at(s), {}, 1, settings_);
    const bool exact = programmed.task.how == Integrator::exact, first = drive.machines.empty();
    drive.machines.insert(drive.machines.begin(), std::move(programmed.task.machines[0]));
    drive.machines.resize(first ? 1 : 2);
    const double step = exact ? time : kDrivenStep * fastest;
    const int64_t steps = exact ? 1 : std::max<int64_t>(1, std::llround(time / step));
    RunOptions how;
    how.integrator = programmed.task.how;
    how.dt = step;
    how.noise = drive.noise;
    how.trajectories = kGroups * drive.each;
    how.threads = settings_.sampling.threads;
    how.tile = static_cast<int>(drive.each);
    how.start = drive.states;
    how.first_step = drive.steps;
    how.books = !first;
    how.progress = [&](const Progress&) { return !halted(); };
    Segment segment, before;
    segment.name = "held";
    segment.duration = static_cast<double>(steps) * step;
    segment.couplings = 0;
    segment.clamped = {0};
    before = segment;
    before.couplings = 1;
    how.came_from = first ? nullptr : &before;
    try {
      Run run = swell::run(System(std::span<const LinearSystem>(drive.machines)), {"driven runs", {segment}}, how);
      for (int64_t t = 0; !first && t < run.trajectories; ++t) {
        drive.work[t] += run.book(t, 0).work;
        drive.heat[t] += run.book(t, 0).heat;
      }
      drive.states = std::move(run.states);
      drive.steps += run.steps;
      result_.draws += run.draws;
      result_.multiply_adds += run.multiply_adds;
    } catch (const Interrupted&) {
      go_on("driven runs", 1);  // says why
      throw;
    }
  }

  // Runs from s = 0 to 1; work at fixed x, and after each switch half a relaxation time.
  void drive(int64_t times) {
    const SamplingOptions& options = settings_.sampling;
    const int64_t switches = switches_of_a_stage();
    const int64_t runs = std::max<int64_t>(2, 2 * times / switches), each = runs * options.replicas / kGroups;
    Drive drive;
    drive.noise = {seed_of_part(options.seed, 99999 + round_), stream::kLinear};
    drive.each = each;
    drive.work.assign(kGroups * each, 0.0);
    drive.heat = drive.work;
    hold(drive, 0, stages_[0].average.burn_in, stages_[0].average.fastest_time);
    for (size_t k = 0; k + 1 < stages_.size(); ++k) {
      const double width = (stages_[k + 1].s - stages_[k].s) / static_cast<double>(switches);
      for (int64_t n = 1; n <= switches; ++n) {
        go_on("driven runs", 0.8 + 0.2 * static_cast<double>(k) / static_cast<double>(stages_.size()));
        const double s = n == switches ? stages_[k + 1].s : stages_[k].s + static_cast<double>(n) * width;
        hold(drive, s, stages_[k + 1].average.interval, stages_[k + 1].average.fastest_time);
      }
    }
    for (int64_t g = 0; g < kGroups; ++g)
      work_.emplace_back(drive.work.begin() + g * each, drive.work.begin() + (g + 1) * each);
    const Estimate mean = estimate(drive.heat);
    result_.heat_kT = mean.mean;
    result_.heat_kT_error = mean.stderr_of_mean;
  }
  void evaluate() {
    result_.methods = {bennett_of_stages(), jarzynski_of_runs(), integral_of_stages()};
    for (LogDeterminant::Method& method : result_.methods) {
      method.value = result_.diagonal + 2 * method.value;
      method.standard_error = std::hypot(2 * method.standard_error, result_.rounding);
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
    result_.diagnostics = stages_[0].average.diagnostics;
    for (size_t k = 1; k < stages_.size(); ++k) take_worse(result_.diagnostics, stages_[k].average.diagnostics);
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
    return {"Bennett", total, error_of_groups(groups), ""};
  }

  LogDeterminant::Method jarzynski_of_runs() const {
    if (work_.empty()) return {"Jarzynski", 0, 0, "there was no time for the driven runs"};
    std::vector<double> all, groups(kGroups);
    for (const std::vector<double>& group : work_) all.insert(all.end(), group.begin(), group.end());
    const double x = jarzynski(all);
    for (int64_t g = 0; g < kGroups; ++g) {
      for (const double w : work_[g]) groups[g] += std::exp(x - w) / static_cast<double>(work_[g].size());
    }
    // Of weights e^{-W} with Gaussian W of variance v: their mean over N is not Gaussian yet where skewness^2 / N
    // counts.
    const Estimate w = estimate(all);
    const auto n = static_cast<double>(w.count);
    const double v = w.stderr_of_mean * w.stderr_of_mean * n;
    const double skewness2 = std::pow(std::exp(v) + 2, 2) * (std::exp(v) - 1);
    LogDeterminant::Method method{"Jarzynski", x, error_of_groups(groups), ""};
    if (skewness2 > kMostSkewness * n) {
      method.withdrawn = fmt::format(
          "the work of the {} driven runs scatters by {:.2g} kT, so that their average hangs on a few rare ones",
          w.count, std::sqrt(v));
    }
    return method;
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
    return {"integration", estimate(groups).mean, error_of_groups(groups), ""};
  }

  const Matrix& a_;
  const Matrix& residue_;
  const Settings& settings_;
  Matrix rest_;       // a without its diagonal
  double scale_ = 1;  // of energies on the device
  double told_ = 3;   // seconds after which the next line about the progress is due
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
        "leave out the integrator euler");
  }
  const Programmable wanted = programmable(a);
  const Matrix held = settings.bits > 0 ? round_to_bits(wanted.a, settings.bits) : wanted.a;
  Matrix residue;
  if (settings.bits > 0) {
    Matrix definite = held;
    require_positive_definite(definite, fmt::format("the matrix rounded to {} bits", settings.bits));
    residue = wanted.a;
    for (size_t k = 0; k < residue.values.size(); ++k) residue.values[k] -= held.values[k];
  }
  Settings plain = settings;
  plain.bits = 0;
  plain.sampling.replicas = choose_replicas(settings.sampling.replicas, a.rows);
  const WithoutReference guard;
  LogDeterminant result = Staircase(held, residue, plain).carry_out();
  double units = 0, magnitudes = static_cast<double>(result.stages.size());
  for (const double t : wanted.t) {
    units += 2 * std::log(t);
    magnitudes += std::abs(2 * std::log(t));
  }
  for (int64_t i = 0; i < held.rows; ++i) magnitudes += std::abs(std::log(held(i, i)));
  result.diagonal -= units;
  for (LogDeterminant::Method& method : result.methods) {
    method.value -= units;
    // The sums of doubles that these are: all there is to the error where the matrix is diagonal.
    method.standard_error = std::hypot(method.standard_error, 0x1p-52 * (magnitudes + std::abs(method.value)));
  }
  result.spread = wanted.spread;
  return result;
}

}  // namespace swell::linear
