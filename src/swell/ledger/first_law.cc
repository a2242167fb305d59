#include "swell/ledger/first_law.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace swell {

namespace {

constexpr double kRounding = 1e-7;  // of the energies in the books, generously

}  // namespace

std::string FirstLaw::complaint() const {
  if (share <= kRounding) return "";
  return fmt::format(
      "the books do not close: the change of V and work - heat of a trajectory differ by {:.2g} of the energies in "
      "them, where {:g} is rounding",
      share, kRounding);
}

FirstLaw first_law(const Run& run) {
  FirstLaw law;
  for (int64_t t = 0; t < run.trajectories; ++t) {
    double change = 0, size = std::abs(run.end_energy[t]) + std::abs(run.start_energy[t]);
    for (int64_t s = 0; s < run.segments; ++s) {
      const SegmentBooks& books = run.book(t, s);
      change += books.work - books.heat;
      size += std::abs(books.work) + std::abs(books.heat);
    }
    const double residual = std::abs(run.end_energy[t] - run.start_energy[t] - change);
    law.residual = std::max(law.residual, residual);
    if (residual > 0) law.share = std::max(law.share, residual / size);
  }
  return law;
}

}  // namespace swell
