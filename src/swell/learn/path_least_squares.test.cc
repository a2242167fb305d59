#include "swell/learn/path_least_squares.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"

namespace swell {

namespace {

constexpr int64_t kUnits = 11;

// Groups of 4, 4 and 3. Coupled: 0-1 and 1-1 (dense), 1-2 and 2-2 (sparse); not 0-0 and 0-2. Only group 1 has biases.
Computer masked_machine() {
  Computer computer = test::machine({4, 4, 3});
  for (int64_t i = 0; i < kUnits; ++i) computer.mobility[i] = 0.4 + 0.3 * static_cast<double>(i);
  CouplingSet set{"learned", {}, std::vector<double>(kUnits, 0.0), {0, 1, 0}};
  set.blocks.push_back({0, 1, DenseWeights{std::vector<double>(16, 0.7)}});
  set.blocks.push_back({1, 1, DenseWeights{std::vector<double>(16, 0.0)}});
  set.blocks.push_back({2, 1, SparseWeights{{0, 2, 3, 5}, {0, 3, 2, 1, 2}, std::vector<double>(5, 0.0)}});
  set.blocks.push_back({2, 2, SparseWeights{{0, 1, 1, 2}, {2, 0}, {0.3, 0.3}}});
  computer.sets.push_back(set);
  return computer;
}

// S = A A^T over z = (x; 1), positive; C anything.
Moments random_moments() {
  Eigen::MatrixXd A(kUnits + 1, 3 * kUnits);
  for (int64_t k = 0; k < A.size(); ++k) A.data()[k] = test::fixed_normal(50, k);
  const Eigen::MatrixXd S = A * A.transpose();
  Moments moments(kUnits);
  moments.count = S(kUnits, kUnits);
  for (int64_t i = 0; i < kUnits; ++i) {
    moments.x[i] = S(i, kUnits);
    moments.y[i] = 10 * test::fixed_normal(51, i);
    for (int64_t j = 0; j < kUnits; ++j) {
      moments.xx[i * kUnits + j] = S(i, j);
      moments.yx[i * kUnits + j] = 10 * test::fixed_normal(52, i * kUnits + j);
    }
  }
  return moments;
}

// A free parameter: the coupling of a pair, or a bias (j = kUnits).
struct Free {
  int64_t i, j;
};

// Written down from the description of masked_machine(), not read from its blocks.
std::vector<Free> free_parameters() {
  std::vector<Free> list;
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t j = 4; j < 8; ++j) list.push_back({i, j});
  }
  for (int64_t i = 4; i < 8; ++i) {
    for (int64_t j = i + 1; j < 8; ++j) list.push_back({i, j});
  }
  for (const Free pair : {Free{4, 8}, {7, 8}, {6, 9}, {5, 10}, {6, 10}, {8, 10}}) list.push_back(pair);
  for (int64_t i = 4; i < 8; ++i) list.push_back({i, kUnits});
  return list;
}

// W = [J b] as a matrix, [units][units + 1].
Eigen::MatrixXd matrix(const std::vector<double>& J, const std::vector<double>& b) {
  Eigen::MatrixXd W(kUnits, kUnits + 1);
  for (int64_t i = 0; i < kUnits; ++i) {
    for (int64_t j = 0; j < kUnits; ++j) W(i, j) = J[i * kUnits + j];
    W(i, kUnits) = b[i];
  }
  return W;
}

Eigen::MatrixXd full_S(const Moments& moments) {
  Eigen::MatrixXd S(kUnits + 1, kUnits + 1);
  for (int64_t i = 0; i < kUnits; ++i) {
    for (int64_t j = 0; j < kUnits; ++j) S(i, j) = moments.xx[i * kUnits + j];
    S(i, kUnits) = S(kUnits, i) = moments.x[i];
  }
  S(kUnits, kUnits) = moments.count;
  return S;
}

// sum mu_i |(W z - y)_i|^2 / 2 up to the constant in y.
double loss(const Computer& computer, const Moments& moments, const Eigen::MatrixXd& W) {
  const Eigen::MatrixXd S = full_S(moments), C = matrix(moments.yx, moments.y);
  double sum = 0;
  for (int64_t i = 0; i < kUnits; ++i) {
    sum += computer.mobility[i] * (0.5 * W.row(i) * S * W.row(i).transpose() - C.row(i).dot(W.row(i)));
  }
  return sum;
}

// The matrix with ones at one parameter.
Eigen::MatrixXd unit_matrix(Free at) {
  Eigen::MatrixXd E = Eigen::MatrixXd::Zero(kUnits, kUnits + 1);
  E(at.i, at.j) = 1;
  if (at.j < kUnits) E(at.j, at.i) = 1;
  return E;
}

