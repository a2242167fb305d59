#include "swell/programs/generate/training_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/kernels/matrix_product.h"
#include "swell/random/streams.h"

namespace swell::generate {

namespace {

constexpr uint64_t kProjectionSeed = 1;

// [pixels][units] the random projection, zero for units that have none; empty where the design has none.
std::vector<double> draw_projection(const Design& design) {
  const Computer& computer = design.computer;
  const int64_t pixels = computer.groups[data_group(design)].size, n = computer.units();
  const NoiseKey key{kProjectionSeed, stream::kProjection};
  std::vector<double> matrix;
  for (size_t g = 0; g < computer.groups.size(); ++g) {
    if (design.patterns[g] != PatternMap::projection) continue;
    matrix.resize(pixels * n, 0.0);
    const Group& group = computer.groups[g];
    for (int64_t unit = group.first; unit < group.first + group.size; ++unit) {
      for (int64_t p = 0; p < pixels; ++p)
        matrix[p * n + unit] = draw_normal(key, unit, 0, p) / std::sqrt(static_cast<double>(pixels));
    }
  }
  return matrix;
}

}  // namespace

PatternSource pattern_source(const Design& design, const DataSet& set) {
  const Computer& computer = design.computer;
  const Group& data = computer.groups[data_group(design)];
  if (data.size != set.width()) {
    throw InputError(fmt::format("images of {} do not fit group '{}' of {} units; the same number of pixels is needed",
                                 fmt::join(set.shape, " x "), data.name, data.size));
  }
  const auto fill = [&computer, &set, maps = design.patterns, projection = draw_projection(design), pixels = data.size](
                        int64_t first, int64_t rows, double* out) {
    const int64_t n = computer.units();
    std::fill_n(out, rows * n, 0.0);
    const double* images = set.values.data() + first * pixels;
    for (size_t g = 0; g < computer.groups.size(); ++g) {
      const Group& group = computer.groups[g];
      if (maps[g] == PatternMap::projection) {
        add_product(rows, group.size, pixels, images, pixels, projection.data() + group.first, n, out + group.first, n,
                    1);
      } else if (maps[g] == PatternMap::ones) {
        for (int64_t row = 0; row < rows; ++row) std::fill_n(out + row * n + group.first, group.size, 1.0);
      } else if (maps[g] == PatternMap::label) {
        for (int64_t row = 0; row < rows && !set.labels.empty(); ++row) {
          const int label = set.labels[first + row];
          if (label < group.size) out[row * n + group.first + label] = 1;
        }
      } else if (maps[g] == PatternMap::data || maps[g] == PatternMap::repeat) {
        for (int64_t row = 0; row < rows; ++row) {
          for (int64_t u = 0; u < group.size; ++u) out[row * n + group.first + u] = images[row * pixels + u % pixels];
        }
      }
    }
  };
  return {set.rows(), fill};
}

Patterns make_patterns(const Design& design, const DataSet& set) {
  const PatternSource source = pattern_source(design, set);
  Patterns patterns{source.rows, std::vector<double>(source.rows * design.computer.units())};
  source.fill(0, source.rows, patterns.values.data());
  return patterns;
}

}  // namespace swell::generate
