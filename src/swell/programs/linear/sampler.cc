#include "swell/programs/linear/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>

#include "swell/base/errors.h"
#include "swell/base/memory.h"
#include "swell/base/threads.h"
#include "swell/engine/matrix_product.h"
#include "swell/random/streams.h"

namespace swell::linear {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int64_t kRows = 64;            // samples that are multiplied together
constexpr double kAutomaticStep = 1.25;  // h |M|: discrete steps are stable below 2, and the norm is known from below

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// What has been read from some replicas.
class Group {
 public:
  Group(const SamplingTask& task, int64_t count) : task_(task), count_(count), total_(task.observed, 0.0) {
    const bool square = task.readout == Readout::second_moment || task.readout == Readout::lagged;
    sum_ = Matrix(task.observed, square ? task.observed : 1);
    if (square) rows_.resize(kRows * task.observed);
    if (task.readout == Readout::lagged) later_.resize(kRows * task.observed);
  }

  // states: [replicas of the group][size]
  void read(const double* states) {
    const int64_t m = task_.machines[0].size(), d = task_.observed;
    for (int64_t t = 0; t < count_; ++t) {
      const double* x = states + t * m;
      for (int64_t i = 0; i < d; ++i) {
        total_[i] += x[i];
        squares_ += x[i] * x[i];
      }
      if (task_.keep) kept_.insert(kept_.end(), x, x + d);
      if (task_.readout == Readout::mean) {
        for (int64_t i = 0; i < d; ++i) sum_.values[i] += x[i];
      } else if (task_.readout == Readout::projected) {
        double projection = 0;
        for (int64_t i = 0; i < d; ++i) projection += x[i] * task_.weights[i];
        for (int64_t i = 0; i < d; ++i) sum_.values[i] += x[i] * projection;
      } else {
        std::copy_n(x, d, rows_.data() + filled_ * d);
        if (++filled_ == kRows && task_.readout == Readout::second_moment) flush();
      }
    }
    samples_ += count_;
  }
  // The states a lag after the last read.
  void read_later(const double* states) {
    const int64_t m = task_.machines[0].size(), d = task_.observed;
    for (int64_t t = 0; t < count_; ++t) std::copy_n(states + t * m, d, later_.data() + (filled_ - count_ + t) * d);
    if (filled_ + count_ > kRows) flush();
  }
  void flush() {
    const int64_t d = task_.observed;
    if (task_.readout == Readout::second_moment) {
      add_gram(d, filled_, rows_.data(), d, sum_.values.data(), d, 1);
    } else if (task_.readout == Readout::lagged) {
      add_product_of_columns(d, d, filled_, later_.data(), d, rows_.data(), d, sum_.values.data(), d, 1);
    }
    filled_ = 0;
  }

  Matrix average() const {
    Matrix result = sum_;
    for (double& value : result.values) value /= static_cast<double>(samples_);
    if (task_.readout != Readout::second_moment) return result;
    for (int64_t i = 0; i < result.rows; ++i) {
      for (int64_t j = 0; j < i; ++j) result(i, j) = result(j, i);
    }
    return result;
  }
  const std::vector<double>& totals() const { return total_; }
  double squares() const { return squares_; }
  int64_t samples() const { return samples_; }
  const std::vector<double>& kept() const { return kept_; }

