#include "swell/engine/linear/forces.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "swell/base/errors.h"

namespace swell::linear {

namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// How far a stiffness may be from its equilibrium, relative, and what rounding may add, of the size of the factors.
constexpr double kStored = 1e-8, kRounding = 1e-13;

}  // namespace

Forces::Forces(const LinearSystem& machine)
    : stiffness_(machine.drift), noise_(machine.noise), drive_(machine.c), trace_(swell::trace(machine.drift)) {
  if (!machine.stiffness.values.empty()) {
    take_stored_energy(machine);
    return;
  }
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
      to_force_ = Matrix(m, m);
      Eigen::Map<Rows>(to_force_.values.data(), m, m) = unit.asDiagonal() * Rows(factor.solve(Rows(unit.asDiagonal())));
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

// Detailed balance with momenta: the covariance K^-1 settles where K M + M^T K = K noise K, and what V = z K z / 2
// loses at fixed control goes through dissipating elements alone.
void Forces::take_stored_energy(const LinearSystem& machine) {
  const int64_t m = machine.size();
  const Matrix& K = machine.stiffness;
  const Matrix flow = product(K, machine.drift, 1), supply = product(product(K, machine.noise, 1), K, 1);
  double off = 0;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < m; ++j) off += std::pow(flow(i, j) + flow(j, i) - supply(i, j), 2);
  }
  const double size = frobenius_norm(K), scale = frobenius_norm(flow) + frobenius_norm(supply);
  const double rounding = kRounding * size * (frobenius_norm(machine.drift) + size * frobenius_norm(machine.noise));
  if (!(std::sqrt(off) <= kStored * scale + rounding))
    throw InputError(
        fmt::format("linear system: the stiffness K is not that of an equilibrium: K M + M^T K differs "
                    "from K noise K by {:.2g} of its size, {:g} is allowed",
                    std::sqrt(off) / scale, kStored));
  conservative_ = true;
  stiffness_ = K;
  to_force_ = Matrix(m, m);
  const Eigen::Map<const Rows> stored(K.values.data(), m, m), M(machine.drift.values.data(), m, m);
  Eigen::Map<Rows>(to_force_.values.data(), m, m) = stored * M.partialPivLu().inverse();
  to_force(drive_);
}

Forces::Forces(Matrix stiffness, std::vector<double> drive)
    : conservative_(true), stiffness_(std::move(stiffness)), drive_(std::move(drive)) {}

void Forces::to_force(std::span<double> speed) const {
  const auto m = static_cast<int64_t>(speed.size());
  if (to_force_.values.empty()) {
    for (int64_t i = 0; i < m; ++i) speed[i] /= noise_(i, i) / 2;
    return;
  }
  if (std::ranges::all_of(speed, [](double value) { return value == 0; })) return;  // whatever M is
  Eigen::Map<Eigen::VectorXd> force(speed.data(), m);
  force = Eigen::VectorXd(Eigen::Map<const Rows>(to_force_.values.data(), m, m) * force);
}

double Forces::potential(const double* z, std::span<const double> pull) const {
  if (!conservative_) throw std::logic_error("Forces::potential: the force has no potential");
  const int64_t m = stiffness_.rows;
  double energy = 0;
  for (int64_t i = 0; i < m; ++i) {
    double force = 0;
    for (int64_t j = 0; j < m; ++j) force += stiffness_(i, j) * z[j];
    energy += z[i] * (0.5 * force - drive_[i] - (pull.empty() ? 0 : pull[i]));
  }
  return energy;
}

}  // namespace swell::linear
