#include "swell/programs/linear/matrix.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::linear {

// The most by which the halves of a matrix may differ that somebody computed in single precision.
constexpr double kSinglePrecision = 1e-6;
// Of the largest entry: beyond, its inverse or a sum of a few of its like is no number any more.
constexpr double kLeastScale = 1e-300, kMostScale = 1e300;

namespace {

// What the difference of two halves is measured against: the two entries, and the diagonal that belongs to them.
double size_at(const Matrix& a, int64_t i, int64_t j) {
  return std::max({std::abs(a(i, j)), std::abs(a(j, i)), std::sqrt(std::abs(a(i, i))) * std::sqrt(std::abs(a(j, j)))});
}

}  // namespace

bool is_symmetric(const Matrix& a) {
  if (a.rows != a.columns) return false;
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      if (std::abs(a(i, j) - a(j, i)) > kSinglePrecision * size_at(a, i, j)) return false;
    }
  }
  return true;
}

namespace {

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

void require_square(const Matrix& a, std::string_view name) {
  if (a.rows != a.columns)
    throw InputError(fmt::format("{}: the matrix is {} x {}, a square one is needed", name, a.rows, a.columns));
  if (a.rows == 0) throw InputError(fmt::format("{}: the matrix is empty", name));
  double largest = 0;
  for (const double value : a.values) largest = std::max(largest, std::abs(value));
  if (largest != 0 && !(largest >= kLeastScale && largest <= kMostScale)) {
    throw InputError(fmt::format(
        "{}: the largest entry is {:g}; {:g} to {:g} is allowed, so that inverses and sums are numbers, too", name,
        largest, kLeastScale, kMostScale));
  }
}

double require_symmetric(Matrix& a, std::string_view name) {
  require_square(a, name);
  double largest = 0, difference = 0;
  for (const double value : a.values) largest = std::max(largest, std::abs(value));
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      const double apart = std::abs(a(i, j) - a(j, i));
      if (!(apart <= kSinglePrecision * size_at(a, i, j)) && !(apart <= 1e-12 * largest)) {
        throw InputError(fmt::format("{}: not symmetric: entry ({}, {}) is {} and entry ({}, {}) is {}", name, i + 1,
                                     j + 1, a(i, j), j + 1, i + 1, a(j, i)));
      }
      difference = std::max(difference, apart);
      a(i, j) = a(j, i) = 0.5 * a(i, j) + 0.5 * a(j, i);
    }
  }
  return difference > 1e-12 * largest ? difference / largest : 0;
}

double require_positive_definite(Matrix& a, std::string_view name) {
  const double asymmetry = require_symmetric(a, name);
  for (int64_t i = 0; i < a.rows; ++i) {
    if (!(a(i, i) > 0))
      throw InputError(
          fmt::format("{}: not positive definite: entry ({}, {}) of the diagonal is {}", name, i + 1, i + 1, a(i, i)));
  }
  // Units of the rows and columns do not matter.
  const Matrix even = equilibrated(a, equilibration(a));
  const Eigen::LLT<Rows> factor(Eigen::Map<const Rows>(even.values.data(), a.rows, a.columns));
  const double least = factor.info() == Eigen::Success ? factor.matrixLLT().diagonal().cwiseAbs().minCoeff() : 0;
  const double most = factor.info() == Eigen::Success ? factor.matrixLLT().diagonal().cwiseAbs().maxCoeff() : 1;
  // Pivots that are rounding errors of the largest one.
  if (!(least > 1e-7 * most)) {
    throw InputError(
        fmt::format("{}: not positive definite (singular, indefinite, or of a condition number beyond about 1e14): its "
                    "units would have no equilibrium",
                    name));
  }
  return asymmetry;
}

}  // namespace swell::linear
