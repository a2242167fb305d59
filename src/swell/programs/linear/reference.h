#pragma once

#include "swell/programs/linear/matrix.h"

namespace swell::linear {

// The same answers by ordinary means, for comparison only.
struct Reference {
  Matrix value;
  double wall_s = 0;
  double multiply_adds = 0;  // leading order, where it is known
};

Reference solve_by_cholesky(const Matrix& a, const Matrix& b);
// Conjugate gradients to a relative residual of `tolerance`.
struct Iterative {
  Matrix value;
  double wall_s = 0;
  int64_t iterations = 0;
};
Iterative solve_by_conjugate_gradients(const Matrix& a, const Matrix& b, double tolerance);
Reference inverse_by_cholesky(const Matrix& a);
Reference log_determinant_by_cholesky(const Matrix& a);  // value: 1 x 1
// X with a X + X a^T = q, by complex Schur decomposition.
Reference lyapunov_by_schur(const Matrix& a, const Matrix& q);
Reference exponential_by_pade(const Matrix& a);  // e^a
// The largest over the smallest eigenvalue of a symmetric a.
double condition_number(const Matrix& a);

// While one of these lives, the functions above throw std::logic_error: whoever computes an answer by fluctuations
// holds one, so that no answer can be hidden in its question.
class WithoutReference {
 public:
  WithoutReference();
  ~WithoutReference();
  WithoutReference(const WithoutReference&) = delete;
  WithoutReference& operator=(const WithoutReference&) = delete;
};

}  // namespace swell::linear
