#include "swell/learn/guide.h"

#include <gtest/gtest.h>

#include <Eigen/Dense>
#include <cmath>

#include "physics/machines.h"
#include "swell/base/errors.h"
#include "swell/learn/path_least_squares.h"
#include "swell/physics/path_probability.h"
#include "swell/physics/potential.h"

namespace swell {

namespace {

// Groups of 4 clamped, 3 and 2 free units, everything coupled.
struct Setting {
  Computer computer = test::machine({4, 3, 2});
  std::vector<char> clamped{1, 0, 0};
  GuideOptions options{0.01, 20, 2, {}};
  GuideSource source;

  explicit Setting(int64_t rows) {
    for (int64_t i = 4; i < 9; ++i) computer.J4[i] = 0.5;
    computer.mobility[8] = 2;
    test::add_set(computer, std::vector<double>(81, 0.0), std::vector<double>(9, 0.0));
    source = {rows, [](int64_t first, int64_t count, double* out) {
                for (int64_t k = 0; k < count * 9; ++k) out[k] = 1.5 * test::fixed_normal(310, first * 9 + k);
              }};
  }
};

// Sum over paths of -ln P of each guide's steps under (J, b), by the formula of physics/path_probability.h.
double brute_loss(const Setting& setting, const std::vector<double>& J, const std::vector<double>& b) {
  Computer computer = setting.computer;
  assign_from_dense(computer, J, computer.sets[0]);
  computer.sets[0].bias = b;
  const double dt = setting.options.dt;
  double loss = 0;
  for (int64_t row = 0; row < setting.source.rows; ++row) {
    std::vector<double> given(9), x(9, 0.0);
    setting.source.fill(row, 1, given.data());
    std::copy_n(given.begin(), 4, x.begin());
    for (int64_t step = 0; step < setting.options.steps; ++step) {
      const std::vector<double> dV = gradient(computer, {&computer.sets[0], {}}, x);
      std::vector<double> dx(9, 0.0), force = dV;
      for (int64_t i = 0; i < 4; ++i) force[i] = 0;  // clamped: no path to explain
      for (int64_t i = 4; i < 9; ++i)
        dx[i] = computer.mobility[i] * dt *
                (given[i] - onsite_gradient(x[i], computer.J2[i], computer.J3[i], computer.J4[i]));
      loss += step_loss(computer, dx, force, 1.0, dt);
      for (int64_t i = 4; i < 9; ++i) x[i] += dx[i];
    }
  }
  return loss;
}

}  // namespace

// The quadratic in the moments is the path probability, up to the constant of J = b = 0: (dt/4) times
// sum mu [ W S W^T - 2 W C ].
TEST(guide, moments_give_the_brute_force_loss_of_the_paths) {
  const Setting setting(600);  // more than one portion
  const Moments m = guide_moments(setting.computer, setting.clamped, setting.source, setting.options);
  EXPECT_EQ(m.count, 600 * 20);
  std::vector<double> J = test::random_couplings(9, 1.0, 311), b(9, 0.0), zero(81, 0.0), no_bias(9, 0.0);
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t j = 0; j < 4; ++j) J[i * 9 + j] = 0;
  }
  for (int64_t i = 4; i < 9; ++i) b[i] = 0.3 * test::fixed_normal(312, i);
  double expected = 0;
  for (int64_t i = 4; i < 9; ++i) {
    double square = b[i] * b[i] * m.count - 2 * b[i] * m.y[i];
    for (int64_t j = 0; j < 9; ++j) {
      square += 2 * b[i] * J[i * 9 + j] * m.x[j] - 2 * J[i * 9 + j] * m.yx[i * 9 + j];
      for (int64_t k = 0; k < 9; ++k) square += J[i * 9 + j] * J[i * 9 + k] * m.xx[j * 9 + k];
    }
    expected += 0.25 * setting.options.dt * setting.computer.mobility[i] * square;
  }
  const double got = brute_loss(setting, J, b) - brute_loss(setting, zero, no_bias);
  EXPECT_NEAR(got, expected, 1e-9 * std::abs(expected));
}

// No other machine makes the paths more probable: each coupling and bias moved either way makes the loss larger.
TEST(guide, least_squares_finds_the_minimum_of_the_brute_force_loss) {
  Setting setting(50);
  Computer moving = setting.computer;
  std::fill_n(moving.mobility.begin(), 4, 0.0);
  CouplingSet& set = setting.computer.sets[0];
  const Moments m = guide_moments(setting.computer, setting.clamped, setting.source, setting.options);
  EXPECT_TRUE(fit_couplings(moving, m, {1e-10, 500, 1, {}}, set).converged);
  const std::vector<double> J = dense_matrix(setting.computer, set), b = set.bias;
  const double least = brute_loss(setting, J, b);
  for (int64_t i = 4; i < 9; ++i) {
    for (const double h : {-0.01, 0.01}) {
      for (int64_t j = 0; j < i; ++j) {
        std::vector<double> other = J;
        other[i * 9 + j] += h;
        other[j * 9 + i] += h;
        EXPECT_GT(brute_loss(setting, other, b), least) << i << " " << j;
      }
      std::vector<double> other = b;
      other[i] += h;
      EXPECT_GT(brute_loss(setting, J, other), least) << i;
    }
  }
}

TEST(guide, moments_do_not_depend_on_threads_and_a_diverging_guide_is_named) {
  Setting setting(1500);
  const Moments one = guide_moments(setting.computer, setting.clamped, setting.source, {0.01, 20, 1, {}});
  const Moments three = guide_moments(setting.computer, setting.clamped, setting.source, {0.01, 20, 3, {}});
  EXPECT_EQ(one.xx, three.xx);
  EXPECT_EQ(one.yx, three.yx);
  setting.source.fill = [](int64_t, int64_t count, double* out) { std::fill_n(out, count * 9, 1e6); };
  EXPECT_THROW(guide_moments(setting.computer, setting.clamped, setting.source, setting.options), InputError);
}

}  // namespace swell
