#include "swell/programs/linear/reference.h"

#include <Eigen/Dense>
#include <Eigen/IterativeLinearSolvers>
#include <atomic>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <unsupported/Eigen/MatrixFunctions>

#include "swell/base/clock.h"
#include "swell/engine/linear/lyapunov.h"

namespace swell::linear {

namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Clock = std::chrono::steady_clock;

std::atomic<int> forbidden{0};

Rows to_eigen(const Matrix& a) { return Eigen::Map<const Rows>(a.values.data(), a.rows, a.columns); }

Matrix from_eigen(const Rows& a) {
  Matrix result(a.rows(), a.cols());
  Eigen::Map<Rows>(result.values.data(), a.rows(), a.cols()) = a;
  return result;
}

// Runs it at least once and for a few milliseconds, so that small problems are timed too.
template <class Work>
Reference timed(const Work& work) {
  if (forbidden > 0) throw std::logic_error("a reference answer was asked for while an answer by fluctuations is made");
  Rows value;
  int rounds = 0;
  const auto start = Clock::now();
  double passed = 0;
  do {
    value = work();
    ++rounds;
    passed = seconds_since(start);
  } while (passed < 5e-3);
  return {from_eigen(value), passed / rounds};
}

}  // namespace

WithoutReference::WithoutReference() { ++forbidden; }
WithoutReference::~WithoutReference() { --forbidden; }

Reference solve_by_cholesky(const Matrix& a, const Matrix& b) {
  const Rows A = to_eigen(a), right = to_eigen(b);
  return timed([&] { return Rows(A.llt().solve(right)); });
}

Iterative solve_by_conjugate_gradients(const Matrix& a, const Matrix& b, double tolerance) {
  const Rows A = to_eigen(a), right = to_eigen(b);
  int64_t iterations = 0;
  const Reference reference = timed([&] {
    Eigen::ConjugateGradient<Rows, Eigen::Lower | Eigen::Upper> solver(A);
    solver.setTolerance(tolerance);
    Rows x = solver.solve(right);
    iterations = solver.iterations();
    return x;
  });
  return {reference.value, reference.wall_s, iterations};
}

Reference inverse_by_cholesky(const Matrix& a) {
  const Rows A = to_eigen(a);
  return timed([&] { return Rows(A.llt().solve(Rows::Identity(a.rows, a.rows))); });
}

Reference log_determinant_by_cholesky(const Matrix& a) {
  const Rows A = to_eigen(a);
  Reference reference = timed([&] {
    const Eigen::LLT<Rows> factor(A);
    return Rows(Rows::Constant(1, 1, 2 * factor.matrixLLT().diagonal().array().log().sum()));
  });
  reference.multiply_adds = std::pow(static_cast<double>(a.rows), 3) / 6;
  return reference;
}

Reference lyapunov_by_schur(const Matrix& a, const Matrix& q) {
  // In units in which squares fit a double.
  const double a_unit = scale_of(a.values), q_unit = scale_of(q.values);
  const Rows A = to_eigen(a) / a_unit, Q = to_eigen(q) / q_unit;
  return timed([&] { return Rows(solve_lyapunov(schur_form(A), Q) * (q_unit / a_unit)); });
}

Reference exponential_by_pade(const Matrix& a) {
  const Rows A = to_eigen(a);
  return timed([&] { return Rows(A.exp()); });
}

double condition_number(const Matrix& a) {
  if (forbidden > 0)
    throw std::logic_error("the condition number was asked for while an answer by fluctuations is made");
  const Eigen::SelfAdjointEigenSolver<Rows> solver(to_eigen(a), Eigen::EigenvaluesOnly);
  return solver.eigenvalues().maxCoeff() / solver.eigenvalues().minCoeff();
}

}  // namespace swell::linear
