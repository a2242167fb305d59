#include "swell/programs/linear/matrix.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/engine/matrix_product.h"
#include "swell/io/atomic_file.h"
#include "swell/io/matrix_market.h"
#include "swell/io/npy.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::linear {

Matrix identity(int64_t n) {
  Matrix result(n, n);
  for (int64_t i = 0; i < n; ++i) result(i, i) = 1;
  return result;
}

Matrix transpose(const Matrix& a) {
  Matrix result(a.columns, a.rows);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) result(j, i) = a(i, j);
  }
  return result;
}

Matrix product(const Matrix& a, const Matrix& b, int threads) {
  Matrix result(a.rows, b.columns);
  add_product(a.rows, b.columns, a.columns, a.values.data(), a.columns, b.values.data(), b.columns,
              result.values.data(), b.columns, threads);
  return result;
}

double frobenius_norm(const Matrix& a) {
  double sum = 0;
  for (const double value : a.values) sum += value * value;
  return std::sqrt(sum);
}

double trace(const Matrix& a) {
  double sum = 0;
  for (int64_t i = 0; i < std::min(a.rows, a.columns); ++i) sum += a(i, i);
  return sum;
}

double spectral_norm(const Matrix& a) {
  constexpr int kIterations = 30;
  std::vector<double> v(a.columns), w(a.rows);
  for (int64_t j = 0; j < a.columns; ++j) v[j] = draw_normal({1, stream::kProbe}, 0, 0, j);
  double norm = 0;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    double squares = 0;
    for (const double value : v) squares += value * value;
    if (!(squares > 0)) return norm;
    for (double& value : v) value /= std::sqrt(squares);
    norm = 0;
    for (int64_t i = 0; i < a.rows; ++i) {
      w[i] = 0;
      for (int64_t j = 0; j < a.columns; ++j) w[i] += a(i, j) * v[j];
      norm += w[i] * w[i];
    }
    norm = std::sqrt(norm);
    std::ranges::fill(v, 0.0);
    for (int64_t i = 0; i < a.rows; ++i) {
      for (int64_t j = 0; j < a.columns; ++j) v[j] += a(i, j) * w[i];
    }
  }
  return norm;
}

bool is_symmetric(const Matrix& a) {
  double largest = 0, difference = 0;
  if (a.rows != a.columns) return false;
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) {
      largest = std::max(largest, std::abs(a(i, j)));
      difference = std::max(difference, std::abs(a(i, j) - a(j, i)));
    }
  }
  return difference <= 1e-12 * largest;
}

Matrix read_matrix(const std::filesystem::path& path) {
  Matrix result;
  const std::string name = path.string();
  if (path.extension() == ".npy") {
    NpyArray array = read_npy(path);
    if (array.shape.size() != 1 && array.shape.size() != 2)
      throw InputError(fmt::format("{}: {} dimensions, a matrix has 2 (or 1 for a column)", name, array.shape.size()));
    result.rows = array.shape[0];
    result.columns = array.shape.size() == 2 ? array.shape[1] : 1;
    result.values = std::move(array.values);
  } else if (path.extension() == ".mtx") {
    const MarketMatrix market = read_matrix_market(path);
    result.rows = market.rows;
    result.columns = market.columns;
    result.values = to_dense(market, name);
  } else {
    throw InputError(fmt::format("{}: the name ends in '{}', allowed are .mtx (Matrix Market) and .npy", name,
                                 path.extension().string()));
  }
  if (result.values.empty())
    throw InputError(
        fmt::format("{}: the matrix is {} x {}, at least 1 x 1 is needed", name, result.rows, result.columns));
  for (int64_t i = 0; i < result.rows; ++i) {
    for (int64_t j = 0; j < result.columns; ++j) {
      if (!std::isfinite(result(i, j)))
        throw InputError(
            fmt::format("{}: entry ({}, {}) is {}, finite numbers are allowed", name, i + 1, j + 1, result(i, j)));
    }
  }
  return result;
}

void write_matrix(const std::filesystem::path& path, const Matrix& a, std::string_view comment) {
  if (path.extension() == ".npy") {
    write_npy(path, std::vector<int64_t>{a.rows, a.columns}, std::span<const double>(a.values));
  } else {
    write_file_atomically(path, encode_matrix_market(a.values, a.rows, a.columns, comment));
  }
}

void require_square(const Matrix& a, std::string_view name) {
  if (a.rows != a.columns)
    throw InputError(fmt::format("{}: the matrix is {} x {}, a square one is needed", name, a.rows, a.columns));
}

void require_symmetric(Matrix& a, std::string_view name) {
  require_square(a, name);
  double largest = 0;
  for (const double value : a.values) largest = std::max(largest, std::abs(value));
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      if (!(std::abs(a(i, j) - a(j, i)) <= 1e-12 * largest)) {
        throw InputError(fmt::format("{}: not symmetric: entry ({}, {}) is {:g} and entry ({}, {}) is {:g}", name,
                                     i + 1, j + 1, a(i, j), j + 1, i + 1, a(j, i)));
      }
      a(i, j) = a(j, i) = 0.5 * (a(i, j) + a(j, i));
    }
  }
}

void require_positive_definite(Matrix& a, std::string_view name) {
  require_symmetric(a, name);
  for (int64_t i = 0; i < a.rows; ++i) {
    if (!(a(i, i) > 0))
      throw InputError(fmt::format("{}: not positive definite: entry ({}, {}) of the diagonal is {:g}", name, i + 1,
                                   i + 1, a(i, i)));
  }
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::LLT<Rows> factor(Eigen::Map<const Rows>(a.values.data(), a.rows, a.columns));
  const double least = factor.info() == Eigen::Success ? factor.matrixLLT().diagonal().cwiseAbs().minCoeff() : 0;
  const double most = factor.info() == Eigen::Success ? factor.matrixLLT().diagonal().cwiseAbs().maxCoeff() : 1;
  // Pivots that are rounding errors of the largest one.
  if (!(least > 1e-7 * most)) {
    throw InputError(
        fmt::format("{}: not positive definite (singular, indefinite, or of a condition number beyond about 1e14): its "
                    "units would have no equilibrium",
                    name));
  }
}

}  // namespace swell::linear
