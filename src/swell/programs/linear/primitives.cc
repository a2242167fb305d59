#include "swell/programs/linear/primitives.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/model/levels.h"
#include "swell/programs/linear/device_error.h"
#include "swell/programs/linear/reference.h"
#include "swell/random/streams.h"

namespace swell::linear {

namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// h |M| of the steps that are only right for short ones: the answer is off by about half of it.
constexpr double kShortStep = 0.02;

Matrix scaled(Matrix a, double factor) {
  for (double& value : a.values) value *= factor;
  return a;
}

// For SamplingTask::finish.
std::function<Matrix(Matrix average, double step)> times(double factor) {
  return [factor](Matrix average, double) { return scaled(std::move(average), factor); };
}

// V and kT times `clock`: M and the noise alike.
LinearSystem clocked(LinearSystem machine, double clock) {
  for (double& value : machine.drift.values) value *= clock;
  for (double& value : machine.noise.values) value *= clock;
  for (double& value : machine.c) value *= clock;
  return machine;
}

LinearSystem overdamped(const Matrix& a, const std::vector<double>& drive, const Matrix& noise,
                        const Settings& settings) {
  LinearSystem machine{a, drive.empty() ? std::vector<double>(a.rows, 0.0) : drive, noise};
  return clocked(std::move(machine), settings.clock);
}

Integrator discretisation(const Settings& settings) {
  if (settings.device != Device::overdamped) return Integrator::exact;
  return settings.euler ? Integrator::euler_maruyama : Integrator::leimkuhler_matthews;
}

const char* integrator_name(Integrator how) {
  switch (how) {
    case Integrator::exact:
      return "exact transitions";
    case Integrator::euler_maruyama:
      return "Euler-Maruyama";
    default:
      return "Leimkuhler-Matthews";
  }
}

void fill(Answer& answer, const Matrix& a, const Programmed& programmed, double kT, int64_t values_per_sample) {
  const int64_t d = a.rows;
  answer.kT = kT;
  answer.rounding = programmed.rounding;
  answer.integrator = integrator_name(programmed.task.how);
  answer.readouts = answer.average.samples * values_per_sample;
  answer.writes = d * (d + 1) / 2 + d;
  if (programmed.spu) {
    answer.spu = programmed.spu->description();
    answer.time_unit_s = programmed.spu->time_unit_s();
    const double volt = programmed.spu->volt();
    answer.heat_rate_W = answer.average.mean_square * volt * volt / programmed.spu->parts.resistance_ohm;
  } else {
    answer.books = books_at_equilibrium(Forces(programmed.task.machines[0]), answer.average);
  }
}

}  // namespace

Programmable programmable(const Matrix& a) {
  constexpr double kSpread = 1e3;
  double least = INFINITY, most = 0;
  for (int64_t i = 0; i < a.rows; ++i) {
    least = std::min(least, a(i, i));
    most = std::max(most, a(i, i));
  }
  Programmable result{a, std::vector<double>(a.rows, 1.0)};
  if (!(least > 0) || (most <= kSpread * least && most < 0x1p100 && most > 0x1p-100)) return result;
  result.t = equilibration(a);
  if (most <= kSpread * least) std::ranges::fill(result.t, *std::ranges::min_element(result.t));
  result.a = equilibrated(a, result.t);
  result.spread = *std::ranges::max_element(result.t) / *std::ranges::min_element(result.t);
  result.scaled = true;
  return result;
}

Programmed program(const Matrix& a, const std::vector<double>& drive, double kT, const Settings& settings) {
  std::vector<Matrix> couplings;
  Programmed programmed;
  if (settings.bits == 0) {
    couplings = {a};
  } else {
    for (int64_t k = 0; k < (settings.mitigate ? kGroups : 1); ++k) {
      couplings.push_back(settings.mitigate ? round_to_bits(a, settings.bits, k, kGroups, settings.sampling.seed)
                                            : round_to_bits(a, settings.bits));
      require_positive_definite(couplings.back(), fmt::format("the matrix rounded to {} bits", settings.bits));
    }
    for (const Matrix& coupling : couplings) {
      programmed.residues.push_back(a);
      for (size_t k = 0; k < a.values.size(); ++k) programmed.residues.back().values[k] -= coupling.values[k];
    }
    programmed.rounding =
        0.5 * levels_for(a.values, settings.bits).step * static_cast<double>(a.rows) / frobenius_norm(a);
  }
  SamplingTask& task = programmed.task;
  task.observed = a.rows;
  task.how = discretisation(settings);
  task.step = settings.step;
  for (const Matrix& coupling : couplings) {
    if (settings.device == Device::spu) {
      Spu spu = make_spu(coupling, settings.parts, settings.sampling.threads);
      task.machines.push_back(clocked(std::move(spu.machine), settings.clock));
      programmed.spu = std::move(spu);
    } else {
      task.machines.push_back(overdamped(coupling, drive, scaled(identity(a.rows), 2 * kT), settings));
    }
  }
  return programmed;
}

