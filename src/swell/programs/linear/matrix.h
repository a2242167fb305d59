#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "swell/kernels/matrices.h"

namespace swell::linear {

using swell::frobenius_norm;
using swell::identity;
using swell::Matrix;
using swell::norm_of;
using swell::product;
using swell::spectral_norm;
using swell::trace;
using swell::transpose;

// As far as single precision can hold a matrix.
bool is_symmetric(const Matrix& a);

// These throw InputError, naming the matrix by `name`.
void require_square(const Matrix& a, std::string_view name);
// Symmetric as far as single precision can hold a matrix, and what is left of asymmetry taken out. Returns the largest
// difference between two halves as a share of the largest entry, 0 where it is below 1e-12.
double require_symmetric(Matrix& a, std::string_view name);
// Symmetric positive definite: by whether a Cholesky factor exists, which is not kept. Returns as require_symmetric.
double require_positive_definite(Matrix& a, std::string_view name);

}  // namespace swell::linear
