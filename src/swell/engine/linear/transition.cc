#include "swell/engine/linear/transition.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/kernels/matrices.h"
#include "swell/kernels/matrix_product.h"

namespace swell::linear {

namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

// The exact step as what composes: D = F - 1, g and Q = G G^T.
struct Flow {
  Matrix D, Q;
  std::vector<double> g;
};

std::vector<double> times(const Matrix& a, const std::vector<double>& x) {
  std::vector<double> y(a.rows, 0.0);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) y[i] += a(i, j) * x[j];
  }
  return y;
}

Flow twice(const Flow& flow, int threads) {
  Flow result;
  result.D = product(flow.D, flow.D, threads);
  for (size_t k = 0; k < result.D.values.size(); ++k) result.D.values[k] += 2 * flow.D.values[k];
  result.g = times(flow.D, flow.g);
  for (size_t i = 0; i < result.g.size(); ++i) result.g[i] += 2 * flow.g[i];
  // F Q F^T = Q + D Q + Q D^T + D Q D^T
  const Matrix half = product(flow.D, flow.Q, threads);
  result.Q = product(half, transpose(flow.D), threads);
  const int64_t m = result.Q.rows;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      result.Q(i, j) = result.Q(j, i) =
          2 * flow.Q(i, j) + (half(i, j) + half(j, i)) + 0.5 * (result.Q(i, j) + result.Q(j, i));
    }
  }
  return result;
}

// For |M| h <= 1/8: D = sum from n = 1 of (-hM)^n / n!, g = sum h (-hM)^n c / (n+1)!, and Q the sum of the
// terms T_0 = h noise, T_n = -h (M T_{n-1} + T_{n-1} M^T) / (n + 1).
Flow short_flow(const LinearSystem& machine, double h, int threads) {
  constexpr int kTerms = 12;  // (1/4)^12 / 13! is below the rounding
  const int64_t m = machine.size();
  Flow flow{Matrix(m, m), Matrix(m, m), std::vector<double>(m)};
  Matrix power = identity(m), spread = machine.noise;
  std::vector<double> push = machine.c;
  for (double& value : spread.values) value *= h;
  for (double& value : push) value *= h;
  for (int term = 1; term <= kTerms; ++term) {
    for (size_t k = 0; k < spread.values.size(); ++k) flow.Q.values[k] += spread.values[k];
    for (int64_t i = 0; i < m; ++i) flow.g[i] += push[i];
    power = product(machine.drift, power, threads);
    for (double& value : power.values) value *= -h / term;
    for (size_t k = 0; k < power.values.size(); ++k) flow.D.values[k] += power.values[k];
    push = times(machine.drift, push);
    for (double& value : push) value *= -h / (term + 1);
    const Matrix half = product(machine.drift, spread, threads);
    for (int64_t i = 0; i < m; ++i) {
      for (int64_t j = 0; j < m; ++j) spread(i, j) = -h / (term + 1) * (half(i, j) + half(j, i));
    }
  }
  return flow;
}

// The covariance that builds up in a step has no negative pivots but those that rounding makes.
constexpr const char* kLostDigits =
    "the machine's slowest and fastest motions are too far apart for the exact transition in double precision (a "
    "matrix "
    "that is too ill-conditioned for this device): the covariance of one step";

void set_noise(Transition& step, const Matrix& q, double scale, const char* name) {
  if (is_diagonal(q)) {
    step.G_diagonal.resize(q.rows);
    for (int64_t i = 0; i < q.rows; ++i) step.G_diagonal[i] = std::sqrt(scale * q(i, i));
    return;
  }
  step.G_transposed = transpose(square_root_factor(q, name));
  for (double& value : step.G_transposed.values) value *= std::sqrt(scale);
}

Transition from_flow(Flow flow, double h) {
  Transition step;
  step.h = h;
  step.F_transposed = transpose(flow.D);
  for (int64_t i = 0; i < step.size(); ++i) step.F_transposed(i, i) += 1;
  step.g = flow.g;
  set_noise(step, flow.Q, 1, kLostDigits);
  step.change = std::move(flow.D);
  step.spread = std::move(flow.Q);
  return step;
}

}  // namespace

