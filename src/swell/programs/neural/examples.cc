#include "swell/programs/neural/examples.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/idx.h"

namespace swell::neural {

namespace {

constexpr size_t kMaxTableBytes = size_t{1} << 28;

// A blank image has no direction, and a constant one tells nothing: none of its classes can be learned from it.
void check_contrast(const IdxArray& images, int64_t row, int64_t pixels, const std::string& name) {
  const auto* first = images.values.data() + row * pixels;
  if (std::all_of(first, first + pixels, [&](uint8_t value) { return value == *first; })) {
    throw InputError(fmt::format("image {} of {} is constant, all pixels are {}; an image with some contrast is needed",
                                 row, name, int{*first}));
  }
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

// The numbers of one line; empty where one of its fields is none.
std::vector<double> numbers_of(std::string_view line) {
  std::vector<double> values;
  while (!line.empty()) {
    const size_t comma = std::min(line.find(','), line.size());
    std::string_view field = line.substr(0, comma);
    line.remove_prefix(std::min(comma + 1, line.size()));
    while (!field.empty() && field.front() == ' ') field.remove_prefix(1);
    while (!field.empty() && (field.back() == ' ' || field.back() == '\r')) field.remove_suffix(1);
    double value = 0;
    const auto [stop, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || stop != field.data() + field.size() || !std::isfinite(value)) return {};
    values.push_back(value);
  }
  return values;
}

}  // namespace

const NeuralSettings& neural_settings(const Design& design) {
  if (!design.neural) {
    throw InputError(fmt::format(
        "design '{}' has no table [neural]; it names the output group and how inputs are scaled", design.name));
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

Examples read_images(const std::filesystem::path& images_path, const std::filesystem::path& labels_path,
                     const Design& design, double norm, int64_t most) {
  const NeuralSettings& settings = neural_settings(design);
  const IdxArray images = read_idx(images_path), labels = read_idx(labels_path);
  const std::string name = images_path.string();
  if (images.shape.size() < 2)
    throw IoError(fmt::format("{} holds {} numbers in one row; images are needed, are these labels?", name,
                              images.values.size()));
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0]) {
    throw IoError(fmt::format("{} has shape {}; one label for each of the {} images of {} is needed",
                              labels_path.string(), fmt::join(labels.shape, " x "), images.shape[0], name));
  }
  Examples examples;
  examples.source = name;
  examples.shape.assign(images.shape.begin() + 1, images.shape.end());
  examples.width = 1;
  for (const int64_t extent : examples.shape) examples.width *= extent;
  if (examples.width != question_size(design)) {
    throw InputError(fmt::format("images of {} in {} do not fit design '{}', whose inputs are {} units",
                                 fmt::join(examples.shape, " x "), name, design.name, question_size(design)));
  }
  const int64_t rows = most > 0 ? std::min<int64_t>(most, images.shape[0]) : images.shape[0];
  if (rows == 0) throw InputError(fmt::format("{} holds no image; at least one is needed", name));
  examples.inputs.resize(rows * examples.width);
  for (int64_t row = 0; row < rows; ++row) {
    check_contrast(images, row, examples.width, name);
    const int label = labels.values[row];
    if (label >= answer_size(design)) {
      throw InputError(fmt::format("label {} of {} is {}; design '{}' has {} outputs, so that 0 to {} are allowed", row,
                                   labels_path.string(), label, design.name, answer_size(design),
                                   answer_size(design) - 1));
    }
    examples.labels.push_back(label);
    for (int64_t k = 0; k < examples.width; ++k) {
      const int64_t at = row * examples.width + k;
      examples.inputs[at] = static_cast<float>((images.values[at] / 255.0 - settings.mean) / settings.sigma);
    }
  }
  if (settings.equal_norm) scale_to_norm(examples, norm);
  return examples;
}

Examples read_table(const std::filesystem::path& path, const Design& design) {
  const std::vector<std::byte> bytes = read_file(path, kMaxTableBytes);
  std::string_view text = as_text(bytes);
  const NeuralSettings& settings = neural_settings(design);
  Examples examples;
  examples.source = path.string();
  examples.width = question_size(design);
  examples.shape = {examples.width};
  const auto columns = static_cast<size_t>(examples.width + answer_size(design));
  for (int64_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (row.find_first_not_of(" \r") == std::string_view::npos) continue;
    const std::vector<double> values = numbers_of(row);
    if (values.empty() && line == 1) continue;  // names of the columns
    if (values.size() != columns) {
      throw InputError(fmt::format("{}:{}: {} is not a row of {} numbers ({} inputs, {} targets) with commas between",
                                   path.string(), line, printable(row), columns, examples.width, answer_size(design)));
    }
    for (size_t k = 0; k < columns; ++k) {
      if (k < static_cast<size_t>(examples.width)) {
        examples.inputs.push_back(static_cast<float>((values[k] - settings.mean) / settings.sigma));
      } else {
        examples.targets.push_back(static_cast<float>(values[k]));
      }
    }
  }
  if (examples.rows() < 2)
    throw InputError(fmt::format("{} holds {} examples; at least two are needed", path.string(), examples.rows()));
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
