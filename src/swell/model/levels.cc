#include "swell/model/levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell {

Levels levels_up_to(double largest, int bits) {
  if (bits < 2 || bits > 24) throw InputError(fmt::format("{} bits per parameter are not allowed; 2 to 24 are", bits));
  const double count = std::exp2(bits - 1) - 1;
  return {count, largest / count};
}

Levels levels_for(std::span<const double> values, int bits) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return levels_up_to(largest, bits);
}

double nearest_level(double value, double step) { return step > 0 ? std::round(value / step) : 0; }

}  // namespace swell
