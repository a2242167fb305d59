#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
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
// Root of the sum of squares, at any scale that a double can hold.
double norm_of(std::span<const double> values);
double frobenius_norm(const Matrix& a);
double trace(const Matrix& a);
// The largest singular value from below, by 30 power iterations on a^T a: within some percent.
double spectral_norm(const Matrix& a);
bool is_symmetric(const Matrix& a);

// A file of Matrix Market (.mtx, .mtx.gz) or NumPy (.npy, .npz, FILE.npz:NAME; two dimensions, or one for a column);
// under another name the first bytes tell. Throws IoError, and InputError where the file is neither, or the matrix is
// empty or has an entry that is not finite.
Matrix read_matrix(const std::filesystem::path& path);
// By the file's name likewise; each line of `comment` becomes a comment where the format has any.
void write_matrix(const std::filesystem::path& path, const Matrix& a, std::string_view comment);

// These throw InputError, naming the matrix by `name`.
void require_square(const Matrix& a, std::string_view name);
// Symmetric as far as single precision can hold a matrix, and what is left of asymmetry taken out. Returns the largest
// difference between two halves as a share of the largest entry, 0 where it is below 1e-12.
double require_symmetric(Matrix& a, std::string_view name);
// Symmetric positive definite: by whether a Cholesky factor exists, which is not kept. Returns as require_symmetric.
double require_positive_definite(Matrix& a, std::string_view name);

// Powers of two t with t_i^2 a_ii near 1: what the rows and columns of a badly scaled symmetric matrix are multiplied
// by.
std::vector<double> equilibration(const Matrix& a);
// t_i a_ij t_j.
Matrix equilibrated(const Matrix& a, std::span<const double> t);
// The power of two next below the largest |value|; 1 where all are zero.
double scale_of(std::span<const double> values);

}  // namespace swell::linear