namespace {

// Of the programmed machine without its drive: what the error of its rounded couplings is found from. Enough samples
// that its eigenvalues are known to a quarter.
Matrix sampled_inverse(const Programmable& held, const Settings& settings) {
  Settings plain = settings;
  plain.euler = false;
  Programmed programmed = program(held.a, {}, 1, plain);
  programmed.task.readout = Readout::second_moment;
  if (programmed.spu) programmed.task.finish = times(1 / programmed.spu->a0);
  SamplingOptions options = settings.sampling;
  options.tolerance = 0;
  options.budget_samples = 0;
  options.samples = std::max<int64_t>(2560, 16 * held.a.rows);
  options.seed = seed_of_part(options.seed, 78);
  options.notice = nullptr;
  return sample(programmed.task, options).value;
}

Matrix divided(Matrix value, std::span<const double> units, bool square) {
  for (int64_t i = 0; i < value.rows; ++i) {
    for (int64_t j = 0; j < value.columns; ++j) value(i, j) /= units[i] * (square ? units[j] : 1);
  }
  return value;
}
Matrix multiplied(Matrix value, std::span<const double> units, bool square) {
  for (int64_t i = 0; i < value.rows; ++i) {
    for (int64_t j = 0; j < value.columns; ++j) value(i, j) *= units[i] * (square ? units[j] : 1);
  }
  return value;
}

// What is left of the budget for finding the error of an answer.
SamplingOptions rest_of(const SamplingOptions& options, const Average& average) {
  SamplingOptions rest = options;
  if (options.budget_s > 0) rest.budget_s = std::max(0.2, options.budget_s - average.wall_s);
  rest.budget_always = options.budget_s > 0 && (options.tolerance > 0 || options.budget_always);
  return rest;
}

// The part of an error that `find` finds by sampling; where there is no time for that, this share of the answer.
template <class Find>
Matrix found_or(const Matrix& value, double share, const Find& find) {
  try {
    return find();
  } catch (const ToleranceMissed&) {
  } catch (const Interrupted&) {
  }
  return scaled(value, share);
}

// After parts of the error were added that no more samples make smaller.
void judge(Average& average, const SamplingOptions& options) {
  if (options.tolerance > 0) average.met = average.met && average.relative_error <= options.tolerance;
  if (!average.looks.empty()) average.looks.back().error = average.error;
}

Answer solve_column(const Programmable& held, const std::vector<double>& b, const Settings& settings) {
  // In units of its own the right-hand side is of the order of one.
  std::vector<double> drive = b;
  for (size_t i = 0; i < drive.size(); ++i) drive[i] *= held.t[i];
  const double largest = scale_of(drive);
  const double unit = largest > 0x1p100 || largest < 0x1p-100 ? largest : 1;
  double squares = 0;
  for (double& value : drive) {
    value /= unit;
    squares += value * value;
  }
  const double kT = settings.kT > 0 ? settings.kT / unit / unit : squares / trace(held.a);
  Programmed programmed = program(held.a, drive, kT, settings);
  programmed.task.finish = times(unit);
  if (settings.device == Device::spu) {
    // An inductor carries any steady current, so that voltages have no mean; their covariance knows the answer too.
    programmed.task.readout = Readout::projected;
    programmed.task.weights = drive;
    programmed.task.finish = times(unit / programmed.spu->a0);
  }
  if (held.scaled) programmed.task.units = held.t;
  Answer answer;
  answer.average = sample(programmed.task, settings.sampling);
  fill(answer, held.a, programmed, kT, held.a.rows);
  answer.kT = kT * unit * unit;
  if (!programmed.residues.empty()) {
    Settings rest = settings;
    rest.sampling = rest_of(settings.sampling, answer.average);
    const Average& average = answer.average;
    const double most = programmed.rounding * average.relaxation_time / average.fastest_time;
    const Matrix shift = found_or(average.value, std::min(1.0, most), [&] {
      return multiplied(rounding_shift(divided(average.value, held.t, false), sampled_inverse(held, rest),
                                       programmed.residues, settings.sampling.threads),
                        held.t, false);
    });
    add_error(answer.average, shift, answer.average.parts.rounding);
    judge(answer.average, settings.sampling);
  }
  return answer;
}

// Column after column: what each took is added up, what each is stands side by side.
void append(Answer& all, const Answer& one, int64_t column, int64_t columns) {
  Average& sum = all.average;
  const Average& part = one.average;
  if (column == 0) {
    all = one;
    sum.value = Matrix(part.value.rows, columns);
    sum.standard_error = sum.value;
    sum.looks.clear();
  }
  for (int64_t i = 0; i < part.value.rows; ++i) {
    sum.value(i, column) = part.value(i, 0);
    sum.standard_error(i, column) = part.standard_error(i, 0);
  }
  sum.error = frobenius_norm(sum.standard_error);
  sum.relative_error = sum.error / frobenius_norm(sum.value);
  if (column > 0) {
    for (double ErrorParts::*which :
         {&ErrorParts::sampling, &ErrorParts::start, &ErrorParts::arithmetic, &ErrorParts::step, &ErrorParts::rounding})
      sum.parts.*which = std::hypot(sum.parts.*which, part.parts.*which);
    sum.samples += part.samples;
    sum.machine_time += part.machine_time;
    sum.steps += part.steps;
    sum.multiply_adds += part.multiply_adds;
    sum.wall_s += part.wall_s;
    sum.expected_samples += part.expected_samples;
    sum.met = sum.met && part.met;
    sum.interrupted = sum.interrupted || part.interrupted;
    take_worse(sum.diagnostics, part.diagnostics);
    all.readouts += one.readouts;
    all.heat_rate_W = std::max(all.heat_rate_W, one.heat_rate_W);
    if (all.books && one.books) {
      all.books->heat.mean += one.books->heat.mean;
      all.books->heat.stderr_of_mean = std::hypot(all.books->heat.stderr_of_mean, one.books->heat.stderr_of_mean);
    }
  }
  sum.looks.push_back({sum.samples, sum.error, {}});
}

}  // namespace

