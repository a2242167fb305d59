#include "swell/programs/linear/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <limits>

#include "swell/base/clock.h"
#include "swell/base/errors.h"
#include "swell/base/memory.h"
#include "swell/base/parcel.h"
#include "swell/base/ranks.h"
#include "swell/kernels/matrix_product.h"
#include "swell/programs/linear/diagnose.h"
#include "swell/programs/linear/ensembles.h"
#include "swell/programs/linear/readout.h"
#include "swell/random/streams.h"

namespace swell::linear {

namespace {

using Clock = std::chrono::steady_clock;
// Rounding shifts the answer along the slowest mode by the condition number times so many units of the last place: by
// up to 1.2 of them for two and three unknowns, by a tenth for ten and more (measured up to a condition of 1e12).
constexpr double kArithmetic = 1.5;
constexpr double kPlainRounding = 4;     // of states and averages, whatever the condition
constexpr double kMostArithmetic = 0.1;  // of the answer; beyond, no digit is left and it is refused
constexpr double kStartShare = 0.05;     // of the other errors: what may be left of the start
constexpr int64_t kMostLagSteps = 64;
constexpr double kGrace_s = 0.3, kMostGrace_s = 0.8;  // for a slice of samples to end in
constexpr double kSlice = 2e8, kSliceOfRanks = 3e9;   // multiply-adds between two looks at the clock
constexpr double kAutomaticStep = 1.25;  // h |M|: discrete steps are stable below 2, and the norm is known from below

class Sampling {
 public:
  Sampling(const SamplingTask& task, const SamplingOptions& options)
      : task_(task), options_(options), replicas_(task, options, [this] { return must_break(); }) {
    require_memory();
    norm_ = 0;
    for (const LinearSystem& machine : task.machines) norm_ = std::max(norm_, spectral_norm(machine.drift));
    for (int64_t g = 0; g < kGroups; ++g) groups_.emplace_back(task, options.replicas / kGroups);
  }

  Average carry_out() {
    result_.fastest_time = 1 / norm_;
    set_step(task_.step > 0 ? task_.step : kAutomaticStep / norm_);
    start_perturbation();
    if (!forget_start(options_.burn_in)) give_up();
    set_interval();
    for (Readings& group : groups_) group.watch(perturbation_);
    for (int64_t times = 4;; times *= 2) {
      times = std::min(times, most_times());
      const bool whole = take_samples(times - times_);
      if (times_ > looked_) look();
      if (result_.looks.empty()) give_up();
      if (!whole) break;
      const double more = settled_ ? 0 : still_to_forget();
      if (more > 0) {
        if (!forget_start(time_ * rate_ + more)) break;
        start_anew();
        times = 2;
        continue;
      }
      settled_ = true;
      pour();
      if (is_enough()) break;
    }
    conclude();
    finish();
    return result_;
  }

 private:
  int64_t wanted_times() const {
    return std::max<int64_t>(1, (options_.samples + options_.replicas - 1) / options_.replicas);
  }
  int64_t budget_times() const { return std::max<int64_t>(1, options_.budget_samples / options_.replicas); }
  // Sample times at the most.
  int64_t most_times() const {
    int64_t most = options_.tolerance > 0 ? INT64_MAX : wanted_times();
    if (options_.budget_samples > 0) most = std::min(most, budget_times());
    return most;
  }

  bool is_over() const { return stopped_ || is_late() || (options_.stop && options_.stop()); }
  // Asked by every thread while it works. A slice of samples has a moment to end, since one that is broken off is lost,
  // and so are all samples since the last look: more where slices take more, but no command ends a second late.
  bool must_break() const {
    if (!is_over()) return false;
    const double now = seconds_since(start_);
    double before = -1;
    over_since_.compare_exchange_strong(before, now);
    return !sampled_ || now - over_since_ > std::clamp(2 * slice_s_, kGrace_s, kMostGrace_s);
  }
  // The same where all ranks must have one answer: that of the last go_on().
  bool halted() const { return options_.ranks ? halted_ : is_over(); }
  bool is_late() const {
    const bool bound = options_.budget_s > 0 && (options_.tolerance > 0 || options_.budget_always || !sampled_);
    return bound && seconds_since(start_) > options_.budget_s;
  }
  // Tells how far it is; false to stop.
  bool go_on(const char* stage, double done, double total) {
    if (!tell(options_.progress, {stage, done, total})) stopped_ = true;
    if (!options_.ranks) return !is_over();
    halted_ = halted_ || !all_agree(options_.ranks, !is_over());
    return !halted_;
  }
  // Nothing has been seen yet when the time is over.
  [[noreturn]] void give_up() {
    if (all_agree(options_.ranks, !is_late())) throw Interrupted("interrupted before the first look at the answer");
    throw ToleranceMissed(why_nothing(seconds_since(start_)));
  }

