#pragma once

#include <Eigen/Dense>
#include <cmath>
#include <numbers>

// One unit as a Markov chain on a grid: exact statements about a discrete-time integrator, by quadrature.
namespace swell::test {

// V = J2 x^2 + J4 x^4 at temperature kT, mobility 1.
struct Well {
  double J2, J4, kT;
  double potential(double x) const { return J2 * x * x + J4 * x * x * x * x; }
  double force(double x) const { return -2 * J2 * x - 4 * J4 * x * x * x; }
  double stiffness(double x) const { return 2 * J2 + 12 * J4 * x * x; }
};

struct Grid {
  double low, high;
  int points;
  double step() const { return (high - low) / points; }
  double operator[](int k) const { return low + (k + 0.5) * step(); }
};

inline double gauss(double r) { return std::exp(-0.5 * r * r) / std::sqrt(2 * std::numbers::pi); }

// Probability of going from cell k to cell l in one Euler-Maruyama step.
inline Eigen::MatrixXd euler_chain(const Well& well, const Grid& grid, double dt) {
  const double s = std::sqrt(2 * well.kT * dt);
  Eigen::MatrixXd P(grid.points, grid.points);
  for (int k = 0; k < grid.points; ++k) {
    const double mean = grid[k] + dt * well.force(grid[k]);
    for (int l = 0; l < grid.points; ++l) P(k, l) = gauss((grid[l] - mean) / s) / s * grid.step();
  }
  return P;
}

// Leimkuhler-Matthews x' = x + dt F(x) + s (R + R')/2 is a Markov chain in y = x - s R/2, whose R is fresh:
//   y' = y + s R + dt F(y + s R/2),   x = y + s R/2.
inline Eigen::MatrixXd leimkuhler_matthews_chain(const Well& well, const Grid& grid, double dt) {
  const double s = std::sqrt(2 * well.kT * dt);
  Eigen::MatrixXd P(grid.points, grid.points);
  for (int k = 0; k < grid.points; ++k) {
    const double y = grid[k];
    for (int l = 0; l < grid.points; ++l) {
      double x = y;  // y' = 2 x - y + dt F(x), rising in x on the grid; Newton's method from the middle
      for (int n = 0; n < 20; ++n) x -= (2 * x - y + dt * well.force(x) - grid[l]) / (2 - dt * well.stiffness(x));
      P(k, l) = gauss(2 * (x - y) / s) * 2 / s / (2 - dt * well.stiffness(x)) * grid.step();
    }
  }
  return P;
}

// The stationary distribution, by squaring the chain.
inline Eigen::VectorXd stationary(Eigen::MatrixXd P) {
  for (int n = 0; n < 16; ++n) {
    P = P * P;
    for (int k = 0; k < P.rows(); ++k) P.row(k) /= P.row(k).sum();
  }
  return P.row(P.rows() / 2).transpose();
}

}  // namespace swell::test