// The minimum by elimination on the normal equations of the independent parameters.
Eigen::VectorXd minimum(const Computer& computer, const Moments& moments) {
  const auto free = free_parameters();
  const auto count = static_cast<Eigen::Index>(free.size());
  const Eigen::MatrixXd S = full_S(moments), C = matrix(moments.yx, moments.y);
  const Eigen::VectorXd mu = Eigen::Map<const Eigen::VectorXd>(computer.mobility.data(), kUnits);
  Eigen::MatrixXd H(count, count);
  Eigen::VectorXd right(count);
  for (Eigen::Index p = 0; p < count; ++p) {
    const Eigen::MatrixXd E = mu.asDiagonal() * unit_matrix(free[p]);
    right(p) = E.cwiseProduct(C).sum();
    for (Eigen::Index q = 0; q < count; ++q) H(p, q) = (E * S).cwiseProduct(unit_matrix(free[q])).sum();
  }
  return H.ldlt().solve(right);
}

}  // namespace

// The mean loss over devices whose couplings are g J, g of mean m and variance v, by elimination: its minimum has the
// normal equations m^2 H + v diag(H) for couplings, m H between couplings and biases. Residual and condition as below.
TEST(path_least_squares, robust_minimum_is_that_of_the_loss_over_all_devices) {
  Computer computer = masked_machine();
  const Moments moments = random_moments();
  constexpr double kMean = 0.8, kVariance = 0.3;
  const auto free = free_parameters();
  const auto count = static_cast<Eigen::Index>(free.size());
  // The mean over two devices for each pair that are as likely (g = m +- sqrt v), all others at m, has the same
  // quadratic form as independent factors: the loss has no products of two factors' deviations of different pairs
  // but those, which average out. So central second differences of the mean loss are its Hessian.
  const auto mean_loss = [&](const Eigen::VectorXd& at) {
    Eigen::MatrixXd W = Eigen::MatrixXd::Zero(kUnits, kUnits + 1);
    for (Eigen::Index p = 0; p < count; ++p) W += (free[p].j < kUnits ? kMean : 1) * at(p) * unit_matrix(free[p]);
    double sum = loss(computer, moments, W);
    const double middle = sum;
    for (Eigen::Index p = 0; p < count; ++p) {
      if (free[p].j == kUnits) continue;
      const Eigen::MatrixXd D = std::sqrt(kVariance) * at(p) * unit_matrix(free[p]);
      sum += 0.5 * (loss(computer, moments, W + D) + loss(computer, moments, W - D)) - middle;
    }
    return sum;
  };
  LeastSquaresOptions options;
  options.tolerance = 1e-12;
  options.factor = kMean;
  options.factor_variance = kVariance;
  EXPECT_TRUE(fit_couplings(computer, moments, options, computer.sets[0]).converged);
  const Eigen::MatrixXd W = matrix(dense_matrix(computer, computer.sets[0]), computer.sets[0].bias);
  Eigen::VectorXd found(count);
  for (Eigen::Index p = 0; p < count; ++p) found(p) = W(free[p].i, free[p].j);
  // A quadratic: central differences are exact to rounding, 1e-13 of the loss over the step.
  const double size = std::abs(mean_loss(found)), step = 1e-2 * found.norm();
  for (Eigen::Index p = 0; p < count; ++p) {
    const Eigen::VectorXd e = step * Eigen::VectorXd::Unit(count, p);
    const double up = mean_loss(found + e) - mean_loss(found), down = mean_loss(found - e) - mean_loss(found);
    EXPECT_GT(up, 0);
    EXPECT_NEAR(up, down, 1e-10 * size) << p;
  }
  options.factor = 0;
  EXPECT_THROW(fit_couplings(computer, moments, options, computer.sets[0]), InputError);
}

