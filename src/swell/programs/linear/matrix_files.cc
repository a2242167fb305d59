#include "swell/programs/linear/matrix_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/matrix_market.h"
#include "swell/io/npy.h"

namespace swell::linear {

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
