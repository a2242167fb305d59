#include "swell/hardware/circuit/board_system.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/engine/linear/stationary.h"

namespace swell::circuit {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double kBoltzmann = 1.380649e-23;  // J/K, exact (SI)

// Nodes tied by voltage sources: each has a root and stands so many volts above it.
class Ties {
 public:
  explicit Ties(size_t nodes) : parent_(nodes), above_(nodes) { std::iota(parent_.begin(), parent_.end(), 0); }
  std::pair<int64_t, double> root(int64_t node) const {
    double volt = 0;
    while (parent_[node] != node) {
      volt += above_[node];
      node = parent_[node];
    }
    return {node, volt};
  }
  // v_a - v_b = volt. False where they were tied already.
  bool tie(int64_t a, int64_t b, double volt) {
    auto [ra, va] = root(a);
    auto [rb, vb] = root(b);
    if (ra == rb) return false;
    // v_a = v_ra + va and v_b = v_rb + vb: ground stays a root.
    if (ra == 0) {
      std::swap(ra, rb);
      std::swap(va, vb);
      volt = -volt;
    }
    parent_[ra] = rb;
    above_[ra] = volt + vb - va;
    return true;
  }

 private:
  std::vector<int64_t> parent_;
  std::vector<double> above_;
};

// C x' + G x = s + N w over x: roots of nodes, inductor currents, currents of controlled voltage sources.
struct Equations {
  MatrixXd C, G, N;
  VectorXd s;
  std::vector<int64_t> place;  // [nodes] of a root in x, -1 of ground
  int64_t roots = 0, inductors = 0, gains = 0;
};

class Assembler {
 public:
  explicit Assembler(const Board& board) : board_(board), ties_(board.nodes.size()) {
    for (const Element& e : board.elements) {
      if (e.kind == Kind::voltage && !ties_.tie(e.a, e.b, e.value))
        throw InputError(fmt::format("the voltage source {} closes a loop of voltage sources", e.name));
    }
  }
  const Ties& ties() const { return ties_; }

  Equations equations() {
    Equations& q = equations_;
    q.place.assign(board_.nodes.size(), -1);
    for (size_t node = 1; node < board_.nodes.size(); ++node) {
      if (ties_.root(static_cast<int64_t>(node)).first == static_cast<int64_t>(node)) q.place[node] = q.roots++;
    }
    int64_t noises = 0;
    for (const Element& e : board_.elements) {
      q.inductors += e.kind == Kind::inductor;
      q.gains += e.kind == Kind::voltage_gain;
      noises += e.kelvin > 0 || e.noise_A2_per_Hz > 0;
    }
    const int64_t n = q.roots + q.inductors + q.gains;
    if (n > kMostStates) throw InputError(fmt::format("the board has {} unknowns; {} are allowed", n, kMostStates));
    q.C = q.G = MatrixXd::Zero(n, n);
    q.N = MatrixXd::Zero(n, noises);
    q.s = VectorXd::Zero(n);
    int64_t inductor = q.roots, gain = q.roots + q.inductors, noise = 0;
    std::vector<int64_t> place_of(board_.elements.size(), -1);
    for (size_t k = 0; k < board_.elements.size(); ++k) {
      const Element& e = board_.elements[k];
      if (e.kind == Kind::inductor) place_of[k] = inductor;
      add(e, inductor, gain);
      const double density = e.kelvin > 0 ? 4 * kBoltzmann * e.kelvin / e.value : e.noise_A2_per_Hz;
      if (density > 0) {
        // One-sided density S of a current: S / 2 per time.
        into(e.a, [&](int64_t row) { q.N(row, noise) -= std::sqrt(density / 2); });
        into(e.b, [&](int64_t row) { q.N(row, noise) += std::sqrt(density / 2); });
        ++noise;
      }
    }
    for (const Mutual& m : board_.mutuals) {
      const double M = m.k * std::sqrt(board_.elements[m.first].value * board_.elements[m.second].value);
      q.C(place_of[m.first], place_of[m.second]) += M;
      q.C(place_of[m.second], place_of[m.first]) += M;
    }
    return q;
  }