// Conjugate gradients against elimination on the 32 numbers that the design has. A residual of 1e-12 leaves errors
// below it times the condition number (about 1e2).
TEST(path_least_squares, minimum_is_that_of_a_dense_solve_over_the_parameters_of_the_design) {
  Computer computer = masked_machine();
  const Moments moments = random_moments();
  const Eigen::VectorXd truth = minimum(computer, moments);
  const auto result = fit_couplings(computer, moments, {1e-12, 2000, 2, {}}, computer.sets[0]);
  EXPECT_TRUE(result.converged);
  const Eigen::MatrixXd W = matrix(dense_matrix(computer, computer.sets[0]), computer.sets[0].bias);
  const auto free = free_parameters();
  ASSERT_EQ(static_cast<int64_t>(free.size()), count_parameters(computer, computer.sets[0]));
  Eigen::MatrixXd rest = W;
  for (size_t p = 0; p < free.size(); ++p) {
    EXPECT_NEAR(W(free[p].i, free[p].j), truth(static_cast<Eigen::Index>(p)), 1e-9 * truth.norm()) << p;
    rest -= W(free[p].i, free[p].j) * unit_matrix(free[p]);
  }
  // Symmetric, no diagonal, and nothing where the design has nothing: all of it is in the free parameters.
  EXPECT_EQ(rest.cwiseAbs().maxCoeff(), 0);
  EXPECT_NO_THROW(validate(computer, "fitted"));
}

// A quadratic: central differences are exact to rounding, 1e-16 of the loss (about 1e3) over the step.
TEST(path_least_squares, gradient_is_that_of_the_loss) {
  const Computer computer = masked_machine();
  const Moments moments = random_moments();
  Parameters at{test::random_couplings(kUnits, 1.0, 53), std::vector<double>(kUnits)};
  for (int64_t i = 0; i < kUnits; ++i) at.b[i] = test::fixed_normal(54, i);
  // A point of the design's own parameters.
  Eigen::MatrixXd W = Eigen::MatrixXd::Zero(kUnits, kUnits + 1);
  for (const Free p : free_parameters()) W += matrix(at.J, at.b)(p.i, p.j) * unit_matrix(p);
  for (int64_t i = 0; i < kUnits; ++i) {
    for (int64_t j = 0; j < kUnits; ++j) at.J[i * kUnits + j] = W(i, j);
    at.b[i] = W(i, kUnits);
  }
  const Parameters gradient = loss_gradient(computer, computer.sets[0], moments, at, 1);
  Eigen::MatrixXd found = matrix(gradient.J, gradient.b);
  const double step = 1e-2;
  for (const Free p : free_parameters()) {
    const Eigen::MatrixXd E = step * unit_matrix(p);
    const double slope = (loss(computer, moments, W + E) - loss(computer, moments, W - E)) / (2 * step);
    EXPECT_NEAR(found(p.i, p.j), slope, 1e-8) << p.i << ' ' << p.j;
    found -= found(p.i, p.j) * unit_matrix(p);
  }
  EXPECT_EQ(found.cwiseAbs().maxCoeff(), 0);
}

TEST(path_least_squares, residual_at_the_end_is_within_the_tolerance) {
  Computer computer = masked_machine();
  const Moments moments = random_moments();
  for (const double tolerance : {1e-2, 1e-5, 1e-10}) {
    const auto result = fit_couplings(computer, moments, {tolerance, 2000, 1, {}}, computer.sets[0]);
    EXPECT_TRUE(result.converged);
    EXPECT_EQ(static_cast<int>(result.residuals.size()), result.iterations + 1);
    // The recomputed residual and the one that conjugate gradients carry along differ by rounding only.
    EXPECT_LE(result.residual, tolerance * (1 + 1e-6));
    EXPECT_NEAR(result.residual, result.residuals.back(), 1e-6 * tolerance);
    // The same from the gradient at the solution, over the gradient at zero.
    const Parameters zero{std::vector<double>(kUnits * kUnits, 0.0), std::vector<double>(kUnits, 0.0)};
    const CouplingSet& set = computer.sets[0];
    const auto size = [&](const Parameters& at) {
      double sum = 0;
      const Parameters g = loss_gradient(computer, set, moments, at, 1);
      for (const double value : g.J) sum += 0.5 * value * value;
      for (const double value : g.b) sum += value * value;
      return std::sqrt(sum);
    };
    EXPECT_NEAR(size({dense_matrix(computer, set), set.bias}) / size(zero), result.residual, 1e-6 * tolerance);
  }
}

