#include "swell/programs/linear/matrix_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/gzip.h"
#include "swell/io/matrix_market.h"
#include "swell/io/npy.h"

namespace swell::linear {

namespace {

constexpr size_t kMostBytes = size_t{1} << 33;  // of a file whose name does not say what it is

Matrix from_npy(NpyArray array, const std::string& name) {
  if (array.shape.size() != 1 && array.shape.size() != 2)
    throw InputError(fmt::format("{}: {} dimensions, a matrix has 2 (or 1 for a column)", name, array.shape.size()));
  Matrix result;
  result.rows = array.shape[0];
  result.columns = array.shape.size() == 2 ? array.shape[1] : 1;
  result.values = std::move(array.values);
  return result;
}

Matrix from_market(const MarketMatrix& market, const std::string& name) {
  Matrix result;
  result.rows = market.rows;
  result.columns = market.columns;
  result.values = to_dense(market, name);
  return result;
}

// By the file's name, and where that says nothing by its first bytes.
Matrix from_file(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (name.ends_with(".npy") || name.ends_with(".npz") || name.ends_with(".npy.gz") ||
      name.find(".npz:") != std::string::npos)
    return from_npy(read_npy(path), path.string());
  if (name.ends_with(".mtx") || name.ends_with(".mtx.gz")) return from_market(read_matrix_market(path), path.string());
  // Read once: a pipe gives its bytes to the first that asks.
  std::vector<std::byte> bytes = read_file(path, kMostBytes);
  if (is_gzip(bytes)) bytes = inflate_gzip(bytes, path.string(), kMostBytes);
  const std::string_view start = as_text(bytes).substr(0, 16);
  if (start.starts_with("\x93NUMPY") || start.starts_with("PK\x03\x04"))
    return from_npy(parse_npy_or_npz(bytes, "", path.string()), path.string());
  if (start.find("%%MatrixMark") < 4) return from_market(parse_matrix_market(bytes, path.string()), path.string());
  throw InputError(fmt::format(
      "{}: not a matrix file; allowed are Matrix Market (.mtx, .mtx.gz) and NumPy arrays (.npy, .npz)", path.string()));
}

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

}  // namespace swell::linear
