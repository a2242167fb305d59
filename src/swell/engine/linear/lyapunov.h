#pragma once

#include <Eigen/Core>

namespace swell::linear {

// A = U T U^*, T upper triangular, its diagonal the rates of the modes.
struct SchurForm {
  Eigen::MatrixXcd U, T;
};
SchurForm schur_form(const Eigen::MatrixXd& A);

// X with A X + X A^T = Q, n x n (R. H. Bartels, G. W. Stewart, Commun. ACM 15, 820 (1972)).
Eigen::MatrixXd solve_lyapunov(const SchurForm& A, const Eigen::MatrixXd& Q);

}  // namespace swell::linear