Answer solve(const Matrix& a, const Matrix& b, const Settings& settings) {
  if (!(frobenius_norm(b) > 0))
    throw InputError("b is zero, and so is the answer: a right-hand side with a nonzero entry is needed");
  const WithoutReference guard;
  const Programmable held = programmable(a);
  Answer answer;
  Settings own = settings;
  bool first = true;
  for (int64_t column = 0; column < b.columns; ++column) {
    std::vector<double> drive(b.rows);
    for (int64_t i = 0; i < b.rows; ++i) drive[i] = b(i, column);
    if (!(norm_of(drive) > 0)) continue;  // its answer is zero
    own.sampling.seed = seed_of_part(settings.sampling.seed, static_cast<uint64_t>(column));
    if (settings.sampling.budget_s > 0)
      own.sampling.budget_s =
          (settings.sampling.budget_s - answer.average.wall_s) / static_cast<double>(b.columns - column);
    if (settings.sampling.budget_samples > 0)
      own.sampling.budget_samples = settings.sampling.budget_samples / b.columns;
    const Answer one = solve_column(held, drive, own);
    if (b.columns == 1) {
      answer = one;
    } else if (first && column > 0) {
      append(answer, one, 0, b.columns);
      for (int64_t i = 0; i < b.rows; ++i) {
        std::swap(answer.average.value(i, 0), answer.average.value(i, column));
        std::swap(answer.average.standard_error(i, 0), answer.average.standard_error(i, column));
      }
    } else {
      append(answer, one, column, b.columns);
    }
    first = false;
    if (one.average.interrupted && column + 1 < b.columns)
      throw Interrupted("interrupted before all right-hand sides had an answer");
  }
  answer.spread = held.spread;
  return answer;
}

