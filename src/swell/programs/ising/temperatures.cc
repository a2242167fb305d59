#include "swell/programs/ising/temperatures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/programs/ising/local_search.h"
#include "swell/random/streams.h"

namespace swell::ising {

namespace {

constexpr double kHot = 0.45, kCold = 0.06;  // of the fields' spread
constexpr double kFrozen = 0.02;             // of the median cost of a hop
constexpr double kCancelled = 0.1;           // of the spread: where the median hop costs less, scales differ

}  // namespace

Range temperature_range(const IsingModel& model) {
  // Fields of random signs spread by the root of their squares' sum.
  double largest = 0;
  for (const double J : model.J) largest = std::max(largest, std::abs(J));
  for (const double h : model.h) largest = std::max(largest, std::abs(h));
  if (largest == 0) return {kHot, kCold, false};
  double squares = 0;
  int64_t busy = 0;
  for (int64_t i = 0; i < model.units; ++i) {
    double sum = std::pow(model.h[i] / largest, 2);
    for (int64_t k = model.row_start[i]; k < model.row_start[i + 1]; ++k) sum += std::pow(model.J[k] / largest, 2);
    squares += sum;
    busy += sum > 0;
  }
  const double spread = largest * std::sqrt(squares / static_cast<double>(busy));
  LocalSearch minimum(model, std::vector<int8_t>(model.units, 1));
  minimum.descend();
  Sequence draws({1, stream::kPbitSwaps}, 0);
  const HopScale hops = hop_scale(minimum, draws);
  const bool wide = hops.median > 0 && hops.median < kCancelled * spread;
  return {kHot * spread, wide ? kFrozen * hops.median : kCold * spread, wide};
}

void require_cooling(double hot, double cold) {
  if (hot <= 0 || cold <= hot) return;
  throw InputError(fmt::format(
      "the last kT, {}, is above the first, {}; a search begins hot and ends cold, or keeps one kT", cold, hot));
}

Range between(Range own, double hot, double cold) {
  require_cooling(hot, cold);
  const double ratio = own.hot / own.cold;
  if (hot > 0) own.cold = own.cold > hot ? hot / ratio : own.cold;
  if (cold > 0) own.hot = own.hot < cold ? cold * ratio : own.hot;
  return {hot > 0 ? hot : own.hot, cold > 0 ? cold : own.cold, own.wide};
}

Protocol cooling(const Range& range, int64_t sweeps) {
  Segment segment;
  segment.name = "cooling";
  segment.duration = static_cast<double>(sweeps);
  segment.couplings = 0;
  const double last = static_cast<double>(sweeps - 1) / static_cast<double>(sweeps);
  segment.kT.geometric = range.wide;
  segment.kT.knots = {{0.0, range.hot}, {last, range.cold}};
  if (sweeps == 1) segment.kT.knots = {{0.0, range.cold}};
  return {"cooling", {segment}};
}

}  // namespace swell::ising
