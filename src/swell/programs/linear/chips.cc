#include "swell/programs/linear/chips.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/linear/stationary.h"
#include "swell/engine/linear/transition.h"
#include "swell/programs/linear/primitives.h"
#include "swell/random/streams.h"

namespace swell::linear {
namespace {

LinearSystem system_of(const Matrix& a, const Matrix& noise) {
  if (a.rows > kMostOnChips)
    throw InputError(fmt::format("a matrix of {} rows is too large for chips; {} are allowed", a.rows, kMostOnChips));
  return {a, std::vector<double>(a.rows), noise};
}

Matrix white(int64_t n) {
  Matrix noise(n, n);
  for (int64_t i = 0; i < n; ++i) noise(i, i) = 2;
  return noise;
}

// The first rows of what `whole` is, [rows][columns].
double distance(const Matrix& whole, const Matrix& wanted) {
  double difference = 0, size = 0;
  for (int64_t i = 0; i < wanted.rows; ++i) {
    for (int64_t j = 0; j < wanted.columns; ++j) {
      difference += std::pow(whole(i, j) - wanted(i, j), 2);
      size += std::pow(wanted(i, j), 2);
    }
  }
  return std::sqrt(difference / size);
}

// Mean in which it settles, M^-1 c, a column.
Matrix settled_mean(const LinearSystem& system) {
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const int64_t m = system.size();
  const Eigen::VectorXd mean = Eigen::Map<const Rows>(system.drift.values.data(), m, m)
                                   .partialPivLu()
                                   .solve(Eigen::Map<const Eigen::VectorXd>(system.c.data(), m));
  Matrix column(m, 1);
  for (int64_t i = 0; i < m; ++i) column(i, 0) = mean(i);
  return column;
}

// In which it settles; nothing where it does nowhere.
std::optional<Matrix> settled_covariance(const LinearSystem& system) {
  try {
    return stationary_covariance(system);
  } catch (const InputError&) {
    return {};
  }
}

template <class Answer>
ChipErrors over_chips(const LinearSystem& machine, const hardware::Imperfections& spec, int64_t chips, uint64_t seed,
                      const GoOn& go_on, const char* what, const Answer& answer) {
  ChipErrors result{what, spec.name, {}, 0, 0, {}};
  const Matrix wanted = answer(machine, stationary_covariance(machine));
  const bool driven = spec.asymmetry > 0 || spec.noise_mismatch > 0;
  try_chips(result, chips, go_on, {}, [&](int64_t k) -> std::optional<double> {
    const LinearSystem chip = hardware::perturb(machine, spec, hardware::chip_seed(seed, k));
    const std::optional<Matrix> S = settled_covariance(chip);
    if (!S) return {};
    if (driven && chip.size() == machine.size()) result.entropy.push_back(entropy_production_rate(chip, *S));
    return distance(answer(chip, *S), wanted);
  });
  return result;
}

// <z(1) z(0)^T> = e^{-M} S.
Matrix autocovariance(const LinearSystem& system, const Matrix& S) {
  const Transition step = make_transition(system, Integrator::exact, 1, 1);
  return product(transpose(step.F_transposed), S, 1);
}

// Points and weights of Gauss and Legendre on [0, 1], from the eigenvalues of the Jacobi matrix (G. H. Golub,
// J. H. Welsch, Math. Comput. 23, 221 (1969)).
std::vector<std::pair<double, double>> quadrature() {
  constexpr int kPoints = 16;
  Eigen::MatrixXd jacobi = Eigen::MatrixXd::Zero(kPoints, kPoints);
  for (int k = 1; k < kPoints; ++k) jacobi(k, k - 1) = jacobi(k - 1, k) = k / std::sqrt(4.0 * k * k - 1);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solved(jacobi);
  std::vector<std::pair<double, double>> points;
  for (int k = 0; k < kPoints; ++k) {
    const double first = solved.eigenvectors()(0, k);
    points.emplace_back(0.5 * (1 + solved.eigenvalues()(k)), first * first);
  }
  return points;
}

double log_determinant_of(const Matrix& a) {
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::LLT<Rows> factor(Eigen::Map<const Rows>(a.values.data(), a.rows, a.rows));
  double sum = 0;
  for (int64_t i = 0; i < a.rows; ++i) sum += 2 * std::log(factor.matrixL()(i, i));
  return sum;
}

// Independent samples of the first n quantities at equilibrium, read by the chip's converter. drawn: numbers that were
// read before, moved on.
std::vector<double> equilibrium_samples(const LinearSystem& chip, int64_t n, int64_t count,
                                        const hardware::Imperfections& spec, uint64_t seed, uint64_t& drawn) {
  const Matrix S = stationary_covariance(chip), mean = settled_mean(chip);
  Matrix visible(n, n);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < n; ++j) visible(i, j) = 0.5 * (S(i, j) + S(j, i));
  }
  const Matrix B = square_root_factor(visible, "the covariance of a chip");
  const NoiseKey key{seed_of_part(seed, 1), stream::kLinear};
  std::vector<float> values(count * n);
  std::vector<double> draws(B.columns);
  for (int64_t s = 0; s < count; ++s) {
    for (int64_t k = 0; k < B.columns; ++k)
      draws[k] = static_cast<double>(draw_normal(key, drawn / n + s, 0, static_cast<uint64_t>(k)));
    for (int64_t i = 0; i < n; ++i) {
      double x = mean(i, 0);
      for (int64_t k = 0; k < B.columns; ++k) x += B(i, k) * draws[k];
      values[s * n + i] = static_cast<float>(x);
    }
  }
  std::vector<double> diffusion;
  for (int64_t i = 0; i < n; ++i) diffusion.push_back(chip.noise(i, i) / 2);
  hardware::read_out(values, spec, seed, diffusion, drawn);
  drawn += values.size();
  return {values.begin(), values.end()};
}

}  // namespace