 private:
  const SamplingTask& task_;
  int64_t count_;
  Matrix sum_;
  std::vector<double> rows_, later_;  // [kRows][observed]
  std::vector<double> total_;         // [observed]
  std::vector<double> kept_;          // [samples][observed]
  double squares_ = 0;
  int64_t filled_ = 0, samples_ = 0;
};

// One thread's work: the replicas of some groups, advanced together.
struct Team {
  Replicas replicas;
  int64_t first = 0, count = 0;  // groups
};

class Run {
 public:
  Run(const SamplingTask& task, const SamplingOptions& options) : task_(task), options_(options) {
    require_memory();
    norm_ = 0;
    for (const Machine& machine : task.machines) norm_ = std::max(norm_, spectral_norm(machine.drift));
    const int64_t each = options.replicas / kGroups, m = task.machines[0].size();
    for (int64_t g = 0; g < kGroups; ++g) groups_.emplace_back(task, each);
    // Groups of different machines cannot share a product.
    const int64_t teams = task.machines.size() > 1 ? kGroups : std::min<int64_t>(kGroups, options.threads);
    for (int64_t k = 0; k < teams; ++k) {
      const int64_t first = k * kGroups / teams, count = (k + 1) * kGroups / teams - first;
      teams_.push_back({Replicas(m, options.seed, first * each, count * each), first, count});
    }
  }

  Average carry_out() {
    result_.fastest_time = 1 / norm_;
    forget_start();
    result_.interval = static_cast<double>(interval_) * result_.step;
    for (int64_t times = 4;; times *= 2) {
      if (options_.tolerance <= 0) times = std::min(times, wanted_times());
      if (options_.tolerance > 0 && options_.budget_samples > 0) times = std::min(times, budget_times());
      take_samples(times - times_);
      if (stopped_) {
        if (result_.looks.empty()) throw Interrupted("interrupted before the first look at the answer");
        result_.interrupted = true;
        break;
      }
      look();
      if (is_enough()) break;
    }
    finish();
    return result_;
  }

 private:
  int64_t wanted_times() const {
    return std::max<int64_t>(1, (options_.samples + options_.replicas - 1) / options_.replicas);
  }
  int64_t budget_times() const { return std::max<int64_t>(4, options_.budget_samples / options_.replicas); }

  void require_memory() const {
    const double m = static_cast<double>(task_.machines[0].size()), d = static_cast<double>(task_.observed);
    const bool square = task_.readout == Readout::second_moment || task_.readout == Readout::lagged;
    const double sums = square ? (kGroups + 6.0) * d * d : kGroups * d;
    const double steps = 6 * m * m * static_cast<double>(task_.machines.size());
    const double kept = task_.keep ? 2.0 * static_cast<double>(options_.samples) * d : 0;
    const double needed = 8 * (kept + sums + steps + 5 * m * static_cast<double>(options_.replicas));
    const auto free = static_cast<double>(available_memory());
    if (needed > free) {
      throw InputError(fmt::format("a matrix of {0} x {0} takes about {1:.3g} GB here, and {2:.3g} GB are free",
                                   task_.observed, needed / 1e9, free / 1e9));
    }
  }

  const Transition& transition_of(int64_t group) const {
    return transitions_[transitions_.size() == 1 ? 0 : static_cast<size_t>(group)];
  }

  void make_transitions(double step) {
    transitions_.clear();
    for (const Machine& machine : task_.machines)
      transitions_.push_back(make_transition(machine, task_.how, step, options_.threads));
    result_.step = step;
  }

  void advance_all(int64_t steps) {
    parallel_for(static_cast<int64_t>(teams_.size()), options_.threads,
                 [&](int64_t k) { teams_[k].replicas.advance(transition_of(teams_[k].first), steps); });
    steps_ += steps;
    time_ += static_cast<double>(steps) * result_.step;
  }

  // Where the decay of the perturbation stood at a time, between the looks at it.
  double log_size_at(double time) const {
    const auto after = std::ranges::lower_bound(decay_, time, {}, &std::pair<double, double>::first);
    if (after == decay_.begin()) return after->second;
    const auto before = after - 1;
    return before->second + (after->second - before->second) * (time - before->first) / (after->first - before->first);
  }

