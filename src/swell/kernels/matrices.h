#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "swell/model/matrix.h"

namespace swell {

Matrix identity(int64_t n);
Matrix transpose(const Matrix& a);
bool is_diagonal(const Matrix& a);
// a b, on `threads` threads; the bits do not depend on them.
Matrix product(const Matrix& a, const Matrix& b, int threads);
// Root of the sum of squares, at any scale that a double can hold.
double norm_of(std::span<const double> values);
double frobenius_norm(const Matrix& a);
double trace(const Matrix& a);
// The largest singular value from below, by 30 power iterations on a^T a: within some percent.
double spectral_norm(const Matrix& a);
// The power of two next below the largest |value|; 1 where all are zero.
double scale_of(std::span<const double> values);

// Powers of two t with t_i^2 a_ii near 1: what the rows and columns of a badly scaled symmetric matrix are multiplied
// by.
std::vector<double> equilibration(const Matrix& a);
// t_i a_ij t_j.
Matrix equilibrated(const Matrix& a, std::span<const double> t);

}  // namespace swell