Matrix square_root_factor(const Matrix& q, const char* name) {
  const Eigen::LDLT<Rows> factor(Eigen::Map<const Rows>(q.values.data(), q.rows, q.columns));
  const Eigen::VectorXd pivots = factor.vectorD();
  const double largest = pivots.cwiseAbs().maxCoeff();
  if (factor.info() != Eigen::Success || pivots.minCoeff() < -1e-9 * largest)
    throw InputError(fmt::format("{} is not positive semidefinite: it has a pivot of {:g}", name, pivots.minCoeff()));
  Rows root = Rows(factor.matrixL()) * pivots.cwiseMax(0.0).cwiseSqrt().asDiagonal();
  root = factor.transpositionsP().transpose() * root;
  Matrix result(q.rows, q.columns);
  Eigen::Map<Rows>(result.values.data(), q.rows, q.columns) = root;
  return result;
}

Transition make_transition(const LinearSystem& machine, Integrator how, double h, int threads) {
  if (how == Integrator::exact) {
    int doublings = 0;
    for (const double norm = frobenius_norm(machine.drift); h * norm > 0.125 * std::ldexp(1.0, doublings);) ++doublings;
    Flow flow = short_flow(machine, std::ldexp(h, -doublings), threads);
    for (int k = 0; k < doublings; ++k) flow = twice(flow, threads);
    return from_flow(std::move(flow), h);
  }
  Transition step;
  step.h = h;
  step.F_transposed = transpose(machine.drift);
  for (double& value : step.F_transposed.values) value *= -h;
  for (int64_t i = 0; i < machine.size(); ++i) step.F_transposed(i, i) += 1;
  step.g = machine.c;
  for (double& value : step.g) value *= h;
  set_noise(step, machine.noise, h, "the noise");
  step.average_noise = how == Integrator::leimkuhler_matthews;
  return step;
}

Transition doubled(const Transition& step, int threads) {
  return from_flow(twice({step.change, step.spread, step.g}, threads), 2 * step.h);
}

Replicas::Replicas(int64_t size, NoiseKey noise, int64_t first, int64_t count, int64_t step)
    : size_(size),
      count_(count),
      step_(step),
      normals_(noise, first, count, size),
      z_(count * size, 0.0),
      next_(count * size),
      draws_(count * size) {}

void Replicas::add_noise(const Transition& transition, int64_t step, double amplitude) {
  const auto take = [&](int64_t number, std::vector<double>& into) {
    const float* normals = normals_.at(number);
    for (int64_t t = 0; t < count_; ++t) {
      for (int64_t i = 0; i < size_; ++i) into[t * size_ + i] = normals[t * normals_.stride() + i];
    }
  };
  if (!transition.average_noise) {
    take(step, draws_);
  } else {
    if (last_draws_.empty()) {
      last_draws_.resize(draws_.size());
      take(step, last_draws_);
    }
    draws_ = last_draws_;
    take(step + 1, last_draws_);
    for (size_t k = 0; k < draws_.size(); ++k) draws_[k] = 0.5 * (draws_[k] + last_draws_[k]);
  }
  if (amplitude != 1) {
    for (double& draw : draws_) draw *= amplitude;
  }
  if (transition.G_diagonal.empty()) {
    add_product(count_, size_, size_, draws_.data(), size_, transition.G_transposed.values.data(), size_, next_.data(),
                size_, 1);
    return;
  }
  for (int64_t t = 0; t < count_; ++t) {
    for (int64_t i = 0; i < size_; ++i) next_[t * size_ + i] += transition.G_diagonal[i] * draws_[t * size_ + i];
  }
}

void Replicas::advance(const Transition& transition, int64_t steps, double amplitude, std::span<const double> shift) {
  for (int64_t k = 0; k < steps; ++k, ++step_) {
    for (int64_t t = 0; t < count_; ++t) std::ranges::copy(transition.g, next_.begin() + t * size_);
    for (size_t i = 0; i < shift.size(); ++i) next_[i] += shift[i];
    add_product(count_, size_, size_, z_.data(), size_, transition.F_transposed.values.data(), size_, next_.data(),
                size_, 1);
    add_noise(transition, step_, amplitude);
    std::swap(z_, next_);
  }
}

}  // namespace swell::linear