 private:
  template <class Do>
  void into(int64_t node, const Do& act) {
    const int64_t row = equations_.place[ties_.root(node).first];
    if (row >= 0) act(row);
  }
  // g v_node leaves `row`.
  void couple(MatrixXd& matrix, int64_t row, int64_t node, double g, bool is_static) {
    const auto [root, volt] = ties_.root(node);
    const int64_t column = equations_.place[root];
    if (column >= 0) matrix(row, column) += g;
    if (is_static) equations_.s(row) -= g * volt;
  }
  // The current g (v_c - v_d) flows from a to b.
  void conduct(MatrixXd& matrix, const Element& e, int64_t c, int64_t d, double g, bool is_static) {
    for (const auto& [node, sign] : {std::pair(e.a, 1.0), {e.b, -1.0}}) {
      into(node, [&](int64_t row) {
        couple(matrix, row, c, sign * g, is_static);
        couple(matrix, row, d, -sign * g, is_static);
      });
    }
  }
  // A branch with a current of its own, at `place` in x.
  void branch(const Element& e, int64_t place) {
    into(e.a, [&](int64_t row) { equations_.G(row, place) += 1; });
    into(e.b, [&](int64_t row) { equations_.G(row, place) -= 1; });
    couple(equations_.G, place, e.a, -1, true);
    couple(equations_.G, place, e.b, 1, true);
  }
  void add(const Element& e, int64_t& inductor, int64_t& gain) {
    switch (e.kind) {
      case Kind::resistor:
        conduct(equations_.G, e, e.a, e.b, 1 / e.value, true);
        break;
      case Kind::capacitor:
        conduct(equations_.C, e, e.a, e.b, e.value, false);
        break;
      case Kind::transconductance:
        conduct(equations_.G, e, e.c, e.d, e.value, true);
        break;
      case Kind::current:
        into(e.a, [&](int64_t row) { equations_.s(row) -= e.value; });
        into(e.b, [&](int64_t row) { equations_.s(row) += e.value; });
        break;
      case Kind::inductor:
        equations_.C(inductor, inductor) += e.value;
        branch(e, inductor++);
        break;
      case Kind::voltage_gain:
        branch(e, gain);
        couple(equations_.G, gain, e.c, e.value, true);
        couple(equations_.G, gain, e.d, -e.value, true);
        ++gain;
        break;
      case Kind::voltage:
        break;
    }
  }

  const Board& board_;
  Ties ties_;
  Equations equations_;
};

// Columns of an orthogonal matrix: directions that hold energy (values their capacitance or inductance), and the
// others.
struct Directions {
  MatrixXd held, free;
  VectorXd values;
};

// Capacitances and inductances are of different sizes, and so is what is zero beside them.
Directions split(const Equations& q) {
  const int64_t n = q.C.rows();
  Directions result;
  std::vector<std::pair<VectorXd, double>> held;
  std::vector<VectorXd> free;
  const auto block = [&](int64_t first, int64_t size) {
    if (size == 0) return;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> modes(q.C.block(first, first, size, size));
    const double largest = modes.eigenvalues().cwiseAbs().maxCoeff();
    for (int64_t k = 0; k < size; ++k) {
      VectorXd direction = VectorXd::Zero(n);
      direction.segment(first, size) = modes.eigenvectors().col(k);
      const double value = modes.eigenvalues()(k);
      if (value < -1e-10 * largest)
        throw InputError("the mutual inductances hold an energy below zero: no coils have them");
      // Eigenvalues are right to some 1e-15 of the largest.
      if (value > 1e-12 * largest)
        held.emplace_back(direction, value);
      else
        free.push_back(direction);
    }
  };
  block(0, q.roots);
  block(q.roots, q.inductors);
  for (int64_t k = q.roots + q.inductors; k < n; ++k) free.push_back(VectorXd::Unit(n, k));
  result.held = MatrixXd(n, static_cast<int64_t>(held.size()));
  result.free = MatrixXd(n, static_cast<int64_t>(free.size()));
  result.values = VectorXd(static_cast<int64_t>(held.size()));
  for (size_t k = 0; k < held.size(); ++k) {
    result.held.col(static_cast<int64_t>(k)) = held[k].first;
    result.values(static_cast<int64_t>(k)) = held[k].second;
  }
  for (size_t k = 0; k < free.size(); ++k) result.free.col(static_cast<int64_t>(k)) = free[k];
  return result;
}

Matrix matrix_of(const MatrixXd& a) {
  Matrix result(a.rows(), a.cols());
  for (int64_t i = 0; i < a.rows(); ++i) {
    for (int64_t j = 0; j < a.cols(); ++j) result(i, j) = a(i, j);
  }
  return result;
}

MatrixXd dense(const Matrix& a) {
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Rows>(a.values.data(), a.rows, a.columns);
}

}  // namespace

