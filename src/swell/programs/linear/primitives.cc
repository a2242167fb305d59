#include "swell/programs/linear/primitives.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
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
Machine clocked(Machine machine, double clock) {
  for (double& value : machine.drift.values) value *= clock;
  for (double& value : machine.noise.values) value *= clock;
  for (double& value : machine.c) value *= clock;
  return machine;
}

Machine overdamped(const Matrix& a, const std::vector<double>& drive, const Matrix& noise, const Settings& settings) {
  Machine machine{a, drive.empty() ? std::vector<double>(a.rows, 0.0) : drive, noise};
  return clocked(std::move(machine), settings.clock);
}

Discretisation discretisation(const Settings& settings) {
  if (settings.device != Device::overdamped) return Discretisation::exact;
  return settings.euler ? Discretisation::euler_maruyama : Discretisation::leimkuhler_matthews;
}

const char* integrator_name(Discretisation how) {
  switch (how) {
    case Discretisation::exact:
      return "exact transitions";
    case Discretisation::euler_maruyama:
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
    answer.books = Forces(programmed.task.machines[0]).at_equilibrium(answer.average);
  }
}

double level_of(const Matrix& a, int bits) {
  if (bits < 2 || bits > 24) throw InputError(fmt::format("{} bits per coupling are not allowed, 2 to 24 are", bits));
  double largest = 0;
  for (const double value : a.values) largest = std::max(largest, std::abs(value));
  return largest / static_cast<double>((1 << (bits - 1)) - 1);
}

template <class Round>
Matrix rounded(const Matrix& a, const Round& round) {
  Matrix result = a;
  const bool symmetric = is_symmetric(a);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) result(i, j) = symmetric && j < i ? result(j, i) : round(a(i, j), i, j);
  }
  return result;
}

}  // namespace

Matrix round_to_bits(const Matrix& a, int bits) {
  const double level = level_of(a, bits);
  return rounded(a, [&](double value, int64_t, int64_t) { return level > 0 ? std::round(value / level) * level : 0; });
}