  void carry_perturbation(int64_t steps) {
    const int64_t m = task_.machines[0].size();
    std::vector<double> next(m);
    for (int64_t k = 0; k < steps; ++k) {
      std::ranges::fill(next, 0.0);
      add_product(1, m, m, perturbation_.data(), m, transitions_[0].F_transposed.values.data(), m, next.data(), m, 1);
      perturbation_.swap(next);
    }
    double squares = 0;
    for (const double value : perturbation_) squares += value * value;
    const double size = std::sqrt(squares);
    const double last = decay_.back().second;
    decay_.emplace_back(time_, size > 0 ? last + std::log(size) : last - 700);
    for (double& value : perturbation_) value /= size > 0 ? size : 1;
  }

  void start_perturbation() {
    const int64_t m = task_.machines[0].size();
    perturbation_.resize(m);
    double squares = 0;
    for (int64_t i = 0; i < m; ++i) {
      perturbation_[i] = draw_normal({options_.seed, stream::kProbe}, 0, 0, i);
      squares += perturbation_[i] * perturbation_[i];
    }
    for (double& value : perturbation_) value /= std::sqrt(squares);
    decay_ = {{0.0, 0.0}};
  }

  void forget_start() {
    constexpr double kGrown = 14;  // a perturbation that is a million times as large
    const bool automatic = task_.step <= 0;
    make_transitions(automatic ? kAutomaticStep / norm_ : task_.step);
    start_perturbation();
    double told = 5;
    int64_t chunk = 1;
    while (true) {
      if (options_.progress && !options_.progress("burn-in", time_ * rate_, options_.burn_in))
        throw Interrupted("interrupted before the machine had forgotten its start");
      advance_all(chunk);
      carry_perturbation(chunk);
      const double size = decay_.back().second;
      if (!std::isfinite(size) || size > kGrown) {
        throw InputError(
            fmt::format("a mode of the machine grows instead of dying out: by e^{:.0f} after {:g} time units; every "
                        "eigenvalue must have a positive real part{}",
                        size, time_, task_.how == Discretisation::exact ? "" : ", and the step --dt be short enough"));
      }
      rate_ = std::max(0.0, (log_size_at(time_ / 2) - size) / (time_ / 2));
      if (time_ * rate_ >= options_.burn_in) break;
      if (task_.how == Discretisation::exact && automatic && steps_ >= 4 &&
          2 * result_.step * rate_ < options_.interval) {
        for (Transition& transition : transitions_) transition = doubled(transition, options_.threads);
        result_.step = transitions_[0].h;
        chunk = std::max<int64_t>(1, chunk / 2);
      }
      const double passed = seconds_since(start_);
      tell_burn_in(passed, told);
      if (options_.budget_s > 0 && passed > options_.budget_s) throw Unreached(why_no_start(passed));
      chunk = std::max<int64_t>(1, std::min<int64_t>(steps_ / 4, chunk * 4));
    }
    result_.burn_in = time_;
    result_.relaxation_time = 1 / rate_;
    interval_ = std::max<int64_t>(1, std::llround(options_.interval / rate_ / result_.step));
    const int64_t gap = interval_ - std::llround(task_.lag / result_.step);
    if (task_.readout == Readout::lagged && task_.how == Discretisation::exact && gap > 1)
      gap_ = make_transition(task_.machines[0], task_.how, static_cast<double>(gap) * result_.step, options_.threads);
  }

  void tell_burn_in(double passed, double& told) const {
    if (!options_.notice || passed < told) return;
    told = 4 * passed;
    options_.notice(
        fmt::format("{:.0f} s of burn-in so far: the slowest mode takes more than {:.2g} times as long to relax as the "
                    "fastest, as far as can be seen yet",
                    passed, 1 / (rate_ * result_.fastest_time)));
  }
  std::string why_no_start(double passed) const {
    return fmt::format(
        "no answer within {:.0f} s: the machine has not forgotten its start, its slowest mode takes more than {:.2g} "
        "times as long to relax as the fastest (an ill-conditioned matrix); --budget allows more",
        passed, 1 / (rate_ * result_.fastest_time));
  }

