#include "swell/engine/linear/lyapunov.h"

#include <Eigen/Dense>
#include <complex>

namespace swell::linear {

SchurForm schur_form(const Eigen::MatrixXd& A) {
  const Eigen::ComplexSchur<Eigen::MatrixXcd> schur(A.cast<std::complex<double>>());
  return {schur.matrixU(), schur.matrixT()};
}

Eigen::MatrixXd solve_lyapunov(const SchurForm& A, const Eigen::MatrixXd& Q) {
  // T Y + Y T^* = U^* Q U, solved from the last column on.
  const auto& [U, T] = A;
  const Eigen::MatrixXcd right = U.adjoint() * Q.cast<std::complex<double>>() * U;
  const Eigen::Index n = T.rows();
  Eigen::MatrixXcd Y = Eigen::MatrixXcd::Zero(n, n);
  for (Eigen::Index column = n - 1; column >= 0; --column) {
    Eigen::VectorXcd rest = right.col(column);
    for (Eigen::Index k = column + 1; k < n; ++k) rest -= Y.col(k) * std::conj(T(column, k));
    Eigen::MatrixXcd shifted = T;
    shifted.diagonal().array() += std::conj(T(column, column));
    Y.col(column) = shifted.triangularView<Eigen::Upper>().solve(rest);
  }
  return (U * Y * U.adjoint()).real();
}

}  // namespace swell::linear
