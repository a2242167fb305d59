#include "swell/programs/linear/rounding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/random/normal.h"
#include "swell/random/streams.h"

namespace swell::linear {

namespace {

template <class Round>
Matrix rounded(const Matrix& a, const Round& round) {
  Matrix result = a;
  const bool symmetric = is_symmetric(a);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) result(i, j) = symmetric && j < i ? result(j, i) : round(a(i, j), i, j);
  }
  return result;
}

}  // namespace

double level_of(const Matrix& a, int bits) {
  if (bits < 2 || bits > 24) throw InputError(fmt::format("{} bits per coupling are not allowed, 2 to 24 are", bits));
  double largest = 0;
  for (const double value : a.values) largest = std::max(largest, std::abs(value));
  return largest / static_cast<double>((1 << (bits - 1)) - 1);
}

Matrix round_to_bits(const Matrix& a, int bits) {
  const double level = level_of(a, bits);
  return rounded(a, [&](double value, int64_t, int64_t) { return level > 0 ? std::round(value / level) * level : 0; });
}

Matrix round_to_bits(const Matrix& a, int bits, int64_t realisation, int64_t realisations, uint64_t seed) {
  const double level = level_of(a, bits);
  return rounded(a, [&](double value, int64_t i, int64_t j) {
    if (!(level > 0)) return 0.0;
    // Of the n realisations, the k-th goes up where its place in a random cyclic order is below the share p.
    const double low = std::floor(value / level), p = value / level - low;
    const Words4 words =
        noise_words({seed, stream::kRounding}, static_cast<uint32_t>(j), 0, static_cast<uint32_t>(i), 1);
    const auto n = static_cast<uint64_t>(realisations);
    const uint64_t place = (static_cast<uint64_t>(realisation) * (2 * (words.a % n) + 1) + words.b) % n;
    return (low + ((static_cast<double>(place) + 0.5) / static_cast<double>(n) < p ? 1 : 0)) * level;
  });
}

}  // namespace swell::linear