  void take_samples(int64_t times) {
    const int64_t lag = task_.readout == Readout::lagged ? std::llround(task_.lag / result_.step) : 0;
    const int64_t gap = std::max<int64_t>(1, interval_ - lag);
    std::atomic<int64_t> done{0};
    std::mutex mutex;
    parallel_for(static_cast<int64_t>(teams_.size()), options_.threads, [&](int64_t number) {
      Team& team = teams_[number];
      const int64_t m = task_.machines[0].size(), each = options_.replicas / kGroups;
      const auto states_of = [&](int64_t k) { return team.replicas.states().data() + k * each * m; };
      for (int64_t time = 0; time < times && !stopped_; ++time) {
        pass_gap(team, gap);
        for (int64_t k = 0; k < team.count; ++k) groups_[team.first + k].read(states_of(k));
        if (lag > 0) {
          team.replicas.advance(transition_of(team.first), lag);
          for (int64_t k = 0; k < team.count; ++k) groups_[team.first + k].read_later(states_of(k));
        }
        done += team.count;
        if (!options_.progress || time % 16 != 0) continue;
        const std::lock_guard lock(mutex);
        const double now = static_cast<double>(done) / kGroups;
        if (!options_.progress("sampling", static_cast<double>(times_) + now, static_cast<double>(goal(times))))
          stopped_ = true;
      }
      for (int64_t k = 0; k < team.count; ++k) groups_[team.first + k].flush();
    });
    if (stopped_) return;
    const int64_t steps = times * (gap + lag);
    times_ += times;
    steps_ += steps;
    time_ += static_cast<double>(steps) * result_.step;
  }

  // Between two samples; where the lag asks for short exact steps, in one step.
  void pass_gap(Team& team, int64_t gap) {
    if (gap_.size() == 0) {
      team.replicas.advance(transition_of(team.first), gap);
    } else {
      team.replicas.advance(gap_, 1);
    }
  }

  // Sample times that the whole run will have, as far as can be seen.
  int64_t goal(int64_t times) const {
    if (options_.tolerance <= 0) return wanted_times();
    const double expected = result_.expected_samples / static_cast<double>(options_.replicas);
    return std::max(times_ + times, static_cast<int64_t>(std::min(expected, 1e15)));
  }

  void look() {
    std::vector<Matrix> answers;
    Matrix mean, error;
    for (int64_t g = 0; g < kGroups; ++g) {
      Matrix answer = groups_[g].average();
      if (task_.finish) answer = task_.finish(std::move(answer), result_.step);
      if (g == 0) {
        mean = Matrix(answer.rows, answer.columns);
        error = mean;
      }
      // Welford: the mean, and the sum of squares about it.
      for (size_t k = 0; k < answer.values.size(); ++k) {
        const double change = answer.values[k] - mean.values[k];
        mean.values[k] += change / static_cast<double>(g + 1);
        error.values[k] += change * (answer.values[k] - mean.values[k]);
      }
    }
    for (double& value : error.values) value = std::sqrt(value / (kGroups - 1) / kGroups);
    result_.value = std::move(mean);
    result_.standard_error = std::move(error);
    result_.error = frobenius_norm(result_.standard_error);
    const double size = frobenius_norm(result_.value);
    result_.relative_error = size > 0 ? result_.error / size : INFINITY;
    result_.samples = times_ * options_.replicas;
    const bool small = static_cast<int64_t>(result_.value.values.size()) <= kLookEntries;
    result_.looks.push_back({result_.samples, result_.error, small ? result_.value : Matrix()});
  }

  bool is_enough() {
    if (options_.tolerance <= 0) return times_ >= wanted_times();
    result_.met = result_.relative_error <= options_.tolerance;
    if (result_.met) return true;
    const double ratio = result_.relative_error / options_.tolerance;
    result_.expected_samples = static_cast<double>(result_.samples) * ratio * ratio;
    if (options_.budget_samples > 0 && times_ >= budget_times()) return true;
    const double passed = seconds_since(start_);
    if (options_.notice && !told_ && passed > 1) {
      told_ = true;
      options_.notice(fmt::format(
          "the tolerance takes about {:.2g} samples, {:.2g} s on this computer: {:.2g} so far gave {:.2g}, and "
          "the error falls as one over the root of their number; the slowest mode takes {:.2g} times as long "
          "to relax as the fastest, so samples stand {} steps apart",
          result_.expected_samples, passed * ratio * ratio, static_cast<double>(result_.samples),
          result_.relative_error, result_.relaxation_time / result_.fastest_time, interval_));
    }
    return options_.budget_s > 0 && passed > options_.budget_s;
  }

