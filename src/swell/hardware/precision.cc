#include "swell/hardware/precision.h"

#include <algorithm>
#include <cmath>

#include "swell/model/levels.h"
#include "swell/random/streams.h"
#include "swell/random/uniform.h"

namespace swell::hardware {

namespace {

// Rounds the values of one block of parameters, with a table of draws of its own.
class Rounder {
 public:
  Rounder(const std::vector<double>& values, int bits, Rounding rounding, uint64_t seed, uint64_t table)
      : levels_(levels_for(values, bits)), rounding_(rounding), key_{seed, stream::kRounding}, table_(table) {}
  // index: number of the parameter in its block.
  double round(double value, int64_t index) const {
    if (levels_.step == 0) return 0;
    const double rounded =
        rounding_ == Rounding::nearest
            ? nearest_level(value, levels_.step)
            : std::floor(value / levels_.step + draw_uniform(key_, table_, static_cast<uint64_t>(index)));
    return levels_.step * std::clamp(rounded, -levels_.count, levels_.count);
  }

 private:
  Levels levels_;
  Rounding rounding_;
  NoiseKey key_;
  uint64_t table_;
};

// The number of a coupling in its block; within a group the same for both entries of a pair.
int64_t pair_index(bool within, int64_t row, int64_t column, int64_t columns) {
  return within ? std::min(row, column) * columns + std::max(row, column) : row * columns + column;
}

void round_block(const Computer& computer, CouplingBlock& block, const Rounder& rounder) {
  const bool within = block.row_group == block.column_group;
  const int64_t rows = computer.groups[block.row_group].size, columns = computer.groups[block.column_group].size;
  if (auto* dense = std::get_if<DenseWeights>(&block.weights)) {
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t c = 0; c < columns; ++c) {
        double& value = dense->values[r * columns + c];
        value = rounder.round(value, pair_index(within, r, c, columns));
      }
    }
    return;
  }
  auto& sparse = std::get<SparseWeights>(block.weights);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t e = sparse.row_start[r]; e < sparse.row_start[r + 1]; ++e)
      sparse.values[e] = rounder.round(sparse.values[e], pair_index(within, r, sparse.column[e], columns));
  }
}

// Whether the halves of a matrix are the same.
bool alike(const Matrix& a) {
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < i; ++j) {
      if (a.rows != a.columns || a(i, j) != a(j, i)) return false;
    }
  }
  return true;
}

// Both entries of a pair of a symmetric matrix alike.
template <class Round>
Matrix rounded(const Matrix& a, const Round& round) {
  Matrix result = a;
  const bool symmetric = alike(a);
  for (int64_t i = 0; i < a.rows; ++i) {
    for (int64_t j = 0; j < a.columns; ++j) result(i, j) = symmetric && j < i ? result(j, i) : round(a(i, j), i, j);
  }
  return result;
}

}  // namespace

Computer quantise(const Computer& computer, int bits, Rounding rounding, uint64_t seed) {
  Computer result = computer;
  uint64_t table = 0;
  for (CouplingSet& set : result.sets) {
    for (CouplingBlock& block : set.blocks) {
      const auto& values = std::visit(
          [](const auto& weights) -> const auto& { return weights.values; }, block.weights);
      round_block(computer, block, Rounder(values, bits, rounding, seed, table++));
    }
    const Rounder rounder(set.bias, bits, rounding, seed, table++);
    for (int64_t i = 0; i < computer.units(); ++i) set.bias[i] = rounder.round(set.bias[i], i);
  }
  return result;
}

Matrix round_to_bits(const Matrix& a, int bits) {
  const double step = levels_for(a.values, bits).step;
  return rounded(a, [&](double value, int64_t, int64_t) { return nearest_level(value, step) * step; });
}

Matrix round_to_bits(const Matrix& a, int bits, int64_t realisation, int64_t realisations, uint64_t seed) {
  const double level = levels_for(a.values, bits).step;
  return rounded(a, [&](double value, int64_t i, int64_t j) {
    if (!(level > 0)) return 0.0;
    // Of the n realisations, the k-th goes up where its place in a random cyclic order is below the share p.
    const double low = std::floor(value / level), p = value / level - low;
    const Words4 words =
        noise_words({seed, stream::kRounding}, static_cast<uint32_t>(j), 0, static_cast<uint32_t>(i), 1);
    const auto n = static_cast<uint64_t>(realisations);
    const uint64_t place = (static_cast<uint64_t>(realisation) * (2 * (words.a % n) + 1) + words.b) % n;
    return (low + ((static_cast<double>(place) + 0.5) / static_cast<double>(n) < p ? 1 : 0)) * level;
  });
}

}  // namespace swell::hardware
