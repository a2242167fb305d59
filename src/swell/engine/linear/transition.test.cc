#include "swell/engine/linear/transition.h"

#include <gtest/gtest.h>

#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/run.h"
#include "swell/kernels/matrices.h"
#include "swell/random/streams.h"

namespace swell::linear {
namespace {

// Any matrix whose symmetric part is positive definite.
LinearSystem random_machine(int64_t m, uint64_t seed, bool symmetric) {
  LinearSystem machine{Matrix(m, m), std::vector<double>(m), Matrix(m, m)};
  const auto draw = [&](int64_t k, uint64_t step) { return draw_normal({seed, stream::kTesting}, 0, step, k); };
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < m; ++j) {
      machine.drift(i, j) = 0.3 * (symmetric ? draw(std::min(i, j) * m + std::max(i, j), 0) : draw(i * m + j, 0));
    }
    machine.drift(i, i) = 2 + std::abs(draw(i, 1));
    machine.c[i] = draw(i, 2);
  }
  const Matrix root = [&] {
    Matrix b(m, m);
    for (int64_t k = 0; k < m * m; ++k) b.values[k] = draw(k, 3);
    return b;
  }();
  machine.noise = symmetric ? identity(m) : product(root, transpose(root), 1);
  return machine;
}

// The covariance from which a step does not move, by iterating the step's own map.
Matrix stationary_covariance(const Transition& step) {
  const Matrix F = transpose(step.F_transposed);
  Matrix Q(step.size(), step.size());
  if (step.G_diagonal.empty()) {
    Q = product(transpose(step.G_transposed), step.G_transposed, 1);
  } else {
    for (int64_t i = 0; i < step.size(); ++i) Q(i, i) = step.G_diagonal[i] * step.G_diagonal[i];
  }
  Matrix S(step.size(), step.size());
  for (int k = 0; k < 4000; ++k) {
    S = product(product(F, S, 1), step.F_transposed, 1);
    for (size_t e = 0; e < S.values.size(); ++e) S.values[e] += Q.values[e];
  }
  return S;
}

double lyapunov_residual(const LinearSystem& machine, const Matrix& S) {
  const Matrix half = product(machine.drift, S, 1);
  double worst = 0;
  for (int64_t i = 0; i < S.rows; ++i) {
    for (int64_t j = 0; j < S.rows; ++j)
      worst = std::max(worst, std::abs(half(i, j) + half(j, i) - machine.noise(i, j)));
  }
  return worst;
}

TEST(machine, exact_steps_of_any_length_keep_the_equilibrium_of_any_drift) {
  for (const bool symmetric : {true, false}) {
    const LinearSystem machine = random_machine(7, 3, symmetric);
    for (const double h : {0.003, 0.1, 1.7}) {
      const Transition step = make_transition(machine, Integrator::exact, h, 1);
      // Rounding of numbers of size 10 in a few hundred additions.
      EXPECT_LT(lyapunov_residual(machine, stationary_covariance(step)), 1e-11) << h;
      // The fixed point of the mean solves M z = c: g = (1 - F) z.
      std::vector<double> z(7, 0.0);
      for (int k = 0; k < 40000; ++k) {
        std::vector<double> next = step.g;
        for (int64_t i = 0; i < 7; ++i) {
          for (int64_t j = 0; j < 7; ++j) next[j] += z[i] * step.F_transposed(i, j);
        }
        z = next;
      }
      for (int64_t i = 0; i < 7; ++i) {
        double Mz = 0;
        for (int64_t j = 0; j < 7; ++j) Mz += machine.drift(i, j) * z[j];
        EXPECT_NEAR(Mz, machine.c[i], 1e-12);
      }
    }
  }
}

TEST(machine, a_doubled_step_is_the_step_of_twice_the_length) {
  const LinearSystem machine = random_machine(5, 8, false);
  const Transition twice = doubled(make_transition(machine, Integrator::exact, 0.2, 1), 1);
  const Transition once = make_transition(machine, Integrator::exact, 0.4, 1);
  EXPECT_DOUBLE_EQ(twice.h, 0.4);
  for (size_t k = 0; k < 25; ++k) EXPECT_NEAR(twice.F_transposed.values[k], once.F_transposed.values[k], 1e-14);
  const Matrix a = product(transpose(twice.G_transposed), twice.G_transposed, 1);
  const Matrix b = product(transpose(once.G_transposed), once.G_transposed, 1);
  for (size_t k = 0; k < 25; ++k) EXPECT_NEAR(a.values[k], b.values[k], 1e-13);
}

