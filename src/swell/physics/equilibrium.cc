#include "swell/physics/equilibrium.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "swell/base/errors.h"
#include "swell/physics/onsite.h"

namespace swell {

namespace {

constexpr double kTail = 45;  // the law ends where it is e^-45 of its largest value

double tilted_energy(double x, double J2, double J3, double J4, double force) {
  return onsite_energy(x, J2, J3, J4) - force * x;
}

// Where U may be low: beyond it U rises by itself, since its terms of lower order are outweighed.
double reach(double J2, double J3, double J4, double force, double kT) {
  const double tail = kTail * kT;
  if (J4 > 0) {
    return 2 * std::max({1e-6, std::abs(J3) / J4 * 2, std::sqrt(std::abs(J2) / J4) * 2,
                         std::cbrt(std::abs(force) / J4) * 2, std::pow(tail / J4, 0.25) * 2});
  }
  return 2 * std::max({1e-6, std::abs(force) / J2 * 2, std::sqrt(tail / J2) * 2});
}

// Where a law lives, and how deep its potential is there.
struct Range {
  double low = 0, high = 0, lowest = 0;
};

Range find_range(double J2, double J3, double J4, double force, double kT, int points) {
  if (!(kT > 0)) throw InputError(fmt::format("an equilibrium has kT > 0; got {}", kT));
  if (!(J4 > 0 || (J4 == 0 && J3 == 0 && J2 > 0))) {
    throw InputError(fmt::format(
        "J2 = {}, J3 = {}, J4 = {} do not confine a unit; J4 > 0 is needed, or J2 > 0 with J3 = J4 = 0", J2, J3, J4));
  }
  const auto U = [&](double x) { return tilted_energy(x, J2, J3, J4, force); };
  // Twice: first the whole reach coarsely, to find where the law lives, then that part alone.
  double low = -reach(J2, J3, J4, force, kT), high = -low;
  double lowest = 0;
  for (int pass = 0; pass < 3; ++pass) {
    const double step = (high - low) / points, from = low;
    lowest = INFINITY;
    for (int k = 0; k <= points; ++k) lowest = std::min(lowest, U(from + k * step));
    int first = points, last = 0;
    for (int k = 0; k <= points; ++k) {
      if (U(from + k * step) - lowest > kTail * kT) continue;
      first = std::min(first, k);
      last = std::max(last, k);
    }
    low = from + (first - 1) * step;
    high = from + (last + 1) * step;
  }
  return {low, high, lowest};
}

}  // namespace

UnitEquilibrium unit_equilibrium(double J2, double J3, double J4, double force, double kT, int points) {
  const auto [low, high, lowest] = find_range(J2, J3, J4, force, kT, points);
  const double step = (high - low) / points;
  double weight = 0, first = 0, second = 0;
  const double middle = 0.5 * (low + high);  // moments about it lose no digits to a far mean
  for (int k = 0; k <= points; ++k) {
    const double x = low + k * step, d = x - middle;
    const double w = std::exp((lowest - tilted_energy(x, J2, J3, J4, force)) / kT);
    weight += w;
    first += w * d;
    second += w * d * d;
  }
  const double mean = first / weight;
  return {middle + mean, second / weight - mean * mean};
}

UnitLaw::UnitLaw(double J2, double J3, double J4, double force, double kT) {
  const Range range = find_range(J2, J3, J4, force, kT, 20000);
  constexpr int kCells = 2000;
  low_ = range.low;
  step_ = (range.high - range.low) / kCells;
  const auto weight = [&](int k) {
    return std::exp((range.lowest - tilted_energy(low_ + k * step_, J2, J3, J4, force)) / kT);
  };
  below_ = {0};
  for (int k = 1; k <= kCells; ++k) below_.push_back(below_.back() + 0.5 * (weight(k - 1) + weight(k)));
  const double whole = below_.back();
  for (double& value : below_) value /= whole;
}

double UnitLaw::quantile(double p) const {
  const auto above = std::ranges::upper_bound(below_, p);
  const auto k = std::clamp<int64_t>(above - below_.begin(), 1, static_cast<int64_t>(below_.size()) - 1);
  const double share = below_[k] > below_[k - 1] ? (p - below_[k - 1]) / (below_[k] - below_[k - 1]) : 0.5;
  return low_ + (static_cast<double>(k - 1) + std::clamp(share, 0.0, 1.0)) * step_;
}

}  // namespace swell