  // Every rank has it all.
  void require_memory() const {
    const double m = static_cast<double>(task_.machines[0].size()), d = static_cast<double>(task_.observed);
    const bool square = task_.readout == Readout::second_moment || task_.readout == Readout::lagged;
    const double sums = square ? (kGroups + 6.0) * d * d : kGroups * d;
    const double steps = 8 * m * m * static_cast<double>(task_.machines.size());
    // Those kept, a copy of them on the way, and what is computed from each at the end.
    const double kept = task_.keep && !task_.sink ? 3.0 * static_cast<double>(options_.samples) * d : 0;
    const double needed = 8.0 * (options_.ranks ? options_.ranks->neighbours() : 1) *
                          (kept + sums + steps + 5 * m * static_cast<double>(options_.replicas));
    const auto free = static_cast<double>(available_memory());
    if (needed > free && 8 * kept > needed / 2) {
      throw InputError(fmt::format(
          "{} samples of {} variables are kept at once, which takes about {:.3g} GB here, and {:.3g} GB are free; "
          "ask for fewer, or set the most samples that may be taken",
          options_.samples, task_.observed, needed / 1e9, free / 1e9));
    }
    if (needed > free) {
      throw InputError(fmt::format("a matrix of {0} x {0} takes about {1:.3g} GB here, and {2:.3g} GB are free",
                                   task_.observed, needed / 1e9, free / 1e9));
    }
  }

