#include "swell/engine/linear/stationary.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/linear/lyapunov.h"

namespace swell::linear {
namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Eigen::MatrixXd;

MatrixXd dense(const Matrix& a) { return Eigen::Map<const Rows>(a.values.data(), a.rows, a.columns); }

Matrix matrix_of(const MatrixXd& a) {
  Matrix result(a.rows(), a.cols());
  Eigen::Map<Rows>(result.values.data(), a.rows(), a.cols()) = a;
  return result;
}

// Powers of two that bring rows and columns of M to one size (E. E. Osborne, J. ACM 7, 338 (1960)).
Eigen::VectorXd balance(MatrixXd& M) {
  const Eigen::Index n = M.rows();
  Eigen::VectorXd scale = Eigen::VectorXd::Ones(n);
  for (int sweep = 0; sweep < 40; ++sweep) {
    bool changed = false;
    for (Eigen::Index i = 0; i < n; ++i) {
      const double row = M.row(i).cwiseAbs().sum() - std::abs(M(i, i));
      const double column = M.col(i).cwiseAbs().sum() - std::abs(M(i, i));
      if (!(row > 0) || !(column > 0)) continue;
      const int power = static_cast<int>(std::lround(std::log2(row / column) / 2));
      if (power == 0) continue;
      const double t = std::ldexp(1.0, power);
      M.row(i) /= t;
      M.col(i) *= t;
      scale(i) *= t;
      changed = true;
    }
    if (!changed) break;
  }
  return scale;
}

}  // namespace

Matrix stationary_covariance(const LinearSystem& system) {
  validate(system, "a linear system");
  MatrixXd M = dense(system.drift);
  const Eigen::VectorXd scale = balance(M);
  const MatrixXd inverse = scale.cwiseInverse().asDiagonal();
  const MatrixXd Q = inverse * dense(system.noise) * inverse;
  const SchurForm schur = schur_form(M);
  for (Eigen::Index i = 0; i < M.rows(); ++i) {
    const double rate = schur.T(i, i).real();
    if (!(rate > 0))
      throw InputError(
          fmt::format("the linear system has a mode that does not decay (rate {:.3g}), and settles nowhere", rate));
  }
  const MatrixXd S = solve_lyapunov(schur, Q);
  const MatrixXd scaled = scale.asDiagonal() * ((S + S.transpose()) / 2) * scale.asDiagonal();
  return matrix_of(scaled);
}

double entropy_production_rate(const LinearSystem& system, const Matrix& covariance) {
  const MatrixXd M = dense(system.drift), D = dense(system.noise) / 2;
  const Eigen::LLT<MatrixXd> factor(D);
  if (factor.info() != Eigen::Success)
    throw InputError("noise leaves a direction out, so that the entropy that flows has no meaning here");
  return (M.transpose() * factor.solve(M) * dense(covariance)).trace() - M.trace();
}

Matrix circulation(const LinearSystem& system, const Matrix& covariance) {
  return matrix_of(dense(system.drift) * dense(covariance) - dense(system.noise) / 2);
}

}  // namespace swell::linear
