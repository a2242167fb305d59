#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/kernels/normals.h"
#include "swell/model/integrator.h"
#include "swell/model/linear_system.h"
#include "swell/model/system.h"

namespace swell::linear {

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

// With M the drift: Euler-Maruyama F = 1 - h M, g = h c, G = sqrt(h) B; Leimkuhler-Matthews the same with averaged
// noise, exact at equilibrium where M S is symmetric; exact F = e^{-M h}, and the mean and covariance that go with it.
// The exact step comes from a short Taylor step, doubled until it has length h: with Q = G G^T and D = F - 1 (which
// holds slow modes to more digits than F), D <- 2 D + D^2, g <- 2 g + D g, Q <- Q + F Q F^T. No inverse, no
// eigenvectors; right for any M.
Transition make_transition(const LinearSystem& machine, Integrator how, double h, int threads);

// Two exact steps in one.
Transition doubled(const Transition& step, int threads);

// Transitions that a caller has made already, for runs of a system that goes on from one to the next: those that the
// run's step lengths ask for are taken from here. The caller keeps them.
struct PreparedTransitions : Prepared {
  Integrator how = Integrator::exact;
  std::vector<const Transition*> steps;
};

// A matrix B with B B^T = q for symmetric positive semidefinite q, by pivoted LDL^T. Throws InputError with `name`
// where q has a clearly negative pivot.
Matrix square_root_factor(const Matrix& q, const char* name);

// Trajectories of one system that one thread advances together, each with draws of its own.
class Replicas {
 public:
  // From z = 0; trajectories [first, first + count) of the draws, from `step` on.
  Replicas(int64_t size, NoiseKey noise, int64_t first, int64_t count, int64_t step = 0);

  // amplitude: of the noise, sqrt(kT) of a protocol. shift: added to each step, [count][m]; empty for none.
  void advance(const Transition& transition, int64_t steps, double amplitude = 1, std::span<const double> shift = {});
  const std::vector<double>& states() const { return z_; }  // [count][m]
  std::vector<double>& states() { return z_; }
  int64_t count() const { return count_; }

 private:
  // Adds the noise of this step to next_.
  void add_noise(const Transition& transition, int64_t step, double amplitude);

  int64_t size_, count_, step_;
  StepNormals normals_;
  std::vector<double> z_, next_, draws_;  // [count][m]
  std::vector<double> last_draws_;        // Leimkuhler-Matthews: R of the step to come
};

}  // namespace swell::linear