Answer inverse(const Matrix& a, const Settings& settings) {
  const Programmable held = programmable(a);
  Programmed programmed = program(held.a, {}, 1, settings);
  programmed.task.readout = Readout::second_moment;
  if (settings.device == Device::spu) {
    programmed.task.finish = times(1 / programmed.spu->a0);
  } else if (settings.euler && settings.device == Device::overdamped) {
    // Euler-Maruyama's covariance is A^-1 (1 - h A / 2)^-1 kT, so this takes its bias out, from A alone.
    const Matrix& M = programmed.task.machines[0].drift;
    programmed.task.finish = [&M](const Matrix& average, double h) {
      Matrix corrected = product(average, M, 1);
      for (int64_t i = 0; i < M.rows; ++i) {
        for (int64_t j = 0; j < M.rows; ++j) corrected(i, j) = average(i, j) - 0.5 * h * corrected(i, j);
      }
      return corrected;
    };
  }
  if (held.scaled) programmed.task.units = held.t;
  Answer answer;
  const WithoutReference guard;
  answer.average = sample(programmed.task, settings.sampling);
  fill(answer, held.a, programmed, 1, a.rows);
  answer.spread = held.spread;
  if (!programmed.residues.empty()) {
    const Matrix plain = divided(answer.average.value, held.t, true);
    // Too few samples for the inverse to stand in its own error.
    const bool enough = answer.average.samples >= 16 * a.rows;
    Settings rest = settings;
    rest.sampling = rest_of(settings.sampling, answer.average);
    const Average& average = answer.average;
    const double most = programmed.rounding * average.relaxation_time / average.fastest_time;
    const Matrix shift = found_or(average.value, std::min(1.0, most), [&] {
      return multiplied(rounding_shift(plain, enough ? plain : sampled_inverse(held, rest), programmed.residues,
                                       settings.sampling.threads),
                        held.t, true);
    });
    add_error(answer.average, shift, answer.average.parts.rounding);
    judge(answer.average, settings.sampling);
  }
  return answer;
}

namespace {

// h |M| of Euler's steps: where a tolerance is asked for, so short that their bias leaves room for it, within reason.
double short_step(const Settings& settings) {
  constexpr double kShortest = 1e-3;
  const double tolerance = settings.sampling.tolerance;
  return tolerance > 0 ? std::clamp(0.5 * tolerance, kShortest, kShortStep) : kShortStep;
}

Answer lyapunov_by_spu(const Matrix& a, double level, const Settings& settings) {
  Answer answer = inverse(a, settings);
  Average& average = answer.average;
  for (double* number : {&average.error, &average.parts.sampling, &average.parts.start, &average.parts.arithmetic,
                         &average.parts.step, &average.parts.rounding})
    *number *= level / 2;
  average.value = scaled(std::move(average.value), level / 2);
  average.standard_error = scaled(std::move(average.standard_error), level / 2);
  for (Look& look : average.looks) {
    look.error *= level / 2;
    look.value = scaled(std::move(look.value), level / 2);
  }
  return answer;
}

// The machine's times in the units of A, where its drift is A / unit.
void in_time_unit(Average& average, double unit) {
  for (double* time : {&average.step, &average.relaxation_time, &average.fastest_time, &average.interval,
                       &average.burn_in, &average.machine_time})
    *time /= unit;
}

}  // namespace

Answer lyapunov(const Matrix& a, const Matrix& q, const Settings& settings) {
  // At scales where squares would not fit a double, in units of its own.
  const auto unit_of = [](const Matrix& m) {
    const double largest = scale_of(m.values);
    return largest > 0x1p100 || largest < 0x1p-100 ? largest : 1;
  };
  const double a_unit = unit_of(a), q_unit = unit_of(q);
  const Matrix A = scaled(a, 1 / a_unit), Q = scaled(q, 1 / q_unit);
  const double level = trace(Q) / static_cast<double>(q.rows);
  double off = 0;
  for (int64_t i = 0; i < q.rows; ++i) {
    for (int64_t j = 0; j < q.rows; ++j) off = std::max(off, std::abs(Q(i, j) - (i == j ? level : 0)));
  }
  const bool reversible = is_symmetric(a) && off <= 1e-12 * std::abs(level);
  if (settings.device == Device::spu) {
    if (!reversible) {
      throw InputError(
          "the spu device can only do a Lyapunov equation with symmetric A and Q a multiple of the identity: "
          "its noise sources are independent and its couplings mutual; use the device exact or overdamped");
    }
    return lyapunov_by_spu(a, level * q_unit, settings);
  }
  square_root_factor(Q, "Q");  // refuses what no noise can have
  SamplingTask task;
  task.machines = {overdamped(A, {}, Q, settings)};
  task.observed = a.rows;
  task.readout = Readout::second_moment;
  task.how = discretisation(settings);
  task.step = settings.step * a_unit;
  task.finish = times(q_unit / a_unit);
  const Forces forces(task.machines[0]);
  if (forces.known() && !forces.conservative()) task.form = forces.dissipation();
  const bool biased = task.how != Integrator::exact && !(reversible && !settings.euler);
  if (biased) {
    task.how = Integrator::euler_maruyama;
    if (task.step <= 0) task.step = short_step(settings) / spectral_norm(task.machines[0].drift);
  }
  Answer answer;
  const WithoutReference guard;
  answer.average = sample(task, settings.sampling);
  answer.integrator = integrator_name(task.how);
  answer.readouts = answer.average.samples * a.rows;
  answer.writes = a.rows * a.rows + q.rows * (q.rows + 1) / 2;
  if (forces.known()) {
    answer.books = forces.conservative() ? books_at_equilibrium(forces, answer.average)
                                         : books_in_steady_state(forces, answer.average.form, answer.average);
  }
  if (biased) {
    const Matrix covariance = scaled(answer.average.value, a_unit / q_unit);
    const Matrix extra = product(product(A, covariance, 1), transpose(A), 1);
    const double most = answer.average.step * settings.clock * frobenius_norm(extra) / frobenius_norm(Q);
    const Matrix shift = found_or(answer.average.value, most, [&] {
      return scaled(
          step_shift(task.machines[0], covariance, answer.average.step, rest_of(settings.sampling, answer.average)),
          q_unit / a_unit);
    });
    add_error(answer.average, shift, answer.average.parts.step);
    answer.bias = answer.average.parts.step / frobenius_norm(answer.average.value);
    judge(answer.average, settings.sampling);
  }
  in_time_unit(answer.average, a_unit);
  return answer;
}