BoardSystem make_system(const Board& board) {
  Assembler assembler(board);
  const Equations q = assembler.equations();
  const Directions d = split(q);
  const int64_t n = q.C.rows(), held = d.held.cols(), free = d.free.cols();
  if (held == 0) throw InputError("the board has no capacitor and no inductor: nothing in it fluctuates in time");
  // x = held z + free y; y = Gff^-1 (free^T (s + N w) - free^T G held z).
  MatrixXd follow = MatrixXd::Zero(free, held), jump = MatrixXd::Zero(free, n);
  if (free > 0) {
    const MatrixXd Gff = d.free.transpose() * q.G * d.free;
    // Rows and columns are volts and amperes: brought to one size before it is asked whether they are independent.
    const VectorXd rows = Gff.cwiseAbs().rowwise().maxCoeff().unaryExpr([](double x) { return x > 0 ? 1 / x : 1; });
    const Eigen::FullPivLU<MatrixXd> factor(rows.asDiagonal() * Gff);
    if (!factor.isInvertible())
      throw InputError(
          "the board has no unique answer: a node that nothing but sources holds, or a loop of a controlled source and "
          "capacitors");
    jump = factor.solve(rows.asDiagonal() * d.free.transpose());
    follow = jump * q.G * d.held;
  }
  const MatrixXd through = d.held.transpose() - d.held.transpose() * q.G * d.free * jump;  // what reaches z of s + N w
  const MatrixXd inverse = d.values.cwiseInverse().asDiagonal();
  const MatrixXd M = inverse * through * q.G * d.held, B = inverse * through * q.N;
  const VectorXd c = inverse * through * q.s;
  BoardSystem result;
  result.system.drift = matrix_of(M);
  result.system.noise = matrix_of((B * B.transpose() + (B * B.transpose()).transpose()) / 2);
  result.system.c.assign(c.data(), c.data() + held);
  const MatrixXd read = d.held - d.free * follow, noise = d.free * jump * q.N;
  const VectorXd rest = d.free * jump * q.s;
  const auto output = [&](const std::string& name, int64_t place, double volt) {
    result.outputs.push_back(name);
    const int64_t row = static_cast<int64_t>(result.outputs.size()) - 1;
    for (int64_t k = 0; k < held && place >= 0; ++k) result.read(row, k) = read(place, k);
    result.rest.push_back(volt + (place >= 0 ? rest(place) : 0));
    const double size = place >= 0 && noise.cols() > 0 ? noise.row(place).cwiseAbs().maxCoeff() : 0;
    result.white.push_back(size > 1e-12 * (noise.size() > 0 ? noise.cwiseAbs().maxCoeff() : 0) && size > 0);
  };
  result.read = Matrix(static_cast<int64_t>(board.nodes.size()) - 1 + q.inductors, held);
  for (size_t node = 1; node < board.nodes.size(); ++node) {
    const auto [root, volt] = assembler.ties().root(static_cast<int64_t>(node));
    output("v(" + board.nodes[node] + ")", q.place[root], volt);
  }
  int64_t inductor = q.roots;
  for (const Element& e : board.elements) {
    if (e.kind == Kind::inductor) output("i(" + e.name + ")", inductor++, 0);
  }
  return result;
}

std::vector<double> BoardSystem::mean() const {
  const int64_t m = system.size();
  const VectorXd z = dense(system.drift).partialPivLu().solve(Eigen::Map<const VectorXd>(system.c.data(), m));
  const VectorXd values = dense(read) * z;
  std::vector<double> result = rest;
  for (size_t k = 0; k < result.size(); ++k) result[k] += values(static_cast<int64_t>(k));
  return result;
}

Matrix BoardSystem::covariance() const {
  const MatrixXd S = dense(read) * dense(linear::stationary_covariance(system)) * dense(read).transpose();
  Matrix result = matrix_of(S);
  for (int64_t i = 0; i < result.rows; ++i) {
    for (int64_t j = 0; j < result.columns; ++j) {
      if (white[i] != 0 || white[j] != 0) result(i, j) = std::nan("");
    }
  }
  return result;
}

}  // namespace swell::circuit