ChipErrors solve_on_chips(const Matrix& a, const Matrix& b, const hardware::Imperfections& spec, int64_t chips,
                          uint64_t seed, const GoOn& go_on) {
  LinearSystem machine = system_of(a, white(a.rows));
  for (int64_t i = 0; i < a.rows; ++i) machine.c[i] = b(i, 0);
  return over_chips(machine, spec, chips, seed, go_on, "relative error of the solution",
                    [](const LinearSystem& chip, const Matrix&) { return settled_mean(chip); });
}

ChipErrors inverse_on_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips, uint64_t seed,
                            const GoOn& go_on) {
  return over_chips(system_of(a, white(a.rows)), spec, chips, seed, go_on, "relative error of the inverse",
                    [](const LinearSystem&, const Matrix& S) { return S; });
}

ChipErrors lyapunov_on_chips(const Matrix& a, const Matrix& q, const hardware::Imperfections& spec, int64_t chips,
                             uint64_t seed, const GoOn& go_on) {
  return over_chips(system_of(a, q), spec, chips, seed, go_on, "relative error of the covariance",
                    [](const LinearSystem&, const Matrix& S) { return S; });
}

ChipErrors exponential_on_chips(const Matrix& a, double time, const hardware::Imperfections& spec, int64_t chips,
                                uint64_t seed, const GoOn& go_on) {
  if (time == 0) throw InputError("e^0 needs no chip; chips want a time other than 0");
  const Lagged lagged = lagged_machine(a, time);
  LinearSystem machine = system_of(lagged.drift, lagged.noise);
  return over_chips(machine, spec, chips, seed, go_on, "relative error of the exponential",
                    [](const LinearSystem& chip, const Matrix& S) { return autocovariance(chip, S); });
}