Lagged lagged_machine(const Matrix& a, double time) {
  Lagged lagged{scaled(a, time), Matrix(a.rows, a.rows), 0};
  Matrix &b = lagged.drift, &symmetric = lagged.noise;
  for (int64_t i = 0; i < b.rows; ++i) {
    for (int64_t j = 0; j < b.rows; ++j) symmetric(i, j) = 0.5 * (b(i, j) + b(j, i));
  }
  using Factor = Eigen::LLT<Rows>;
  const Factor factor(Eigen::Map<const Rows>(symmetric.values.data(), b.rows, b.rows));
  if (factor.info() != Eigen::Success ||
      !(factor.matrixLLT().diagonal().minCoeff() > 1e-3 * std::sqrt(frobenius_norm(b)))) {
    double least = 0;  // Gershgorin: no eigenvalue of the symmetric part lies below
    for (int64_t i = 0; i < b.rows; ++i) {
      double row = symmetric(i, i);
      for (int64_t j = 0; j < b.rows; ++j) row -= i == j ? 0 : std::abs(symmetric(i, j));
      least = std::min(least, row);
    }
    lagged.shift = 0.5 - least;
    if (lagged.shift > 700) {
      throw InputError(
          fmt::format("e^(-A t) may have entries of e^{:.3g}, beyond what a double can hold, and its error grows as "
                      "much; a shorter time or a matrix whose symmetric part is positive definite is needed",
                      lagged.shift));
    }
    for (int64_t i = 0; i < b.rows; ++i) {
      b(i, i) += lagged.shift;
      symmetric(i, i) += lagged.shift;
    }
  }
  lagged.noise = scaled(symmetric, 2);
  return lagged;
}

