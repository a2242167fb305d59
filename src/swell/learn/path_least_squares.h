#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "swell/base/progress.h"
#include "swell/learn/moments.h"
#include "swell/model/computer.h"

namespace swell {

// Exact training. The reverse path loss is a convex quadratic in theta = (J, b): with W = [J b], z = (x'; 1) it is
//   (dt / 4 kT) sum mu_i |(W z - y)_i|^2,
// so its minimum solves the linear system P(M W S) = P(M C), where M = diag(mu), S = <z z^T>, C = <y z^T> and P
// symmetrises J (a unit of mobility 0 is clamped: what moves it is nothing to explain) and drops every coupling and
// bias that the design does not have. The operator is symmetric and positive on that subspace: conjugate gradients with
// the diagonal as preconditioner.

// A point in parameter space as full matrices; J symmetric with zero diagonal.
struct Parameters {
  std::vector<double> J;  // [units][units]
  std::vector<double> b;  // [units]
};

// A device that makes J_ij g_ij of a coupling, the g of all pairs independent with mean g and variance v, has the mean
// loss over devices of couplings W' = g W,
//   (dt / 4 kT) [ sum mu_i |(W' z - y)_i|^2 + (v / g^2) sum_{i<j} J'_ij^2 (mu_i S_jj + mu_j S_ii) ],
// a convex quadratic again, exactly: robust training adds v / g^2 of its own diagonal to the operator, as ridge
// regression does (noise in training: C. M. Bishop, Neural Comput. 7, 108 (1995); open couplings: S. Wager, S. Wang,
// P. Liang, NeurIPS 26 (2013)).

struct LeastSquaresOptions {
  double tolerance = 1e-6;  // stop at this residual |P(M W S) - P(M C)| / |P(M C)|
  int max_iterations = 2000;
  int threads = 1;
  // Iteration and relative residual; false stops with the solution so far.
  ProgressCallback progress;
  // What devices make of a coupling: mean and variance of the factor, independent from pair to pair.
  double factor = 1;
  double factor_variance = 0;
};

struct LeastSquaresResult {
  int iterations = 0;
  double residual = 0;            // relative, recomputed from the solution at the end
  bool interrupted = false;       // progress stopped it
  bool converged = false;         // the residual is the tolerance at most, give or take a hundredth
  int64_t kinds = 0;              // of units that the solver told apart
  std::vector<double> residuals;  // [iterations + 1] relative, as conjugate gradients saw them
};

// Fills the couplings and biases of a set with the minimum for these moments. Throws InputError where the moments are
// empty.
LeastSquaresResult fit_couplings(const Computer& computer, const Moments& moments, const LeastSquaresOptions& options,
                                 CouplingSet& set);

// The gradient of the loss sum mu_i |(W z - y)_i|^2 / 2 with respect to each independent coupling and bias, P(M (W S -
// C)): J[i][j] = J[j][i] is the derivative by the pair's coupling.
Parameters loss_gradient(const Computer& computer, const CouplingSet& set, const Moments& moments, const Parameters& at,
                         int threads);

}  // namespace swell
