#include "swell/learn/time_functions.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace swell {

namespace {

using FullMatrix = Eigen::MatrixXd;

constexpr double kSpan = 1e-13;        // columns of <x'> are taken apart to this share of the largest
constexpr double kTruncation = 1e-11;  // error of a moment per step, of values of order 1

FullMatrix weighted(const OneUnitTable& table, const std::vector<double>& values, const Eigen::VectorXd& root) {
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto columns = static_cast<Eigen::Index>(table.patterns.size());
  return root.asDiagonal() * Eigen::Map<const Rows>(values.data(), table.steps, columns);
}

// An orthonormal basis of the columns, by Gram-Schmidt with the longest remainder first.
FullMatrix basis_of(const FullMatrix& columns) {
  FullMatrix rest = columns, basis(columns.rows(), 0);
  const double scale = rest.colwise().norm().maxCoeff();
  const Eigen::Index most = std::min(columns.rows(), columns.cols());
  while (basis.cols() < most) {
    Eigen::Index longest = 0;
    const double length = rest.colwise().norm().maxCoeff(&longest);
    if (!(length > kSpan * scale)) break;
    Eigen::VectorXd next = rest.col(longest) / length;
    next -= basis * (basis.transpose() * next);
    next.normalize();
    rest -= next * (next.transpose() * rest);
    basis.conservativeResize(Eigen::NoChange, basis.cols() + 1);
    basis.rightCols(1) = next;
  }
  return basis;
}

}  // namespace

TimeReduction reduce_times(const std::vector<OneUnitTable>& tables) {
  const std::vector<double>& weight = tables.front().weight;
  const Eigen::VectorXd root = Eigen::Map<const Eigen::VectorXd>(weight.data(), weight.size()).cwiseSqrt();
  Eigen::Index columns = 0;
  for (const OneUnitTable& table : tables) columns += static_cast<Eigen::Index>(table.patterns.size());
  FullMatrix mean(root.size(), columns), target(root.size(), columns);
  Eigen::Index at = 0;
  for (const OneUnitTable& table : tables) {
    const auto width = static_cast<Eigen::Index>(table.patterns.size());
    mean.middleCols(at, width) = weighted(table, table.mean, root);
    target.middleCols(at, width) = weighted(table, table.target, root);
    at += width;
  }

  // Turned so that the first functions carry most of <x'>.
  FullMatrix tau = basis_of(mean);
  const FullMatrix shares = tau.transpose() * mean;
  const Eigen::SelfAdjointEigenSolver<FullMatrix> turn(shares * shares.transpose());
  tau = (tau * turn.eigenvectors()).rowwise().reverse().eval();
  const FullMatrix a = tau.transpose() * mean, b = tau.transpose() * target;

  // What the kept functions leave of the sums over all steps.
  TimeReduction reduction;
  reduction.weight = root.squaredNorm();
  FullMatrix rest_xx = mean.transpose() * mean, rest_yx = target.transpose() * mean;
  const auto worst = [&] {
    return std::max(rest_xx.cwiseAbs().maxCoeff(), rest_yx.cwiseAbs().maxCoeff()) / reduction.weight;
  };
  while (reduction.rank < tau.cols() && worst() > kTruncation) {
    rest_xx -= a.row(reduction.rank).transpose() * a.row(reduction.rank);
    rest_yx -= b.row(reduction.rank).transpose() * a.row(reduction.rank);
    ++reduction.rank;
  }
  reduction.truncation = worst();

  at = 0;
  for (const OneUnitTable& table : tables) {
    const auto width = static_cast<Eigen::Index>(table.patterns.size());
    TimeSums& sums = reduction.tables.emplace_back();
    sums.patterns = table.patterns;
    const Eigen::RowVectorXd square = root.transpose() * weighted(table, table.square, root);
    for (Eigen::Index c = at; c < at + width; ++c) {
      for (int k = 0; k < reduction.rank; ++k) sums.values.push_back(a(k, c));
      for (int k = 0; k < reduction.rank; ++k) sums.values.push_back(b(k, c));
      sums.values.insert(sums.values.end(), {root.dot(mean.col(c)), root.dot(target.col(c)), square(c - at)});
    }
    at += width;
  }
  return reduction;
}

}  // namespace swell
