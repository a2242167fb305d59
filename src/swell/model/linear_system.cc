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

void require_symmetric(const Matrix& matrix, std::string_view what, std::string_view where) {
  for (int64_t i = 0; i < matrix.rows; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      const double a = matrix(i, j), b = matrix(j, i);
      if (std::abs(a - b) > 1e-9 * (std::abs(a) + std::abs(b)))
        throw InputError(fmt::format("{}: the {} is not symmetric: entry ({}, {}) is {} and entry ({}, {}) is {}",
                                     where, what, i + 1, j + 1, a, j + 1, i + 1, b));
    }
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
  require_symmetric(system.noise, "noise", where);
  if (system.stiffness.values.empty()) return;
  if (!fits(system.stiffness))
    throw InputError(fmt::format("{}: a stiffness of {} x {} for {} quantities; it has a row and a column for each",
                                 where, system.stiffness.rows, system.stiffness.columns, m));
  require_finite(system.stiffness.values, "stiffness", where);
  require_symmetric(system.stiffness, "stiffness", where);
}

}  // namespace swell
