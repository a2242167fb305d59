#include "swell/programs/neural/examples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/programs/neural/own_examples.h"

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

void scale_to_norm(Examples& examples, double norm) {
  std::vector<double> norms(examples.rows());
  for (int64_t row = 0; row < examples.rows(); ++row) {
    double square = 0;
    for (int64_t k = 0; k < examples.width; ++k)
      square += std::pow(static_cast<double>(examples.inputs[row * examples.width + k]), 2);
    norms[row] = std::sqrt(square);
  }
  examples.norm = norm > 0 ? norm : *std::max_element(norms.begin(), norms.end());
  for (int64_t row = 0; row < examples.rows(); ++row) {
    for (int64_t k = 0; k < examples.width; ++k)
      examples.inputs[row * examples.width + k] *= static_cast<float>(examples.norm / norms[row]);
  }
}

}  // namespace

const NeuralSettings& neural_settings(const Design& design) {
  if (!design.neural) {
    throw InputError(
        fmt::format("design '{}' has no table [neural], which names the output group and how inputs are scaled; a "
                    "machine that makes "
                    "images is for 'swell train' and 'swell generate'",
                    design.name));
  }
  return *design.neural;
}

int64_t question_size(const Design& design) {
  const Protocol& protocol = find_protocol(design, "answer");
  int64_t size = 0;
  for (size_t g = 0; g < design.computer.groups.size(); ++g) {
    if (protocol.segments.at(0).clamped[g]) size += design.computer.groups[g].size;
  }
  return size;
}

int64_t answer_size(const Design& design) { return design.computer.groups[neural_settings(design).output].size; }

std::vector<int64_t> question_shape(const Design& design) {
  const Protocol& protocol = find_protocol(design, "answer");
  std::vector<int64_t> shape;
  for (size_t g = 0; g < design.computer.groups.size(); ++g) {
    if (!protocol.segments.at(0).clamped[g]) continue;
    if (!shape.empty()) return {question_size(design)};
    shape = design.computer.groups[g].shape;
  }
  return shape;
}

Examples read_images(const std::filesystem::path& images_path, const std::filesystem::path& labels_path,
                     const Design& design, double norm, int64_t most) {
  std::vector<std::string> notes;
  return read_images(images_path, labels_path, design, norm, most, {}, notes);
}

Examples read_images(const std::filesystem::path& images_path, const std::optional<std::filesystem::path>& labels_path,
                     const Design& design, double norm, int64_t most, const ImageOptions& options,
                     std::vector<std::string>& notes) {
  const NeuralSettings& settings = neural_settings(design);
  ImageOptions with_shape = options;
  if (with_shape.shape.empty()) with_shape.shape = question_shape(design);
  const ImageSet images = read_image_set(images_path, labels_path, with_shape);
  const std::string name = images_path.string();
  Examples examples;
  examples.source = name;
  notes = images.notes;
  examples.shape = images.shape;
  examples.width = images.pixel_count();
  if (examples.width != question_size(design)) {
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
  examples.inputs.resize(rows * examples.width);
  for (int64_t row = 0; row < rows; ++row) {
    check_contrast(images, row, examples.width, name);
    const int label = images.labels[row];
    if (label >= answer_size(design)) {
      throw InputError(fmt::format("label {} of {} is {}; design '{}' has {} outputs, so that 0 to {} are allowed", row,
                                   labels_path ? labels_path->string() : name, label, design.name, answer_size(design),
                                   answer_size(design) - 1));
    }
    examples.labels.push_back(label);
    for (int64_t k = 0; k < examples.width; ++k) {
      const int64_t at = row * examples.width + k;
      examples.inputs[at] = static_cast<float>((images.level(at) - settings.mean) / settings.sigma);
    }
  }
  if (settings.equal_norm) scale_to_norm(examples, norm);
  return examples;
}

bool is_table_of_classes(const CsvTable& table, const Design& design) {
  return answer_size(design) > 1 && table.columns == question_size(design) + 1;
}

Examples read_table(const std::filesystem::path& path, const Design& design) {
  return examples_of_table(read_csv(path), design, path.string());
}

Examples examples_of_table(const CsvTable& table, const Design& design, const std::string& name) {
  const NeuralSettings& settings = neural_settings(design);
  Examples examples;
  examples.source = name;
  examples.width = question_size(design);
  examples.shape = {examples.width};
  if (table.rows > 0 && table.columns != examples.width + answer_size(design)) {
    throw InputError(fmt::format("{} has {} columns; design '{}' needs {} ({} inputs, {} targets)", name, table.columns,
                                 design.name, examples.width + answer_size(design), examples.width,
                                 answer_size(design)));
  }
  for (int64_t row = 0; row < table.rows; ++row) {
    for (int64_t k = 0; k < table.columns; ++k) {
      if (k < examples.width) {
        examples.inputs.push_back(static_cast<float>((table(row, k) - settings.mean) / settings.sigma));
      } else {
        examples.targets.push_back(static_cast<float>(table(row, k)));
      }
    }
  }
  if (examples.rows() < 2)
    throw InputError(fmt::format("{} holds {} examples; at least two are needed", name, examples.rows()));
  return examples;
}

Examples cosine_task(int64_t rows, const Design& design) {
  const NeuralSettings& settings = neural_settings(design);
  if (question_size(design) != 1 || answer_size(design) != 1) {
    throw InputError(fmt::format("task 'cos' has one input and one output; design '{}' has {} and {}", design.name,
                                 question_size(design), answer_size(design)));
  }
  Examples examples;
  examples.source = "cos(2 pi z)";
  examples.width = 1;
  examples.shape = {1};
  for (int64_t row = 0; row < rows; ++row) {
    const double z = static_cast<double>(row) / static_cast<double>(std::max<int64_t>(1, rows - 1));
    examples.inputs.push_back(static_cast<float>((z - settings.mean) / settings.sigma));
    examples.targets.push_back(static_cast<float>(std::cos(2 * std::numbers::pi * z)));
  }
  return examples;
}

}  // namespace swell::neural