TEST(machine, euler_steps_have_the_covariance_that_theory_gives_them) {
  // F S F^T - S + h noise = 0 with F = 1 - h M: M S + S M^T = noise + h M S M^T.
  const LinearSystem machine = random_machine(6, 5, false);
  const double h = 0.1;
  const Matrix S = stationary_covariance(make_transition(machine, Integrator::euler_maruyama, h, 1));
  LinearSystem expected = machine;
  const Matrix extra = product(product(machine.drift, S, 1), transpose(machine.drift), 1);
  for (size_t k = 0; k < extra.values.size(); ++k) expected.noise.values[k] += h * extra.values[k];
  EXPECT_LT(lyapunov_residual(expected, S), 1e-11);
}

TEST(machine, averaged_noise_keeps_the_covariance_of_mutual_couplings_at_any_stable_step) {
  // With y_k = x_k - G R_k / 2: y' = F y + (1 + F) G R_k / 2, and cov x = cov y + G G^T / 4.
  const LinearSystem machine = random_machine(6, 5, true);
  for (const double h : {0.02, 0.3}) {
    Transition step = make_transition(machine, Integrator::leimkuhler_matthews, h, 1);
    ASSERT_TRUE(step.average_noise);
    Transition y = step;
    y.G_transposed = Matrix(6, 6);
    for (int64_t i = 0; i < 6; ++i) {
      for (int64_t j = 0; j < 6; ++j)
        y.G_transposed(i, j) = 0.5 * step.G_diagonal[i] * ((i == j ? 1 : 0) + step.F_transposed(i, j));
    }
    y.G_diagonal.clear();
    Matrix S = stationary_covariance(y);
    for (int64_t i = 0; i < 6; ++i) S(i, i) += 0.25 * step.G_diagonal[i] * step.G_diagonal[i];
    EXPECT_LT(lyapunov_residual(machine, S), 1e-11) << h;
  }
}

// The engine behind run() and the replicas take the same draws through the same step, both in double precision.
TEST(machine, symmetric_replicas_are_the_trajectories_of_the_reference_engine) {
  const int64_t m = 9;
  const double h = 0.05;
  for (const auto& [how, integrator] : {std::pair{Integrator::euler_maruyama, Integrator::euler_maruyama},
                                        {Integrator::leimkuhler_matthews, Integrator::leimkuhler_matthews}}) {
    LinearSystem machine = random_machine(m, 11, true);
    for (double& value : machine.noise.values) value *= 2 * 0.7;  // kT = 0.7
    Replicas replicas(m, {21, stream::kLinear}, 0, 3);
    replicas.advance(make_transition(machine, how, h, 1), 40);

    Computer computer;
    computer.groups = {{"x", {m}, 0, m}};
    computer.J2.resize(m);
    computer.J3.assign(m, 0.0);
    computer.J4.assign(m, 0.0);
    computer.mobility.assign(m, 1.0);
    computer.kT = 0.7;
    CouplingSet set{"A", {}, std::vector<double>(m), {1}};
    DenseWeights weights{std::vector<double>(m * m)};
    for (int64_t i = 0; i < m; ++i) {
      computer.J2[i] = machine.drift(i, i) / 2;
      set.bias[i] = -machine.c[i];
      for (int64_t j = 0; j < m; ++j) weights.values[i * m + j] = i == j ? 0 : machine.drift(i, j);
    }
    set.blocks = {{0, 0, weights}};
    computer.sets = {set};
    Segment segment;
    segment.name = "equilibrate";
    segment.duration = 40 * h;
    segment.couplings = 0;
    segment.drive.resize(1);
    segment.kT = {{{0, 0.7}}};
    segment.clamped = {0};
    const Protocol protocol{"equilibrate", {segment}};
    RunOptions options;
    options.engine = EngineKind::reference;
    options.integrator = integrator;
    options.dt = h;
    options.noise = {21, stream::kLinear};
    options.trajectories = 3;
    const swell::Run reference = swell::run(computer, protocol, options);
    for (size_t k = 0; k < reference.states.size(); ++k) EXPECT_NEAR(replicas.states()[k], reference.states[k], 1e-12);
  }
}

TEST(machine, a_factor_of_semidefinite_noise_gives_it_back_and_an_indefinite_one_is_refused) {
  Matrix q(3, 3);
  q.values = {4, 2, 0, 2, 1, 0, 0, 0, 0};  // rank 1
  const Matrix b = square_root_factor(q, "Q");
  const Matrix back = product(b, transpose(b), 1);
  for (size_t k = 0; k < 9; ++k) EXPECT_NEAR(back.values[k], q.values[k], 1e-14);
  q.values = {1, 2, 0, 2, 1, 0, 0, 0, 1};
  EXPECT_THROW(square_root_factor(q, "Q"), InputError);
}

}  // namespace
}  // namespace swell::linear