  void set_step(double step) {
    replicas_.set_step(step);
    result_.step = replicas_.step();
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
    for (int64_t k = 0; k < steps && !halted(); ++k) {
      std::ranges::fill(next, 0.0);
      add_product(1, m, m, perturbation_.data(), m, replicas_.transition().F_transposed.values.data(), m, next.data(),
                  m, 1);
      perturbation_.swap(next);
    }
    double squares = 0;
    for (const double value : perturbation_) squares += value * value;
    const double size = std::sqrt(squares);
    const double last = decay_.back().second;
    carried_ += static_cast<double>(steps) * result_.step;
    decay_.emplace_back(carried_, size > 0 ? last + std::log(size) : last - 700);
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

  // Runs until the start lies so many relaxation times back; false where it is stopped before.
  bool forget_start(double relaxation_times) {
    constexpr double kGrown = 14;  // a perturbation that is a million times as large
    const bool doubles = task_.how == Integrator::exact && task_.step <= 0 && !sampled_;
    double told = 5;
    int64_t chunk = std::max<int64_t>(1, replicas_.steps() / 4);
    while (carried_ == 0 || time_ * rate_ < relaxation_times) {
      if (!go_on("burn-in", time_ * rate_, relaxation_times) || !replicas_.walk(chunk)) return false;
      time_ += static_cast<double>(chunk) * result_.step;
      carry_perturbation(chunk);
      if (halted()) return false;
      const double size = decay_.back().second;
      if (!std::isfinite(size) || size > kGrown) {
        throw InputError(
            fmt::format("a mode of the machine grows instead of dying out: by e^{:.0f} after {:g} time units; every "
                        "eigenvalue must have a positive real part{}",
                        size, carried_, task_.how == Integrator::exact ? "" : ", and the step dt be short enough"));
      }
      rate_ = std::max(0.0, (log_size_at(carried_ / 2) - size) / (carried_ / 2));
      if (time_ * rate_ >= relaxation_times) break;
      if (doubles && replicas_.steps() >= 4 && 2 * result_.step * rate_ < options_.interval) {
        replicas_.double_step();
        result_.step = replicas_.step();
        chunk = std::max<int64_t>(1, chunk / 2);
      }
      tell_burn_in(seconds_since(start_), told);
      chunk = std::max<int64_t>(1, std::min<int64_t>(replicas_.steps() / 4, chunk * 4));
    }
    result_.burn_in = burn_in_end_ = time_;
    result_.relaxation_time = 1 / rate_;
    require_digits();
    return true;
  }

  double arithmetic() const {
    return kArithmetic * std::numeric_limits<double>::epsilon() / 2 * (norm_ / rate_ + kPlainRounding);
  }

  void require_digits() const {
    if (arithmetic() <= kMostArithmetic) return;
    throw InputError(
        fmt::format("the slowest mode takes {:.2g} times as long to relax as the fastest (the condition number of the "
                    "matrix): double precision leaves no digit of the answer",
                    norm_ / rate_));
  }

  void set_interval() {
    interval_ = std::max<int64_t>(1, std::llround(options_.interval / rate_ / result_.step));
    if (task_.readout == Readout::lagged) {
      if (task_.how == Integrator::exact) {
        // The lag has steps of its own: of the fastest time, and no more of them than would make any difference.
        lag_steps_ = std::clamp<int64_t>(std::llround(std::ceil(task_.lag * norm_ - 1e-9)), 1, kMostLagSteps);
        replicas_.set_lag_step(task_.lag / static_cast<double>(lag_steps_));
        gap_steps_ = std::max<int64_t>(1, interval_ - std::llround(task_.lag / result_.step));
      } else {
        lag_steps_ = std::llround(task_.lag / result_.step);
        gap_steps_ = std::max<int64_t>(1, interval_ - lag_steps_);
      }
    } else {
      gap_steps_ = interval_;
    }
    const double lag = task_.readout == Readout::lagged ? task_.lag : 0;
    spacing_ = static_cast<double>(gap_steps_) * result_.step + lag;
    result_.interval = spacing_;
    const auto m = static_cast<double>(task_.machines[0].size());
    const double work = static_cast<double>(options_.replicas * (gap_steps_ + lag_steps_)) * (m * m + 50 * m);
    // Ranks wait for each other after each slice. Samples that are kept stand in the order of slices, for all alike.
    const bool kept = task_.keep || task_.sink;
    slice_ =
        std::clamp<int64_t>(static_cast<int64_t>((options_.ranks && !kept ? kSliceOfRanks : kSlice) / work), 1, 4096);
    if (kept) slice_ = std::clamp<int64_t>((int64_t{1} << 21) / (options_.replicas * task_.observed), 1, slice_);
  }

  void tell_burn_in(double passed, double& told) const {
    if (!options_.notice || passed < told) return;
    told = 4 * passed;
    options_.notice(
        fmt::format("{:.0f} s of burn-in so far: the slowest mode takes more than {:.2g} times as long to relax as the "
                    "fastest, as far as can be seen yet",
                    passed, slowness()));
  }
  // How many times as long as the fastest mode the slowest one takes, as far as can be seen.
  double slowness() const { return std::max(1.0, norm_ * (rate_ > 0 ? 1 / rate_ : carried_)); }
  std::string why_nothing(double passed) const {
    if (sampled_)
      return fmt::format("no answer within {:.1f} s: the first samples take longer; a longer budget allows more",
                         passed);
    return fmt::format(
        "no answer within {:.1f} s: the machine has not forgotten its start, its slowest mode takes more than {:.2g} "
        "times as long to relax as the fastest (an ill-conditioned matrix); a longer budget allows more",
        passed, slowness());
  }

  // All of them, or as many as there is time for: then false.
  bool take_samples(int64_t times) {
    sampled_ = true;
    for (int64_t left = times; left > 0;) {
      if (!go_on("sampling", static_cast<double>(times_), static_cast<double>(goal(left)))) return false;
      const int64_t now = std::min(left, slice_);
      const double began = seconds_since(start_);
      if (!replicas_.sample(now, gap_steps_, lag_steps_, groups_)) {
        broken_ = true;
        return false;
      }
      slice_s_ = seconds_since(start_) - began;
      if (settled_) pour();
      times_ += now;
      left -= now;
      time_ += static_cast<double>(now) * spacing_;
    }
    return true;
  }

  // Samples that count leave the groups.
  void pour() {
    if (!task_.sink) return;
    if (options_.ranks) return pour_together();
    for (Readings& group : groups_) {
      task_.sink(group.kept());
      group.kept().clear();
    }
  }

  // The first rank takes them, in the order of groups.
  void pour_together() {
    std::vector<double> here;
    for (Readings& group : groups_) {
      here.insert(here.end(), group.kept().begin(), group.kept().end());
      group.kept().clear();
    }
    options_.ranks->collect(std::as_bytes(std::span(here)), [&](std::span<const std::byte> bytes) {
      std::vector<double> values(bytes.size() / sizeof(double));
      if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
      task_.sink(values);
    });
  }

  void start_anew() {
    for (Readings& group : groups_) group.clear();
    result_.looks.clear();
    times_ = looked_ = 0;
  }

  // Sample times that the whole run will have, as far as can be seen.
  int64_t goal(int64_t times) const {
    if (options_.tolerance <= 0) return most_times();
    const double expected = result_.expected_samples / static_cast<double>(options_.replicas);
    return std::max(times_ + times, static_cast<int64_t>(std::min(expected, 1e15)));
  }

  // One group more of the mean over groups, and of the sum of squares about it (Welford).
  void add_group(int64_t g, Matrix& mean, Matrix& error, double& scale) {
    groups_[g].flush();
    Matrix answer = groups_[g].average();
    if (task_.finish) answer = task_.finish(std::move(answer), result_.step);
    if (g == 0) {
      mean = Matrix(answer.rows, answer.columns);
      error = mean;
      scale = scale_of(answer.values);
    }
    for (size_t k = 0; k < answer.values.size(); ++k) {
      const double value = answer.values[k] / scale, change = value - mean.values[k];
      mean.values[k] += change / static_cast<double>(g + 1);
      error.values[k] += change * (value - mean.values[k]);
    }
  }

  // From one rank to all others.
  void hand_on(int from, Matrix& mean, Matrix& error, double& scale) const {
    Parcel parcel;
    if (options_.ranks->rank() == from) {
      parcel.put(mean.rows);
      parcel.put(mean.columns);
      parcel.put(scale);
      parcel.put_all(mean.values);
      parcel.put_all(error.values);
    }
    Parcel handed(std::move(options_.ranks->gather(parcel.bytes())[from]));
    const auto rows = handed.take<int64_t>(), columns = handed.take<int64_t>();
    mean = Matrix(rows, columns);
    error = mean;
    scale = handed.take<double>();
    mean.values = handed.take_all<double>();
    error.values = handed.take_all<double>();
  }

  void look() {
    if (broken_) return;
    Matrix mean, error;
    double scale = 1;  // a power of two, so that squares fit a double
    const int ranks = options_.ranks ? options_.ranks->size() : 1, rank = options_.ranks ? options_.ranks->rank() : 0;
    for (int r = 0; r < ranks; ++r) {
      const Portion part = portion(kGroups, 1, r, ranks);
      if (r == rank) {
        for (int64_t g = part.first; g < part.first + part.count; ++g) add_group(g, mean, error, scale);
      }
      if (options_.ranks && part.count > 0) hand_on(r, mean, error, scale);
    }
    for (double& value : mean.values) value *= scale;
    for (double& value : error.values) value = scale * std::sqrt(value / (kGroups - 1) / kGroups);
    in_units(mean);
    in_units(error);
    result_.value = std::move(mean);
    result_.standard_error = std::move(error);
    result_.samples = times_ * options_.replicas;
    result_.parts = {};
    result_.error = result_.parts.sampling = frobenius_norm(result_.standard_error);
    add_error(result_, left_over(arithmetic()), result_.parts.arithmetic);
    start_error_ = left_over(start_share());
    start_excess_ = 0;
    for (size_t k = 0; k < start_error_.values.size(); ++k) {
      const double other = std::max(result_.standard_error.values[k], 1e-300);
      start_excess_ = std::max(start_excess_, start_error_.values[k] / (kStartShare * other));
    }
    add_error(result_, start_error_, result_.parts.start);
    looked_ = times_;
    const bool small = static_cast<int64_t>(result_.value.values.size()) <= kLookEntries;
    result_.looks.push_back({result_.samples, result_.error, small ? result_.value : Matrix()});
  }

  void in_units(Matrix& answer) const {
    if (task_.units.empty()) return;
    for (int64_t i = 0; i < answer.rows; ++i) {
      for (int64_t j = 0; j < answer.columns; ++j)
        answer(i, j) *= task_.units[i] * (answer.columns > 1 || is_square() ? task_.units[j] : 1);
    }
  }
  bool is_square() const { return task_.readout == Readout::second_moment || task_.readout == Readout::lagged; }

  // What stands along the slowest mode in the answer's entries when it is this share of the machine's whole answer.
  Matrix left_over(double share) const {
    const Matrix& value = result_.value;
    const auto unit = [&](int64_t i) { return task_.units.empty() ? 1 : task_.units[i]; };
    Matrix plain = value;
    for (int64_t i = 0; i < plain.rows; ++i) {
      for (int64_t j = 0; j < plain.columns; ++j) plain(i, j) /= unit(i) * (is_square() ? unit(j) : 1);
    }
    const auto m = static_cast<double>(task_.machines[0].size());
    double whole = frobenius_norm(plain);
    if (task_.readout == Readout::lagged) whole = std::max(whole, std::sqrt(m));
    const auto along = [&](int64_t i) { return std::max(std::abs(perturbation_[i]), 0.1 / std::sqrt(m)) * unit(i); };
    Matrix result(value.rows, value.columns);
    for (int64_t i = 0; i < value.rows; ++i) {
      for (int64_t j = 0; j < value.columns; ++j)
        result(i, j) = share * whole * along(i) * (is_square() ? along(j) : 1);
    }
    return result;
  }

  // The start as a share of the answer: it dies out like the slowest mode, second moments like its square, and is an
  // average over the times at which samples are taken.
  double start_share() const {
    const double order = task_.readout == Readout::mean ? 1 : 2;
    const double each = order * spacing_ * rate_, count = static_cast<double>(std::max<int64_t>(1, times_));
    return std::exp(-order * burn_in_end_ * rate_ - each) * -std::expm1(-each * count) / -std::expm1(-each) / count;
  }
  // Relaxation times that the machine should still run before its first sample.
  double still_to_forget() const {
    if (start_excess_ <= 1) return 0;
    return (std::log(start_excess_) + 0.5) / (task_.readout == Readout::mean ? 1 : 2);
  }

  bool is_enough() {
    if (options_.tolerance <= 0) return times_ >= most_times();
    result_.met = result_.relative_error <= options_.tolerance;
    if (result_.met) return true;
    const double ratio = result_.relative_error / options_.tolerance;
    result_.expected_samples = static_cast<double>(result_.samples) * ratio * ratio;
    // More samples do not help against rounding.
    if (result_.parts.arithmetic > options_.tolerance * frobenius_norm(result_.value) &&
        result_.parts.sampling < 0.3 * result_.parts.arithmetic)
      return true;
    if (times_ >= most_times()) return true;
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
    return !all_agree(options_.ranks, !is_late());
  }

  // Why it ended, and with what.
  void conclude() {
    result_.interrupted = !all_agree(options_.ranks, !stopped_ && !(options_.stop && options_.stop()));
    if (options_.tolerance <= 0) {
      result_.met = looked_ >= wanted_times();
      result_.expected_samples = static_cast<double>(options_.samples);
    } else {
      result_.met = result_.relative_error <= options_.tolerance;
    }
  }

  // What each rank has read of its groups, at every rank.
  void share_readings() {
    if (!options_.ranks) return;
    const Portion& here = replicas_.groups();
    Parcel parcel;
    for (int64_t g = here.first; g < here.first + here.count; ++g) groups_[g].put_into(parcel);
    std::vector<Ranks::Bytes> all = options_.ranks->gather(parcel.bytes());
    for (int r = 0; r < options_.ranks->size(); ++r) {
      Parcel others(std::move(all[r]));
      const Portion part = portion(kGroups, 1, r, options_.ranks->size());
      for (int64_t g = part.first; g < part.first + part.count; ++g) groups_[g].take_from(others);
    }
  }

  // <x form x> of each group, and their average.
  void average_form() {
    const Portion& here = replicas_.groups();
    std::vector<double> forms(here.count, 0.0);
    for (int64_t k = 0; k < here.count; ++k) {
      const Matrix moment = groups_[here.first + k].average();
      for (size_t i = 0; i < moment.values.size(); ++i) forms[k] += task_.form.values[i] * moment.values[i];
    }
    if (options_.ranks) forms = gather_all<double>(*options_.ranks, forms);
    result_.form = estimate(forms);
  }

  void finish() {
    share_readings();
    const auto n = static_cast<double>(groups_[0].samples());
    double between = 0, within = 0;
    for (int64_t i = 0; i < task_.observed; ++i) {
      double mean = 0, squares = 0;
      for (const Readings& group : groups_) mean += group.totals()[i] / n / kGroups;
      for (const Readings& group : groups_) squares += std::pow(group.totals()[i] / n - mean, 2);
      between += squares / (kGroups - 1);
      within -= mean * mean;
    }
    for (const Readings& group : groups_) within += group.squares() / n / kGroups;
    result_.samples_per_independent = within > 0 ? between * n / within : 1;
    result_.mean_square = 0;
    for (const Readings& group : groups_) result_.mean_square += group.squares() / n / kGroups;
    if (!task_.form.values.empty()) average_form();
    for (Readings& group : groups_)
      result_.kept.values.insert(result_.kept.values.end(), group.kept().begin(), group.kept().end());
    result_.kept.columns = task_.observed;
    result_.kept.rows = static_cast<int64_t>(result_.kept.values.size()) / task_.observed;
    result_.end_states = replicas_.states();
    result_.replicas = options_.replicas;
    result_.machine_time = time_ * static_cast<double>(options_.replicas);
    result_.steps = replicas_.steps();
    result_.transition = replicas_.transition();
    result_.diagnostics = diagnose(task_, groups_, result_);
    int64_t sums[] = {replicas_.multiply_adds(), replicas_.draws()};
    if (options_.ranks) options_.ranks->add(sums);
    result_.multiply_adds = sums[0];
    result_.draws = sums[1];
    result_.wall_s = seconds_since(start_);
  }

  const SamplingTask& task_;
  const SamplingOptions& options_;
  Clock::time_point start_ = Clock::now();
  std::vector<Readings> groups_;  // of replicas
  Ensembles replicas_;
  std::vector<double> perturbation_;
  std::vector<std::pair<double, double>> decay_;  // time, ln of the perturbation's size
  double norm_ = 0, time_ = 0, rate_ = 0;
  double carried_ = 0;      // time that the perturbation has been carried on
  double burn_in_end_ = 0;  // time at which the samples that count begin
  double spacing_ = 0;      // between samples
  int64_t interval_ = 1, gap_steps_ = 1, lag_steps_ = 0, slice_ = 1;
  double slice_s_ = 0;  // that the last slice took
  int64_t times_ = 0, looked_ = 0;
  Matrix start_error_;
  double start_excess_ = 0;  // over what it may be
  bool sampled_ = false, settled_ = false, broken_ = false;
  std::atomic<bool> stopped_{false};
  mutable std::atomic<double> over_since_{-1};  // seconds from the start; below 0 for not
  bool told_ = false;
  bool halted_ = false;  // as the ranks agreed
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

void add_error(Average& average, const Matrix& part, double& total) {
  for (size_t k = 0; k < part.values.size(); ++k) {
    double& error = average.standard_error.values[k];
    error = std::hypot(error, part.values[k]);
  }
  total = std::hypot(total, frobenius_norm(part));
  average.error = frobenius_norm(average.standard_error);
  const double size = frobenius_norm(average.value);
  average.relative_error = size > 0 ? average.error / size : INFINITY;
}

Average sample(const SamplingTask& task, const SamplingOptions& options) {
  SamplingOptions chosen = options;
  chosen.replicas = choose_replicas(options.replicas, task.observed);
  return Sampling(task, chosen).carry_out();
}

}  // namespace swell::linear