Matrix round_to_bits(const Matrix& a, int bits, int64_t realisation, int64_t realisations, uint64_t seed) {
  const double level = level_of(a, bits);
  return rounded(a, [&](double value, int64_t i, int64_t j) {
    if (!(level > 0)) return 0.0;
    // Of the n realisations, the k-th goes up where its place in a random cyclic order is below the share p.
    const double low = std::floor(value / level), p = value / level - low;
    const Words4 words =
        noise_words({seed, stream::kRounding}, static_cast<uint32_t>(j), 0, static_cast<uint32_t>(i), 1);
    const auto n = static_cast<uint64_t>(realisations);
    const uint64_t place = (static_cast<uint64_t>(realisation) * (2 * (words.a % n) + 1) + words.b) % n;
    return (low + ((static_cast<double>(place) + 0.5) / static_cast<double>(n) < p ? 1 : 0)) * level;
  });
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
    programmed.rounding = 0.5 * level_of(a, settings.bits) * static_cast<double>(a.rows) / frobenius_norm(a);
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

Answer solve(const Matrix& a, const Matrix& b, const Settings& settings) {
  double squares = 0;
  for (const double value : b.values) squares += value * value;
  if (!(squares > 0))
    throw InputError("b is zero, and so is the answer: a right-hand side with a nonzero entry is needed");
  const double kT = settings.kT > 0 ? settings.kT : squares / trace(a);
  Programmed programmed = program(a, b.values, kT, settings);
  if (settings.device == Device::spu) {
    // An inductor carries any steady current, so that voltages have no mean; their covariance knows the answer too.
    programmed.task.readout = Readout::projected;
    programmed.task.weights = b.values;
    programmed.task.finish = times(1 / programmed.spu->a0);
  }
  Answer answer;
  const WithoutReference guard;
  answer.average = sample(programmed.task, settings.sampling);
  fill(answer, a, programmed, kT, a.rows);
  return answer;
}

Answer inverse(const Matrix& a, const Settings& settings) {
  Programmed programmed = program(a, {}, 1, settings);
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
  Answer answer;
  const WithoutReference guard;
  answer.average = sample(programmed.task, settings.sampling);
  fill(answer, a, programmed, 1, a.rows);
  return answer;
}

Answer lyapunov(const Matrix& a, const Matrix& q, const Settings& settings) {
  const double level = trace(q) / static_cast<double>(q.rows);
  double off = 0;
  for (int64_t i = 0; i < q.rows; ++i) {
    for (int64_t j = 0; j < q.rows; ++j) off = std::max(off, std::abs(q(i, j) - (i == j ? level : 0)));
  }
  const bool reversible = is_symmetric(a) && off <= 1e-12 * std::abs(level);
  if (settings.device == Device::spu) {
    if (!reversible) {
      throw InputError(
          "the spu device can only do a Lyapunov equation with symmetric A and Q a multiple of the identity: "
          "its noise sources are independent and its couplings mutual; use --device exact or overdamped");
    }
    Answer answer = inverse(a, settings);
    answer.average.value = scaled(std::move(answer.average.value), level / 2);
    answer.average.standard_error = scaled(std::move(answer.average.standard_error), level / 2);
    answer.average.error *= level / 2;
    for (Look& look : answer.average.looks) {
      look.error *= level / 2;
      look.value = scaled(std::move(look.value), level / 2);
    }
    return answer;
  }
  square_root_factor(q, "Q");  // refuses what no noise can have
  SamplingTask task;
  task.machines = {overdamped(a, {}, q, settings)};
  task.observed = a.rows;
  task.readout = Readout::second_moment;
  task.how = discretisation(settings);
  task.step = settings.step;
  const Forces forces(task.machines[0]);
  if (forces.known() && !forces.conservative()) task.form = forces.dissipation();
  const bool biased = task.how != Discretisation::exact && !(reversible && !settings.euler);
  if (biased) {
    task.how = Discretisation::euler_maruyama;
    if (task.step <= 0) task.step = kShortStep / spectral_norm(task.machines[0].drift);
  }
  Answer answer;
  const WithoutReference guard;
  answer.average = sample(task, settings.sampling);
  answer.integrator = integrator_name(task.how);
  answer.readouts = answer.average.samples * a.rows;
  answer.writes = a.rows * a.rows + q.rows * (q.rows + 1) / 2;
  if (forces.known()) {
    answer.books = forces.conservative() ? forces.at_equilibrium(answer.average)
                                         : forces.in_steady_state(answer.average.form, answer.average);
  }
  if (biased) {
    // A S + S A^T = Q + h A S A^T.
    const Matrix extra = product(product(a, answer.average.value, 1), transpose(a), 1);
    answer.bias = answer.average.step * settings.clock * frobenius_norm(extra) / frobenius_norm(q);
  }
  return answer;
}

Answer exponential(const Matrix& a, double time, const Settings& settings) {
  if (settings.device == Device::spu) {
    throw InputError(
        "the spu device has no matrix exponential: its voltages ring, and their autocovariance is not "
        "e^{-A t}; use --device exact or overdamped");
  }
  Matrix b = scaled(a, time);
  Matrix symmetric(b.rows, b.rows);
  for (int64_t i = 0; i < b.rows; ++i) {
    for (int64_t j = 0; j < b.rows; ++j) symmetric(i, j) = 0.5 * (b(i, j) + b(j, i));
  }
  Answer answer;
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
    answer.shift = 0.5 - least;
    for (int64_t i = 0; i < b.rows; ++i) {
      b(i, i) += answer.shift;
      symmetric(i, i) += answer.shift;
    }
  }
  SamplingTask task;
  // Noise B + B^T makes the covariance 1, so that the autocovariance is the exponential itself.
  task.machines = {overdamped(b, {}, scaled(symmetric, 2), settings)};
  task.observed = b.rows;
  task.readout = Readout::lagged;
  task.lag = 1 / settings.clock;
  task.how = settings.device == Device::exact ? Discretisation::exact : Discretisation::euler_maruyama;
  const double norm = spectral_norm(task.machines[0].drift);
  const double most = settings.step > 0 ? settings.step : (task.how == Discretisation::exact ? 1 : kShortStep) / norm;
  task.step = task.lag / std::max(1.0, std::ceil(task.lag / most - 1e-9));
  task.finish = times(std::exp(answer.shift));
  const WithoutReference guard;
  answer.average = sample(task, settings.sampling);
  answer.integrator = integrator_name(task.how);
  answer.readouts = 2 * answer.average.samples * b.rows;
  answer.writes = b.rows * b.rows + b.rows * (b.rows + 1) / 2;
  if (const Forces forces(task.machines[0]); forces.known()) {
    // The covariance is 1 by construction, so <z W z> is the trace of W.
    answer.books = forces.conservative() ? forces.at_equilibrium(answer.average)
                                         : forces.in_steady_state({trace(forces.dissipation()), 0, 0}, answer.average);
  }
  if (task.how == Discretisation::euler_maruyama) answer.bias = 0.5 * task.step * norm;
  return answer;
}

GaussianAnswer gaussian(const Matrix& drive, const Matrix& matrix, bool is_precision, const Settings& settings) {
  if (settings.device == Device::spu)
    throw InputError(
        "the spu device samples about zero only, and 'swell inv' shows its covariance; use --device exact or "
        "overdamped");
  // With the precision P: dx = -P (x - mean) dt + sqrt(2) dW. With the covariance S: dx = -S (x - mean) dt + sqrt(2) S
  // dW, whose stationary covariance solves S X + X S = 2 S^2.
  const int64_t d = matrix.rows;
  const Matrix noise = is_precision ? identity(d) : product(matrix, matrix, settings.sampling.threads);
  SamplingTask task;
  task.machines = {overdamped(matrix, drive.values, scaled(noise, 2), settings)};
  task.observed = d;
  task.readout = Readout::mean;
  task.keep = true;
  task.how = discretisation(settings);
  task.step = settings.step;
  GaussianAnswer result;
  const WithoutReference guard;
  Answer& answer = result.answer;
  answer.average = sample(task, settings.sampling);
  answer.integrator = integrator_name(task.how);
  answer.readouts = answer.average.samples * d;
  answer.writes = d * (d + 1) / 2 + d;
  answer.books = Forces(task.machines[0]).at_equilibrium(answer.average);
  if (task.how == Discretisation::euler_maruyama)
    answer.bias = 0.5 * answer.average.step * spectral_norm(task.machines[0].drift);
  result.samples = std::move(answer.average.kept);
  return result;
}

}  // namespace swell::linear
