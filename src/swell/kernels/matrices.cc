#include "swell/kernels/matrices.h"

#include <algorithm>
#include <cmath>

#include "swell/kernels/matrix_product.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell {

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
  // Where starting a thread takes longer than the product.
  if (static_cast<double>(a.rows) * static_cast<double>(b.columns) * static_cast<double>(a.columns) < 1e6) threads = 1;
  add_product(a.rows, b.columns, a.columns, a.values.data(), a.columns, b.values.data(), b.columns,
              result.values.data(), b.columns, threads);
  return result;
}

bool is_diagonal(const Matrix& a) {
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) {
      if (i != j && a(i, j) != 0) return false;
    }
  }
  return true;
}

double norm_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  if (sum > 1e-250 && sum < 1e250) return std::sqrt(sum);
  // Squares that a double cannot hold: in units of the largest value.
  const double scale = scale_of(values);
  if (!std::isfinite(scale)) return scale;
  sum = 0;
  for (const double value : values) sum += (value / scale) * (value / scale);
  return scale * std::sqrt(sum);
}

double frobenius_norm(const Matrix& a) { return norm_of(a.values); }

double scale_of(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) {
    if (std::isnan(value)) return value;
    largest = std::max(largest, std::abs(value));
  }
  if (!(largest > 0) || std::isinf(largest)) return largest > 0 ? largest : 1;
  return std::ldexp(1.0, std::clamp(std::ilogb(largest), -1022, 1023));
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
  const double scale = scale_of(a.values);  // so that squares fit a double
  double norm = 0;
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    double squares = 0;
    for (const double value : v) squares += value * value;
    if (!(squares > 0)) return scale * norm;
    for (double& value : v) value /= std::sqrt(squares);
    norm = 0;
    for (int64_t i = 0; i < a.rows; ++i) {
      w[i] = 0;
      for (int64_t j = 0; j < a.columns; ++j) w[i] += a(i, j) / scale * v[j];
      norm += w[i] * w[i];
    }
    norm = std::sqrt(norm);
    std::ranges::fill(v, 0.0);
    for (int64_t i = 0; i < a.rows; ++i) {
      for (int64_t j = 0; j < a.columns; ++j) v[j] += a(i, j) / scale * w[i];
    }
  }
  return scale * norm;
}

std::vector<double> equilibration(const Matrix& a) {
  std::vector<double> t(a.rows);
  for (int64_t i = 0; i < a.rows; ++i)
    t[i] = a(i, i) > 0 ? std::ldexp(1.0, -static_cast<int>(std::lround(std::log2(a(i, i)) / 2))) : 1;
  return t;
}

Matrix equilibrated(const Matrix& a, std::span<const double> t) {
  Matrix result(a.rows, a.columns);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) result(i, j) = t[i] * a(i, j) * t[j];
  }
  return result;
}

}  // namespace swell