ChipErrors log_determinant_on_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips, uint64_t seed,
                                    const GoOn& go_on) {
  LinearSystem machine = system_of(a, white(a.rows));
  const auto answer_of = [&](const auto& chip_with) -> std::optional<double> {
    double sum = 0;
    for (int64_t i = 0; i < a.rows; ++i) sum += std::log(a(i, i));
    for (const auto& [s, weight] : quadrature()) {
      if (go_on && !go_on()) throw Interrupted("interrupted among the chips");
      LinearSystem stage = machine;
      for (int64_t i = 0; i < a.rows; ++i) {
        for (int64_t j = 0; j < a.rows; ++j) stage.drift(i, j) = i == j ? a(i, j) : s * a(i, j);
      }
      const std::optional<Matrix> S = settled_covariance(chip_with(stage));
      if (!S) return {};
      for (int64_t i = 0; i < a.rows; ++i) {
        for (int64_t j = 0; j < a.rows; ++j) sum += i == j ? 0 : weight * a(i, j) * (*S)(i, j);
      }
    }
    return sum;
  };
  ChipErrors result{"error of ln det", spec.name, {}, 0, 0, {}};
  const double exact = log_determinant_of(a);
  const auto error_of = [&](const auto& chip_with) -> std::optional<double> {
    const std::optional<double> answer = answer_of(chip_with);
    if (!answer) return {};
    return std::abs(*answer - exact);
  };
  const auto perfect_of = [&] { return error_of([](const LinearSystem& stage) { return stage; }).value_or(0); };
  try_chips(result, chips, go_on, perfect_of, [&](int64_t k) {
    const uint64_t own = hardware::chip_seed(seed, k);
    return error_of([&](const LinearSystem& stage) { return hardware::perturb(stage, spec, own); });
  });
  return result;
}

ChipErrors gaussian_on_chips(const Matrix& matrix, bool is_precision, const hardware::Imperfections& spec,
                             int64_t chips, uint64_t seed, const GoOn& go_on) {
  Matrix noise = white(matrix.rows);
  if (!is_precision) {
    noise = product(matrix, matrix, 1);
    for (double& value : noise.values) value *= 2;
  }
  return over_chips(system_of(matrix, noise), spec, chips, seed, go_on, "relative error of the covariance",
                    [](const LinearSystem&, const Matrix& S) { return S; });
}

CalibratedChips inverse_on_calibrated_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips,
                                            uint64_t seed, const CalibrationOptions& options) {
  const int64_t n = a.rows;
  const char* const what = "relative error of the inverse";
  CalibratedChips result{{what, spec.name, {}, 0, 0, {}}, {what, spec.name, {}, 0, 0, {}}, 0};
  const LinearSystem machine = system_of(a, white(n));
  const Matrix wanted = stationary_covariance(machine);
  const std::vector<Feature> features = features_of_stiffness(n);
  require_calibratable(static_cast<int64_t>(features.size()), options);
  const FeatureMoments target = exact_moments(a, 1);
  hardware::perturb(machine, spec, seed);  // what a linear system cannot have is no failure of a chip
  for (int64_t k = 0; k < chips; ++k) {
    if (!tell(options.progress, 0, options.most_settling + options.rounds)) break;
    const uint64_t own = hardware::chip_seed(seed, k);
    const auto chip_with = [&](const Matrix& written) {
      return hardware::perturb(system_of(written, machine.noise), spec, own);
    };
    try {
      const double before = distance(stationary_covariance(chip_with(a)), wanted);
      uint64_t drawn = 0;
      const SampledDevice device = [&](std::span<const double> written, int64_t count) {
        return equilibrium_samples(chip_with(stiffness_of(n, written)), n, count, spec, own, drawn);
      };
      const Calibration found = calibrate(features, n, target, read_stiffness(a), device, options);
      if (found.interrupted) break;
      std::vector<double> values;
      for (const Estimate& parameter : found.parameters) values.push_back(parameter.mean);
      const double after = distance(stationary_covariance(chip_with(stiffness_of(n, values))), wanted);
      result.before.error.push_back(before);
      result.after.error.push_back(after);
      result.samples += found.samples;
    } catch (const Interrupted&) {
      break;
    } catch (const Error&) {
      ++result.before.failed;
      ++result.after.failed;
    }
  }
  if (!result.after.error.empty()) result.samples /= static_cast<int64_t>(result.after.error.size());
  return result;
}

}  // namespace swell::linear
