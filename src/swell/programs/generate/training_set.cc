#include "swell/programs/generate/training_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "swell/base/errors.h"
#include "swell/embedded.h"
#include "swell/io/idx.h"
#include "swell/kernels/matrix_product.h"
#include "swell/programs/generate/own_images.h"
#include "swell/random/streams.h"

namespace swell::generate {

namespace {

constexpr uint64_t kProjectionSeed = 1;

DataSet take(const ImageSet& images, const std::vector<int64_t>& rows, std::string source) {
  DataSet set;
  set.shape.assign(images.shape.begin(), images.shape.end());
  set.source = std::move(source);
  const int64_t pixels = set.width();
  set.values.reserve(rows.size() * pixels);
  for (const int64_t row : rows) {
    for (int64_t p = 0; p < pixels; ++p) set.values.push_back(2.0 * images.level(row * pixels + p) - 1.0);
    if (!images.labels.empty()) set.labels.push_back(images.labels[row]);
  }
  return set;
}

std::vector<int64_t> select(const ImageSet& images, const Selection& selection, const std::string& name) {
  const int64_t count = images.images();
  const bool labels = !images.labels.empty();
  if (!selection.numbers.empty()) {
    for (const int64_t number : selection.numbers) {
      if (number < 0 || number >= count) {
        throw InputError(fmt::format("image number {} is not in {}; 0 to {} are", number, name, count - 1));
      }
    }
    return selection.numbers;
  }
  if (!labels && (!selection.classes.empty() || selection.per_class > 0)) {
    throw InputError(
        fmt::format("choosing classes of {} needs its labels; write --data IMAGES:LABELS, or give a folder with a "
                    "subfolder of images for each class",
                    name));
  }
  std::vector<int64_t> rows;
  std::map<int, int64_t> taken;
  for (int64_t row = 0; row < count; ++row) {
    const int label = labels ? images.labels[row] : 0;
    const bool wanted = selection.classes.empty() ||
                        std::find(selection.classes.begin(), selection.classes.end(), label) != selection.classes.end();
    if (!wanted || (selection.per_class > 0 && taken[label] >= selection.per_class)) continue;
    ++taken[label];
    rows.push_back(row);
  }
  for (const int wanted : selection.classes) {
    if (taken[wanted] == 0) throw InputError(fmt::format("class {} does not occur in the labels of {}", wanted, name));
  }
  return rows;
}

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

DataSet embedded_digits() {
  const IdxArray images = parse_idx(embedded::digits_images(), "embedded images");
  const IdxArray labels = parse_idx(embedded::digits_labels(), "embedded labels");
  ImageSet set;
  set.shape.assign(images.shape.begin() + 1, images.shape.end());
  set.bytes = images.values;
  set.labels.assign(labels.values.begin(), labels.values.end());
  return take(set, {0, 1, 2}, "embedded: MNIST training images 1, 3, 5");
}

DataSet training_set(const ImageSet& images, const Selection& selection, const std::string& name) {
  return take(images, select(images, selection, name), name);
}

DataSet read_training_set(const std::filesystem::path& images_path,
                          const std::optional<std::filesystem::path>& labels_path, const Selection& selection) {
  std::vector<std::string> notes;
  return read_training_set(images_path, labels_path, selection, {}, notes);
}

DataSet read_training_set(const std::filesystem::path& images_path,
                          const std::optional<std::filesystem::path>& labels_path, const Selection& selection,
                          const ImageOptions& options, std::vector<std::string>& notes) {
  const ImageSet images = read_image_set(images_path, labels_path, options);
  notes = images.notes;
  return take(images, select(images, selection, images_path.string()), images_path.string());
}

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