Answer exponential(const Matrix& a, double time, const Settings& settings) {
  if (settings.device == Device::spu) {
    throw InputError(
        "the spu device has no matrix exponential: its voltages ring, and their autocovariance is not "
        "e^{-A t}; use the device exact or overdamped");
  }
  const Lagged lagged = lagged_machine(a, time);
  const Matrix& b = lagged.drift;
  Answer answer;
  answer.shift = lagged.shift;
  SamplingTask task;
  // Noise B + B^T makes the covariance 1, so that the autocovariance is the exponential itself.
  task.machines = {overdamped(b, {}, lagged.noise, settings)};
  task.observed = b.rows;
  task.readout = Readout::lagged;
  task.lag = 1 / settings.clock;
  task.how = settings.device == Device::exact ? Integrator::exact : Integrator::euler_maruyama;
  const double norm = spectral_norm(task.machines[0].drift);
  // Exact steps are chosen by their pace; Euler's end with the lag.
  task.step = settings.step;
  if (task.how != Integrator::exact) {
    const double most = settings.step > 0 ? settings.step : short_step(settings) / norm;
    const double steps = std::max(1.0, std::ceil(task.lag / most - 1e-9));
    constexpr double kMostSteps = 1e10;
    if (steps > kMostSteps) {
      throw InputError(
          fmt::format("e^(-A t) takes {:.2g} steps for each sample, since A t is large; allowed are {:g}: a shorter "
                      "time or the device exact is needed",
                      steps, kMostSteps));
    }
    task.step = task.lag / steps;
  }
  task.finish = times(std::exp(answer.shift));
  const WithoutReference guard;
  answer.average = sample(task, settings.sampling);
  answer.integrator = integrator_name(task.how);
  answer.readouts = 2 * answer.average.samples * b.rows;
  answer.writes = b.rows * b.rows + b.rows * (b.rows + 1) / 2;
  if (const Forces forces(task.machines[0]); forces.known()) {
    // The covariance is 1 by construction, so <z W z> is the trace of W.
    answer.books = forces.conservative()
                       ? books_at_equilibrium(forces, answer.average)
                       : books_in_steady_state(forces, {trace(forces.dissipation()), 0, 0}, answer.average);
  }
  if (task.how == Integrator::euler_maruyama) {
    // (1 - h M)^(lag / h) S_h = e^(-M lag) (1 - h lag M^2 / 2 + S_h - 1) to first order.
    const Matrix& M = task.machines[0].drift;
    const int threads = settings.sampling.threads;
    const Matrix shift = found_or(answer.average.value, 0.5 * task.step * norm, [&] {
      Matrix off =
          step_shift(task.machines[0], identity(b.rows), task.step, rest_of(settings.sampling, answer.average));
      const Matrix square = product(M, M, threads);
      for (size_t k = 0; k < off.values.size(); ++k) off.values[k] -= 0.5 * task.step * task.lag * square.values[k];
      return product(answer.average.value, off, threads);
    });
    add_error(answer.average, shift, answer.average.parts.step);
    answer.bias = answer.average.parts.step / frobenius_norm(answer.average.value);
    judge(answer.average, settings.sampling);
  }
  return answer;
}

GaussianAnswer gaussian(const Matrix& given, const Matrix& matrix, bool is_precision, const Settings& settings,
                        const Sink& sink) {
  if (settings.device == Device::spu)
    throw InputError(
        "the spu device samples about zero only; use the device exact or "
        "overdamped");
  // With the precision P: dx = -P (x - mean) dt + sqrt(2) dW. With the covariance S: dx = -S (x - mean) dt + sqrt(2) S
  // dW, whose stationary covariance solves S X + X S = 2 S^2. In units t of the matrix: x = t y, or y / t.
  const int64_t d = matrix.rows;
  const int threads = settings.sampling.threads;
  const Programmable held = programmable(matrix);
  Matrix drive = given;
  for (int64_t i = 0; i < d; ++i) drive(i, 0) *= held.t[i];
  const Matrix mean = drive;
  if (!is_precision) drive = product(held.a, mean, threads);
  const Matrix noise = is_precision ? identity(d) : product(held.a, held.a, threads);
  SamplingTask task;
  task.machines = {overdamped(held.a, drive.values, scaled(noise, 2), settings)};
  task.observed = d;
  task.readout = Readout::mean;
  task.keep = true;
  task.sink = sink;
  task.how = discretisation(settings);
  task.step = settings.step;
  if (held.scaled) {
    task.units = held.t;
    if (!is_precision) {
      for (double& unit : task.units) unit = 1 / unit;
    }
  }
  GaussianAnswer result;
  const WithoutReference guard;
  Answer& answer = result.answer;
  answer.average = sample(task, settings.sampling);
  answer.integrator = integrator_name(task.how);
  answer.readouts = answer.average.samples * d;
  answer.writes = d * (d + 1) / 2 + d;
  answer.spread = held.spread;
  if (is_precision) {
    answer.books = books_at_equilibrium(Forces(held.a, drive.values), answer.average);
  } else {
    // The potential is that of the covariance's inverse: for the books only, after the samples.
    Matrix stiffness(d, d);
    const Eigen::LLT<Rows> factor(Eigen::Map<const Rows>(held.a.values.data(), d, d));
    Eigen::Map<Rows>(stiffness.values.data(), d, d) = factor.solve(Rows::Identity(d, d));
    const Matrix pull = product(stiffness, mean, threads);
    answer.books = books_at_equilibrium(Forces(std::move(stiffness), pull.values), answer.average);
  }
  if (task.how == Integrator::euler_maruyama)
    answer.bias = 0.5 * answer.average.step * spectral_norm(task.machines[0].drift);
  result.samples = std::move(answer.average.kept);
  return result;
}

}  // namespace swell::linear
