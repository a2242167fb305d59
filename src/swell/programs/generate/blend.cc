#include "swell/programs/generate/blend.h"

#include <algorithm>
#include <cmath>

namespace swell::generate {

namespace {

using Vector = std::vector<double>;

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t p = 0; p < a.size(); ++p) sum += a[p] * b[p];
  return sum;
}

void take_off(Vector& vector, const Vector& direction) {
  const double along = dot(vector, direction);
  for (size_t p = 0; p < vector.size(); ++p) vector[p] -= along * direction[p];
}

// Scaled to length 1; false where next to nothing is left of it.
bool normalise(Vector& vector, double least_square) {
  const double square = dot(vector, vector);
  if (!(square > least_square)) return false;
  for (double& value : vector) value /= std::sqrt(square);
  return true;
}

// The images with a length of 1, and an orthonormal basis of their span (Gram and Schmidt, twice).
struct Span {
  std::vector<Vector> images, basis;
};

Span span_of(const DataSet& set) {
  Span span;
  const int64_t pixels = set.width();
  for (int64_t k = 0; k < set.rows(); ++k) {
    Vector image(set.values.begin() + k * pixels, set.values.begin() + (k + 1) * pixels);
    if (!normalise(image, 0)) continue;
    span.images.push_back(image);
    for (int pass = 0; pass < 2; ++pass) {
      for (const Vector& direction : span.basis) take_off(image, direction);
    }
    // What single precision leaves of an image that the others hold already.
    if (normalise(image, 1e-10)) span.basis.push_back(std::move(image));
  }
  return span;
}

double blend_of(const Vector& sample, const Span& span) {
  double picture = 0, nearest = 0;
  for (const Vector& direction : span.basis) picture += std::pow(dot(sample, direction), 2);
  for (const Vector& image : span.images) nearest = std::max(nearest, dot(sample, image));
  if (!(nearest > 0)) return 1;
  const auto rank = static_cast<double>(span.basis.size()), pixels = static_cast<double>(sample.size());
  const double outside = std::max(0.0, dot(sample, sample) - picture),
               noise = pixels > rank ? outside / (pixels - rank) : 0;
  const double beside = picture - nearest * nearest - (rank - 1) * noise, all = picture - rank * noise;
  return all > 0 ? std::min(1.0, beside / all) : 1.0;
}

}  // namespace

std::vector<double> blends(std::span<const float> samples, int64_t count, const DataSet& images) {
  const Span span = span_of(images);
  const int64_t pixels = images.width();
  std::vector<double> result;
  for (int64_t s = 0; s < count; ++s)
    result.push_back(blend_of({samples.begin() + s * pixels, samples.begin() + (s + 1) * pixels}, span));
  return result;
}

}  // namespace swell::generate
