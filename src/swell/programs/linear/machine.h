#pragma once

#include <cstdint>
#include <vector>

#include "swell/engine/normals.h"
#include "swell/programs/linear/matrix.h"

namespace swell::linear {

// A linear machine: m fluctuating quantities z with
//   dz = -(M z - c) dt + B dW,   B B^T = noise,
// in reduced units. At equilibrium z ~ N(M^-1 c, S) with M S + S M^T = noise (C. Gardiner, Handbook of Stochastic
// Methods, 4.4.6), and <z(t + s) z(t)^T> = e^{-M s} S about the mean.
struct Machine {
  Matrix drift;           // M
  std::vector<double> c;  // [m]
  Matrix noise;           // B B^T, symmetric and positive semidefinite
  int64_t size() const { return drift.rows; }
};

// One step of length h as it is carried out: z' = F z + g + G R_k, or G (R_k + R_{k+1})/2, with R independent normals.
struct Transition {
  double h = 0;
  Matrix F_transposed;
  std::vector<double> g;  // [m]
  Matrix G_transposed;    // empty where G is diagonal
  std::vector<double> G_diagonal;
  Matrix change, spread;       // F - 1 and G G^T of an exact step, from which it is doubled
  bool average_noise = false;  // Leimkuhler-Matthews
  int64_t size() const { return F_transposed.rows; }
};

enum class Discretisation {
  euler_maruyama,       // F = 1 - h M, g = h c, G = sqrt(h) B
  leimkuhler_matthews,  // the same with averaged noise: exact at equilibrium where M S is symmetric
  exact,                // F = e^{-M h}, and the mean and covariance that go with it
};

// The exact step comes from a short Taylor step, doubled until it has length h: with Q = G G^T and D = F - 1 (which
// holds slow modes to more digits than F), D <- 2 D + D^2, g <- 2 g + D g, Q <- Q + F Q F^T. No inverse, no
// eigenvectors; right for any M.
Transition make_transition(const Machine& machine, Discretisation how, double h, int threads);

// Two exact steps in one.
Transition doubled(const Transition& step, int threads);

// A matrix B with B B^T = q for symmetric positive semidefinite q, by pivoted LDL^T. Throws InputError with `name`
// where q has a clearly negative pivot.
Matrix square_root_factor(const Matrix& q, const char* name);

// Replicas of one machine that one thread advances together, each with draws of its own.
class Replicas {
 public:
  // From z = 0; numbers [first, first + count) of the draws.
  Replicas(int64_t size, uint64_t seed, int64_t first, int64_t count);

  void advance(const Transition& transition, int64_t steps);
  const std::vector<double>& states() const { return z_; }  // [count][m]
  std::vector<double>& states() { return z_; }
  int64_t count() const { return count_; }

 private:
  // Adds the noise of this step to next_.
  void add_noise(const Transition& transition, int64_t step);

  int64_t size_, count_, step_ = 0;
  StepNormals normals_;
  std::vector<double> z_, next_, draws_;  // [count][m]
  std::vector<double> last_draws_;        // Leimkuhler-Matthews: R of the step to come
};

}  // namespace swell::linear
