#include "swell/hardware/precision.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::hardware {

namespace {

// Levels of one block of parameters, and its own table of draws.
class Levels {
 public:
  Levels(const std::vector<double>& values, int bits, Rounding rounding, uint64_t seed, uint64_t table)
      : rounding_(rounding), key_{seed, stream::kRounding}, table_(table) {
    double largest = 0;
    for (const double value : values) largest = std::max(largest, std::abs(value));
    count_ = std::exp2(bits - 1) - 1;
    step_ = largest / count_;
  }
  // index: number of the parameter in its block.
  double round(double value, int64_t index) const {
    if (step_ == 0) return 0;
    const double level = value / step_;
    const double rounded = rounding_ == Rounding::nearest
                               ? std::round(level)
                               : std::floor(level + draw_uniform(key_, table_, static_cast<uint64_t>(index)));
    return step_ * std::clamp(rounded, -count_, count_);
  }

 private:
  Rounding rounding_;
  NoiseKey key_;
  uint64_t table_;
  double count_, step_;
};

// The number of a coupling in its block; within a group the same for both entries of a pair.
int64_t pair_index(bool within, int64_t row, int64_t column, int64_t columns) {
  return within ? std::min(row, column) * columns + std::max(row, column) : row * columns + column;
}

void round_block(const Computer& computer, CouplingBlock& block, const Levels& levels) {
  const bool within = block.row_group == block.column_group;
  const int64_t rows = computer.groups[block.row_group].size, columns = computer.groups[block.column_group].size;
  if (auto* dense = std::get_if<DenseWeights>(&block.weights)) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        double& value = dense->values[r * columns + c];
        value = levels.round(value, pair_index(within, r, c, columns));
      }
    }
    return;
  }
  auto& sparse = std::get<SparseWeights>(block.weights);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t e = sparse.row_start[r]; e < sparse.row_start[r + 1]; ++e)
      sparse.values[e] = levels.round(sparse.values[e], pair_index(within, r, sparse.column[e], columns));
  }
}

}  // namespace

Computer quantise(const Computer& computer, int bits, Rounding rounding, uint64_t seed) {
  if (bits < 2 || bits > 24) throw InputError(fmt::format("{} bits per parameter are not allowed; 2 to 24 are", bits));
  Computer result = computer;
  uint64_t table = 0;
  for (CouplingSet& set : result.sets) {
    for (CouplingBlock& block : set.blocks) {
      const auto& values = std::visit(
          [](const auto& weights) -> const auto& { return weights.values; }, block.weights);
      round_block(computer, block, Levels(values, bits, rounding, seed, table++));
    }
    const Levels levels(set.bias, bits, rounding, seed, table++);
    for (int64_t i = 0; i < computer.units(); ++i) set.bias[i] = levels.round(set.bias[i], i);
  }
  return result;
}

}  // namespace swell::hardware
