#include "swell/programs/neural/read_examples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"

namespace swell::neural {

namespace {

// A blank image has no direction, and a constant one tells nothing: none of its classes can be learned from it.
void check_contrast(const ImageSet& images, int64_t row, int64_t pixels, const std::string& name) {
  const double first = images.level(row * pixels);
  for (int64_t k = 1; k < pixels; ++k) {
    if (images.level(row * pixels + k) != first) return;
  }
  throw InputError(fmt::format("image {} of {} is constant, all pixels are {:g}; an image with some contrast is needed",
                               row, name, images.bytes.empty() ? first : 255 * first));
}

void scale_to_norm(DataSet& examples, double norm) {
  const int64_t rows = examples.rows(), width = examples.width();
  std::vector<double> norms(rows);
  for (int64_t row = 0; row < rows; ++row) {
    double square = 0;
    for (int64_t k = 0; k < width; ++k) square += std::pow(examples.values[row * width + k], 2);
    norms[row] = std::sqrt(square);
  }
  examples.norm = norm > 0 ? norm : *std::max_element(norms.begin(), norms.end());
  for (int64_t row = 0; row < rows; ++row) {
    const auto scale = static_cast<float>(examples.norm / norms[row]);
    for (int64_t k = row * width; k < (row + 1) * width; ++k)
      examples.values[k] = single(examples.values[k] * static_cast<double>(scale));
  }
}

}  // namespace

DataSet read_images(const std::filesystem::path& images_path, const std::filesystem::path& labels_path,
                    const NeuralDesign& design, double norm, int64_t most) {
  std::vector<std::string> notes;
  return read_images(images_path, labels_path, design, norm, most, {}, notes);
}

DataSet read_images(const std::filesystem::path& images_path, const std::optional<std::filesystem::path>& labels_path,
                    const NeuralDesign& design, double norm, int64_t most, const ImageOptions& options,
                    std::vector<std::string>& notes) {
  const NeuralSettings& settings = design.neural;
  ImageOptions with_shape = options;
  if (with_shape.shape.empty()) with_shape.shape = question_shape(design);
  const ImageSet images = read_image_set(images_path, labels_path, with_shape);
  const std::string name = images_path.string();
  DataSet examples;
  examples.source = name;
  notes = images.notes;
  examples.shape = images.shape;
  const int64_t width = examples.width();
  if (width != question_size(design)) {
    throw InputError(fmt::format("images of {} in {} do not fit design '{}', whose inputs are {} units",
                                 fmt::join(examples.shape, " x "), name, design.name, question_size(design)));
  }
  const int64_t rows = most > 0 ? std::min<int64_t>(most, images.images()) : images.images();
  if (rows == 0) throw InputError(fmt::format("{} holds no image; at least one is needed", name));
  if (images.labels.empty()) {
    throw InputError(fmt::format(
        "{} has no labels; IMAGES:LABELS, a folder with a subfolder for each class, or a table with a label for each "
        "image is needed",
        name));
  }
  examples.values.resize(rows * width);
  for (int64_t row = 0; row < rows; ++row) {
    check_contrast(images, row, width, name);
    const int label = images.labels[row];
    if (label >= answer_size(design)) {
      throw InputError(fmt::format("label {} of {} is {}; design '{}' has {} outputs, so that 0 to {} are allowed", row,
                                   labels_path ? labels_path->string() : name, label, design.name, answer_size(design),
                                   answer_size(design) - 1));
    }
    examples.labels.push_back(label);
    for (int64_t k = 0; k < width; ++k) {
      const int64_t at = row * width + k;
      examples.values[at] = single((images.level(at) - settings.mean) / settings.sigma);
    }
  }
  if (settings.equal_norm) scale_to_norm(examples, norm);
  return examples;
}

bool is_table_of_classes(const CsvTable& table, const NeuralDesign& design) {
  return answer_size(design) > 1 && table.columns == question_size(design) + 1;
}

DataSet read_table(const std::filesystem::path& path, const NeuralDesign& design) {
  return examples_of_table(read_csv(path), design, path.string());
}

DataSet examples_of_table(const CsvTable& table, const NeuralDesign& design, const std::string& name) {
  const NeuralSettings& settings = design.neural;
  DataSet examples;
  examples.source = name;
  examples.shape = {question_size(design)};
  if (table.rows > 0 && table.columns != examples.width() + answer_size(design)) {
    throw InputError(fmt::format("{} has {} columns; design '{}' needs {} ({} inputs, {} targets)", name, table.columns,
                                 design.name, examples.width() + answer_size(design), examples.width(),
                                 answer_size(design)));
  }
  for (int64_t row = 0; row < table.rows; ++row) {
    for (int64_t k = 0; k < table.columns; ++k) {
      if (k < examples.width()) {
        examples.values.push_back(single((table(row, k) - settings.mean) / settings.sigma));
      } else {
        examples.targets.push_back(single(table(row, k)));
      }
    }
  }
  if (examples.rows() < 2)
    throw InputError(fmt::format("{} holds {} examples; at least two are needed", name, examples.rows()));
  return examples;
}

}  // namespace swell::neural
