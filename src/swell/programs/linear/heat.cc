#include "swell/programs/linear/heat.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace swell::linear {

namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

bool is_diagonal(const Matrix& a) {
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) {
      if (i != j && a(i, j) != 0) return false;
    }
  }
  return true;
}

}  // namespace

Forces::Forces(const Machine& machine) : stiffness_(machine.drift), drive_(machine.c), trace_(trace(machine.drift)) {
  constexpr double kSingular = 1e-13;
  const int64_t m = machine.size();
  double largest = 0;
  for (int64_t i = 0; i < m; ++i) largest = std::max(largest, machine.noise(i, i));
  if (is_diagonal(machine.noise)) {
    for (int64_t i = 0; i < m; ++i) {
      const double d = machine.noise(i, i) / 2;
      known_ = known_ && d > kSingular * largest;
      for (int64_t j = 0; j < m; ++j) stiffness_(i, j) /= d;
      drive_[i] /= d;
    }
  } else {
    // In units in which every quantity has about the same noise.
    const std::vector<double> t = equilibration(machine.noise);
    const Eigen::Map<const Eigen::VectorXd> unit(t.data(), m);
    const Eigen::LLT<Rows> factor(unit.asDiagonal() * Eigen::Map<const Rows>(machine.noise.values.data(), m, m) *
                                  unit.asDiagonal() / 2);
    known_ = factor.info() == Eigen::Success && factor.matrixLLT().diagonal().minCoeff() > std::sqrt(kSingular);
    if (known_) {
      Eigen::Map<Rows> stiffness(stiffness_.values.data(), m, m);
      Eigen::Map<Eigen::VectorXd> drive(drive_.data(), m);
      stiffness = unit.asDiagonal() * Rows(factor.solve(Rows(unit.asDiagonal() * stiffness)));
      drive = unit.asDiagonal() * Eigen::VectorXd(factor.solve(Eigen::VectorXd(unit.asDiagonal() * drive)));
    }
  }
  if (!known_) return;
  double off = 0;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < i; ++j) off += std::pow(stiffness_(i, j) - stiffness_(j, i), 2);
  }
  conservative_ = std::sqrt(off) <= 1e-9 * frobenius_norm(stiffness_);
  if (!conservative_) dissipation_ = product(transpose(machine.drift), stiffness_, 1);
}

Forces::Forces(Matrix stiffness, std::vector<double> drive)
    : conservative_(true), stiffness_(std::move(stiffness)), drive_(std::move(drive)) {}

Books Forces::at_equilibrium(const Average& average) const {
  if (!conservative_) throw std::logic_error("Forces::at_equilibrium: the force has no potential");
  const int64_t m = stiffness_.rows;
  std::vector<double> heat(average.replicas);
  for (int64_t t = 0; t < average.replicas; ++t) {
    const double* z = average.end_states.data() + t * m;
    for (int64_t i = 0; i < m; ++i) {
      double force = 0;
      for (int64_t j = 0; j < m; ++j) force += stiffness_(i, j) * z[j];
      heat[t] -= z[i] * (0.5 * force - drive_[i]);
    }
  }
  return {estimate(heat), {0, 0, average.replicas}};
}

Books Forces::in_steady_state(const Estimate& square, const Average& average) const {
  const double time = average.machine_time / static_cast<double>(average.replicas);
  const Estimate heat{(square.mean - trace_) * time, square.stderr_of_mean * time, square.count};
  return {heat, heat};
}

}  // namespace swell::linear
