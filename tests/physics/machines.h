#pragma once

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>
#include <utility>
#include <vector>

#include "swell/engine/run.h"
#include "swell/random/streams.h"

// Small computers, protocols and options that tests share.
namespace swell::test {

// Groups named g0, g1, ... of these sizes, harmonic with J2 = 1/2, mobility 1, kT 1, no coupling set.
inline Computer machine(const std::vector<int64_t>& sizes) {
  Computer computer;
  for (const int64_t size : sizes) {
    const int64_t first = computer.units();
    computer.groups.push_back({fmt::format("g{}", computer.groups.size()), {size}, first, size});
    computer.J2.resize(first + size, 0.5);
    computer.J3.resize(first + size, 0.0);
    computer.J4.resize(first + size, 0.0);
    computer.mobility.resize(first + size, 1.0);
  }
  return computer;
}

// A fixed standard normal for building things: number k of the table `which`.
inline double fixed_normal(uint64_t which, uint64_t k) { return draw_normal({2026, stream::kTesting}, which, 0, k); }

// A random symmetric matrix of zero diagonal whose spectral radius is about 2 `scale`, [n][n] row-major.
inline std::vector<double> random_couplings(int64_t n, double scale, uint64_t which) {
  std::vector<double> J(n * n, 0.0);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      J[i * n + j] = J[j * n + i] = scale * fixed_normal(which, i * n + j) / std::sqrt(static_cast<double>(n));
    }
  }
  return J;
}

// Adds a set that couples every pair of groups (dense blocks) and biases every unit; returns its number.
inline int add_set(Computer& computer, const std::vector<double>& J, const std::vector<double>& bias = {}) {
  const int groups = static_cast<int>(computer.groups.size());
  CouplingSet set{fmt::format("s{}", computer.sets.size()), {}, bias, std::vector<char>(groups, bias.empty() ? 0 : 1)};
  set.bias.resize(computer.units(), 0.0);
  for (int r = 0; r < groups; ++r) {
    for (int c = r; c < groups; ++c) {
      CouplingBlock& block = set.blocks.emplace_back();
      block.row_group = r;
      block.column_group = c;
      std::get<DenseWeights>(block.weights).values.resize(computer.groups[r].size * computer.groups[c].size, 0.0);
    }
  }
  assign_from_dense(computer, J, set);
  computer.sets.push_back(std::move(set));
  return static_cast<int>(computer.sets.size()) - 1;
}

// Quartic units (J2 and J3 of either sign, J4 of order one), coupled at random in one set.
inline Computer quartic_machine(const std::vector<int64_t>& sizes, double coupling, uint64_t which = 1) {
  Computer computer = machine(sizes);
  const int64_t n = computer.units();
  std::vector<double> bias(n);
  for (int64_t i = 0; i < n; ++i) {
    computer.J2[i] = 0.5 + 0.5 * fixed_normal(which + 100, i);
    computer.J3[i] = 0.2 * fixed_normal(which + 200, i);
    computer.J4[i] = 0.5 + 0.1 * std::abs(fixed_normal(which + 300, i));
    bias[i] = 0.3 * fixed_normal(which + 400, i);
  }
  add_set(computer, random_couplings(n, coupling, which), bias);
  return computer;
}

// A random symmetric stiffness matrix with eigenvalues spread evenly over [low, high].
inline Eigen::MatrixXd random_stiffness(int n, double low, double high, uint64_t which) {
  Eigen::MatrixXd g(n, n);
  for (int i = 0; i < n * n; ++i) g(i / n, i % n) = fixed_normal(which, i);
  const Eigen::MatrixXd q = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(g + g.transpose()).eigenvectors();
  const Eigen::VectorXd values = Eigen::VectorXd::LinSpaced(n, low, high);
  const Eigen::MatrixXd A = q * values.asDiagonal() * q.transpose();
  return 0.5 * (A + A.transpose());
}

// V = x^T A x / 2 as a computer with one coupling set.
inline Computer harmonic_machine(const Eigen::MatrixXd& A, double kT) {
  Computer computer = machine({A.rows()});
  computer.kT = kT;
  for (int i = 0; i < A.rows(); ++i) computer.J2[i] = 0.5 * A(i, i);
  Eigen::MatrixXd J = A;
  J.diagonal().setZero();
  add_set(computer, std::vector<double>(J.data(), J.data() + J.size()));
  return computer;
}

// A stretch of constant control: no drive, no clamp, the computer's own temperature.
inline Segment hold(const Computer& computer, double duration, int set = kNoCouplings) {
  Segment segment;
  segment.name = "hold";
  segment.duration = duration;
  segment.couplings = set;
  segment.drive.resize(computer.groups.size());
  segment.clamped.assign(computer.groups.size(), 0);
  segment.kT = {{{0.0, computer.kT}}};
  return segment;
}

// The same with every group driven along a straight line.
inline Segment ramp(const Computer& computer, double duration, double from, double to, int set = kNoCouplings) {
  Segment segment = hold(computer, duration, set);
  for (Schedule& drive : segment.drive) drive = {{{0.0, from}, {1.0, to}}};
  return segment;
}

inline RunOptions run_options(double dt, int64_t trajectories, uint64_t seed) {
  RunOptions options;
  options.dt = dt;
  options.trajectories = trajectories;
  options.noise = {seed, stream::kTesting};
  return options;
}

// Keep every unit of every trajectory, every so many steps from a step on.
inline Snapshots all_units(const Computer& computer, const RunOptions& options, int64_t every, int64_t from_step) {
  return {every, from_step, 0, computer.units(), options.trajectories};
}

// One state out of a run's snapshots.
inline std::vector<double> snapshot(const Run& run, int64_t number, int64_t trajectory) {
  const float* first = run.snapshots.data() + (number * run.trajectories + trajectory) * run.units;
  return {first, first + run.units};
}

}  // namespace swell::test
