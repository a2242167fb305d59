#include "swell/programs/linear/matrix.h"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <fstream>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/matrix_market.h"
#include "swell/io/npy.h"

namespace swell::linear {

// The most by which the halves of a matrix may differ that somebody computed in single precision.
constexpr double kSinglePrecision = 1e-6;

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

Matrix from_npy(const std::filesystem::path& path) {
  NpyArray array = read_npy(path);
  if (array.shape.size() != 1 && array.shape.size() != 2)
    throw InputError(
        fmt::format("{}: {} dimensions, a matrix has 2 (or 1 for a column)", path.string(), array.shape.size()));
  Matrix result;
  result.rows = array.shape[0];
  result.columns = array.shape.size() == 2 ? array.shape[1] : 1;
  result.values = std::move(array.values);
  return result;
}

Matrix from_market(const std::filesystem::path& path) {
  const MarketMatrix market = read_matrix_market(path);
  Matrix result;
  result.rows = market.rows;
  result.columns = market.columns;
  result.values = to_dense(market, path.string());
  return result;
}

std::string first_bytes(const std::filesystem::path& path, size_t count) {
  std::string bytes(count, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return bytes;
}

// By the file's name, and where that says nothing by its first bytes.
Matrix from_file(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name.ends_with(".npy") || name.ends_with(".npz") || name.ends_with(".npy.gz") ||
      name.find(".npz:") != std::string::npos)
    return from_npy(path);
  if (name.ends_with(".mtx") || name.ends_with(".mtx.gz")) return from_market(path);
  const std::string start = first_bytes(path, 16);
  if (start.starts_with("\x93NUMPY")) return from_npy(path);
  if (start.find("%%MatrixMark") < 4) return from_market(path);
  if (start.empty()) read_file(path, 1 << 20);  // says why it cannot be read, if so
  throw InputError(fmt::format(
      "{}: not a matrix file; allowed are Matrix Market (.mtx, .mtx.gz) and NumPy arrays (.npy, .npz)", path.string()));
}

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

Matrix read_matrix(const std::filesystem::path& path) {
  Matrix result = from_file(path);
  const std::string name = path.string();
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
  if (a.rows == 0) throw InputError(fmt::format("{}: the matrix is empty", name));
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
