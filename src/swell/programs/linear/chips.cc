#include "swell/programs/linear/chips.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/linear/stationary.h"

namespace swell::linear {
namespace {

LinearSystem system_of(const Matrix& a, const Matrix& noise) {
  if (a.rows > kMostOnChips)
    throw InputError(fmt::format("a matrix of {} rows is too large for --chip; {} are allowed", a.rows, kMostOnChips));
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

template <class Answer>
ChipErrors over_chips(const LinearSystem& machine, const hardware::Imperfections& spec, int64_t chips, uint64_t seed,
                      const char* what, const Answer& answer) {
  ChipErrors result{what, spec.name, {}, 0, 0, {}};
  const Matrix wanted = answer(machine, stationary_covariance(machine));
  const bool driven = spec.asymmetry > 0 || spec.noise_mismatch > 0;
  for (int64_t k = 0; k < chips; ++k) {
    const LinearSystem chip = hardware::perturb(machine, spec, hardware::chip_seed(seed, k));
    Matrix S;
    try {
      S = stationary_covariance(chip);
    } catch (const InputError&) {
      ++result.failed;
      continue;
    }
    result.error.push_back(distance(answer(chip, S), wanted));
    if (driven && chip.size() == machine.size()) result.entropy.push_back(entropy_production_rate(chip, S));
  }
  return result;
}

}  // namespace

ChipErrors solve_on_chips(const Matrix& a, const Matrix& b, const hardware::Imperfections& spec, int64_t chips,
                          uint64_t seed) {
  LinearSystem machine = system_of(a, white(a.rows));
  for (int64_t i = 0; i < a.rows; ++i) machine.c[i] = b(i, 0);
  return over_chips(machine, spec, chips, seed, "relative error of the solution",
                    [](const LinearSystem& chip, const Matrix&) { return settled_mean(chip); });
}

ChipErrors inverse_on_chips(const Matrix& a, const hardware::Imperfections& spec, int64_t chips, uint64_t seed) {
  return over_chips(system_of(a, white(a.rows)), spec, chips, seed, "relative error of the inverse",
                    [](const LinearSystem&, const Matrix& S) { return S; });
}

ChipErrors lyapunov_on_chips(const Matrix& a, const Matrix& q, const hardware::Imperfections& spec, int64_t chips,
                             uint64_t seed) {
  return over_chips(system_of(a, q), spec, chips, seed, "relative error of the covariance",
                    [](const LinearSystem&, const Matrix& S) { return S; });
}

}  // namespace swell::linear
