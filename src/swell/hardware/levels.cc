#include "swell/hardware/levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::hardware {

Levels levels_for(std::span<const double> values, int bits) {
  if (bits < 2 || bits > 24) throw InputError(fmt::format("{} bits per parameter are not allowed; 2 to 24 are", bits));
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  const double count = std::exp2(bits - 1) - 1;
  return {count, largest / count};
}

}  // namespace swell::hardware