  void finish() {
    const auto n = static_cast<double>(groups_[0].samples());
    double between = 0, within = 0;
    for (int64_t i = 0; i < task_.observed; ++i) {
      double mean = 0, squares = 0;
      for (const Group& group : groups_) mean += group.totals()[i] / n / kGroups;
      for (const Group& group : groups_) squares += std::pow(group.totals()[i] / n - mean, 2);
      between += squares / (kGroups - 1);
      within -= mean * mean;
    }
    for (const Group& group : groups_) within += group.squares() / n / kGroups;
    result_.samples_per_independent = within > 0 ? between * n / within : 1;
    result_.mean_square = 0;
    for (const Group& group : groups_) result_.mean_square += group.squares() / n / kGroups;
    if (!task_.form.values.empty()) {
      std::vector<double> forms(kGroups, 0.0);
      for (int64_t g = 0; g < kGroups; ++g) {
        const Matrix moment = groups_[g].average();
        for (size_t k = 0; k < moment.values.size(); ++k) forms[g] += task_.form.values[k] * moment.values[k];
      }
      result_.form = estimate(forms);
    }
    for (const Group& group : groups_)
      result_.kept.values.insert(result_.kept.values.end(), group.kept().begin(), group.kept().end());
    result_.kept.columns = task_.observed;
    result_.kept.rows = static_cast<int64_t>(result_.kept.values.size()) / task_.observed;
    for (const Team& team : teams_) {
      const std::vector<double>& states = team.replicas.states();
      result_.end_states.insert(result_.end_states.end(), states.begin(), states.end());
    }
    result_.replicas = options_.replicas;
    result_.machine_time = time_ * static_cast<double>(options_.replicas);
    result_.steps = steps_;
    result_.transition = transitions_[0];
    const auto m = static_cast<double>(task_.machines[0].size());
    const double products = transitions_[0].G_diagonal.empty() ? 2 : 1;
    result_.multiply_adds = static_cast<int64_t>(products * m * m * static_cast<double>(steps_ * options_.replicas));
    result_.wall_s = seconds_since(start_);
  }

  const SamplingTask& task_;
  const SamplingOptions& options_;
  Clock::time_point start_ = Clock::now();
  std::vector<Group> groups_;
  std::vector<Team> teams_;
  std::vector<Transition> transitions_;
  Transition gap_;  // empty where the gap is passed in plain steps
  std::vector<double> perturbation_;
  std::vector<std::pair<double, double>> decay_;  // time, ln of the perturbation's size
  double norm_ = 0, time_ = 0, rate_ = 0;
  int64_t interval_ = 1, times_ = 0, steps_ = 0;
  std::atomic<bool> stopped_{false};
  bool told_ = false;
  Average result_;
};

}  // namespace

int64_t choose_replicas(int64_t replicas, int64_t observed) {
  if (replicas == 0) return observed < 512 ? 64 : 32;
  if (replicas < kGroups || replicas % kGroups != 0 || replicas / kGroups > kRows)
    throw InputError(
        fmt::format("{} replicas are not allowed, a multiple of {} up to {} is", replicas, kGroups, kGroups * kRows));
  return replicas;
}

Average sample(const SamplingTask& task, const SamplingOptions& options) {
  SamplingOptions chosen = options;
  chosen.replicas = choose_replicas(options.replicas, task.observed);
  return Run(task, chosen).carry_out();
}

}  // namespace swell::linear
