#include "swell/hardware/precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::hardware {

namespace {

void round_to_levels(std::vector<double>& values, int bits) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  if (largest == 0) return;
  const double step = largest / (std::exp2(bits - 1) - 1);
  for (double& value : values) value = step * std::round(value / step);
}

}  // namespace

Computer quantise(const Computer& computer, int bits) {
  if (bits < 2 || bits > 24) throw InputError(fmt::format("{} bits per parameter are not allowed; 2 to 24 are", bits));
  Computer result = computer;
  for (CouplingSet& set : result.sets) {
    for (CouplingBlock& block : set.blocks) {
      std::visit([&](auto& weights) { round_to_levels(weights.values, bits); }, block.weights);
    }
    round_to_levels(set.bias, bits);
  }
  return result;
}

}  // namespace swell::hardware
