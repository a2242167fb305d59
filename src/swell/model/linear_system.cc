#include "swell/model/linear_system.h"

#include <fmt/format.h>

#include <cmath>

#include "swell/base/errors.h"

namespace swell {

namespace {

void require_finite(const std::vector<double>& values, std::string_view what, std::string_view where) {
  for (size_t k = 0; k < values.size(); ++k) {
    if (!std::isfinite(values[k]))
      throw InputError(
          fmt::format("{}: entry {} of the {} is {}; a finite number is needed", where, k, what, values[k]));
  }
}

}  // namespace

void validate(const LinearSystem& system, std::string_view where) {
  const int64_t m = system.size();
  const auto fits = [&](const Matrix& a) {
    return a.rows == m && a.columns == m && static_cast<int64_t>(a.values.size()) == m * m;
  };
  if (m < 1 || !fits(system.drift) || !fits(system.noise) || static_cast<int64_t>(system.c.size()) != m) {
    throw InputError(fmt::format(
        "{}: a drift of {} x {}, a noise of {} x {} and {} constants do not make a linear system; all three "
        "of one size are needed",
        where, system.drift.rows, system.drift.columns, system.noise.rows, system.noise.columns, system.c.size()));
  }
  require_finite(system.drift.values, "drift", where);
  require_finite(system.noise.values, "noise", where);
  require_finite(system.c, "constants", where);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      const double a = system.noise(i, j), b = system.noise(j, i);
      if (std::abs(a - b) > 1e-9 * (std::abs(a) + std::abs(b)))
        throw InputError(fmt::format("{}: the noise is not symmetric: entry ({}, {}) is {} and entry ({}, {}) is {}",
                                     where, i + 1, j + 1, a, j + 1, i + 1, b));
    }
  }
}

}  // namespace swell
