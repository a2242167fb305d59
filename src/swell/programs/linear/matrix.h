#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace swell::linear {

// A full matrix, row-major.
struct Matrix {
  int64_t rows = 0, columns = 0;
  std::vector<double> values;  // [rows][columns]

  Matrix() = default;
  Matrix(int64_t row_count, int64_t column_count)
      : rows(row_count), columns(column_count), values(row_count * column_count) {}
  double& operator()(int64_t row, int64_t column) { return values[row * columns + column]; }
  double operator()(int64_t row, int64_t column) const { return values[row * columns + column]; }
};

Matrix identity(int64_t n);
Matrix transpose(const Matrix& a);
// a b, on `threads` threads; the bits do not depend on them.
Matrix product(const Matrix& a, const Matrix& b, int threads);
double frobenius_norm(const Matrix& a);
double trace(const Matrix& a);
// The largest singular value from below, by 30 power iterations on a^T a: within some percent.
double spectral_norm(const Matrix& a);
bool is_symmetric(const Matrix& a);

// A file of Matrix Market (.mtx) or NumPy (.npy, two dimensions, or one for a column). Throws IoError, and InputError
// where the name ends otherwise or the matrix is empty or has an entry that is not finite.
Matrix read_matrix(const std::filesystem::path& path);
// By the file's name likewise; each line of `comment` becomes a comment where the format has any.
void write_matrix(const std::filesystem::path& path, const Matrix& a, std::string_view comment);

// These throw InputError, naming the matrix by `name`.
void require_square(const Matrix& a, std::string_view name);
// Symmetric to 1e-12 of the largest entry, and what is left of asymmetry taken out.
void require_symmetric(Matrix& a, std::string_view name);
// Symmetric positive definite: by whether a Cholesky factor exists, which is not kept.
void require_positive_definite(Matrix& a, std::string_view name);

}  // namespace swell::linear