// Groups of 6 and 5 in kinds of 1, 2 and 3, and 2 and 3; hidden units have biases. Conjugate gradients over kinds reach
// the minimum over all units: its gradient there, by the formulas of single units, is the residual that they report.
TEST(path_least_squares, exchangeable_units_are_solved_for_once) {
  Computer computer = test::machine({6, 5});
  const std::vector<int32_t> kind = {0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 4};
  for (int64_t i = 0; i < kUnits; ++i) computer.mobility[i] = 0.5 + 0.2 * kind[i];
  CouplingSet set{"learned", {}, std::vector<double>(kUnits, 0.0), {0, 1}};
  set.blocks.push_back({0, 1, DenseWeights{std::vector<double>(30, 0.0)}});
  set.blocks.push_back({1, 1, DenseWeights{std::vector<double>(25, 0.0)}});
  computer.sets.push_back(set);
  // Means shared by a kind plus noise of each unit's own: 7 outer products and a diagonal.
  Moments moments(kUnits);
  moments.kind = kind;
  moments.count = 7;
  for (int64_t k = 0; k < 7; ++k) {
    for (int64_t i = 0; i < kUnits; ++i) {
      const double x = test::fixed_normal(55 + k, kind[i]), y = test::fixed_normal(65 + k, kind[i]);
      moments.x[i] += x;
      moments.y[i] += y;
      for (int64_t j = 0; j < kUnits; ++j) {
        moments.xx[i * kUnits + j] += x * test::fixed_normal(55 + k, kind[j]);
        moments.yx[i * kUnits + j] += y * test::fixed_normal(55 + k, kind[j]);
      }
    }
  }
  for (int64_t i = 0; i < kUnits; ++i) moments.xx[i * (kUnits + 1)] += 0.3 + 0.1 * kind[i];
  const auto solve = [&](bool told) {
    Computer solved = computer;
    Moments given = moments;
    if (!told) given.kind.clear();
    const auto result = fit_couplings(solved, given, {1e-12, 2000, 2, {}}, solved.sets[0]);
    EXPECT_EQ(result.kinds, told ? 5 : kUnits);
    EXPECT_TRUE(result.converged);
    const Parameters at{dense_matrix(solved, solved.sets[0]), solved.sets[0].bias};
    const Parameters gradient = loss_gradient(solved, solved.sets[0], moments, at, 1);
    const Parameters zero{std::vector<double>(kUnits * kUnits, 0.0), std::vector<double>(kUnits, 0.0)};
    const Parameters start = loss_gradient(solved, solved.sets[0], moments, zero, 1);
    EXPECT_LT(matrix(gradient.J, gradient.b).norm() / matrix(start.J, start.b).norm(), 2e-12);
    return matrix(at.J, at.b);
  };
  const Eigen::MatrixXd few = solve(true), many = solve(false);
  EXPECT_LT((few - many).norm(), 1e-9 * many.norm());  // residual 1e-12 times the condition number
  EXPECT_GT(many.norm(), 0.1);
}

TEST(path_least_squares, too_few_iterations_are_reported) {
  Computer computer = masked_machine();
  const auto result = fit_couplings(computer, random_moments(), {1e-12, 3, 1, {}}, computer.sets[0]);
  EXPECT_FALSE(result.converged);
  EXPECT_EQ(result.iterations, 3);
  EXPECT_GT(result.residual, 1e-12);
}

TEST(path_least_squares, threads_do_not_change_a_bit) {
  Computer one = masked_machine(), many = one;
  fit_couplings(one, random_moments(), {1e-9, 2000, 1, {}}, one.sets[0]);
  fit_couplings(many, random_moments(), {1e-9, 2000, 7, {}}, many.sets[0]);
  EXPECT_EQ(dense_matrix(one, one.sets[0]), dense_matrix(many, many.sets[0]));
  EXPECT_EQ(one.sets[0].bias, many.sets[0].bias);
}

TEST(path_least_squares, refuses_empty_moments) {
  Computer computer = masked_machine();
  CouplingSet& set = computer.sets[0];
  EXPECT_THROW(fit_couplings(computer, Moments(kUnits), {}, set), InputError);
  Moments other(kUnits - 1);
  other.count = 1;
  EXPECT_THROW(fit_couplings(computer, other, {}, set), InputError);
}

// Stopped after some iterations, the couplings are the best so far: those of a run that may take no more.
TEST(path_least_squares, keeps_the_solution_so_far_when_it_is_stopped) {
  Computer stopped = masked_machine(), bounded = stopped;
  LeastSquaresOptions options;
  options.progress = [](const Progress& at) { return at.done < 2; };
  const LeastSquaresResult result = fit_couplings(stopped, random_moments(), options, stopped.sets[0]);
  EXPECT_TRUE(result.interrupted);
  EXPECT_FALSE(result.converged);
  options.progress = {};
  options.max_iterations = 2;
  EXPECT_FALSE(fit_couplings(bounded, random_moments(), options, bounded.sets[0]).interrupted);
  EXPECT_EQ(dense_matrix(stopped, stopped.sets[0]), dense_matrix(bounded, bounded.sets[0]));
  EXPECT_LT(result.residual, 1);
}

}  // namespace swell
