#include "swell/hardware/precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::hardware {

namespace {

// Zeros on a block's diagonal are no couplings and stay; `skip_zeros` keeps them.
void round_to_levels(std::vector<double>& values, int bits, bool skip_zeros) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  if (largest == 0) return;
  const double steps = std::exp2(bits) - 1, step = 2 * largest / steps;
  for (double& value : values) {
    if (skip_zeros && value == 0) continue;
    value = -largest + step * std::clamp(std::round((value + largest) / step), 0.0, steps);
  }
}

}  // namespace

Computer quantise(const Computer& computer, int bits) {
  if (bits < 1 || bits > 24) throw InputError(fmt::format("{} bits per parameter are not allowed; 1 to 24 are", bits));
  Computer result = computer;
  for (CouplingSet& set : result.sets) {
    for (CouplingBlock& block : set.blocks) {
      std::visit([&](auto& weights) { round_to_levels(weights.values, bits, true); }, block.weights);
    }
    round_to_levels(set.bias, bits, true);
  }
  return result;
}

}  // namespace swell::hardware
