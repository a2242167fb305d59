#include "swell/io/image_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/base/lower_case.h"
#include "swell/io/atomic_file.h"
#include "swell/io/bytes.h"
#include "swell/io/csv.h"
#include "swell/io/file_kind.h"
#include "swell/io/gzip.h"
#include "swell/io/idx.h"
#include "swell/io/image_folder.h"
#include "swell/io/image_levels.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/io/zip.h"

namespace swell {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxBytes = size_t{8} << 30;
constexpr double kMaxLabel = 999999;

// A file with gzip taken off, and what it then is.
struct Content {
  fs::path file;
  std::string member;  // of an archive
  std::vector<std::byte> bytes;
  FileKind kind = FileKind::empty;
  std::string name;  // for messages
};

Content content_of(const fs::path& path) {
  Content content;
  std::tie(content.file, content.member) = split_array_name(path);
  content.name = path.string();
  content.bytes = read_file(content.file, kMaxBytes);
  if (is_gzip(content.bytes)) content.bytes = inflate_gzip(content.bytes, content.name, kMaxBytes);
  content.kind = file_kind(content.bytes);
  return content;
}

bool names_labels(const std::string& column) {
  constexpr std::string_view kNames[] = {"label", "labels", "class", "target", "digit", "y"};
  return std::ranges::find(kNames, lower_case(column)) != std::end(kNames);
}

std::vector<int> whole_labels(const std::vector<double>& values, const std::string& name) {
  std::vector<int> labels;
  for (size_t k = 0; k < values.size(); ++k) {
    if (!(values[k] >= 0 && values[k] <= kMaxLabel) || values[k] != std::floor(values[k])) {
      throw InputError(
          fmt::format("label {} of {} is {}; whole numbers from 0 to {} are allowed", k, name, values[k], kMaxLabel));
    }
    labels.push_back(static_cast<int>(values[k]));
  }
  return labels;
}

// Which column of a table of images holds labels; -1 for none.
int64_t label_column(const CsvTable& table, const ImageOptions& options) {
  if (options.labels == LabelColumn::first) return 0;
  if (options.labels == LabelColumn::last) return table.columns - 1;
  if (options.labels == LabelColumn::none) return -1;
  if (!table.names.empty() && names_labels(table.names.front())) return 0;
  if (!table.names.empty() && names_labels(table.names.back())) return table.columns - 1;
  int64_t pixels = options.shape.empty() ? 0 : 1;
  for (const int64_t extent : options.shape) pixels *= extent;
  return table.columns == pixels + 1 ? 0 : -1;
}

ImageSet images_of_table(const CsvTable& table, const ImageOptions& options, const std::string& name) {
  if (table.rows == 0) throw InputError(fmt::format("{} holds no image; at least one is needed", name));
  const int64_t column = label_column(table, options);
  RawImages raw{{table.rows, table.columns - (column < 0 ? 0 : 1)}, {}};
  std::vector<double> labels;
  for (int64_t row = 0; row < table.rows; ++row) {
    for (int64_t k = 0; k < table.columns; ++k) (k == column ? labels : raw.values).push_back(table(row, k));
  }
  ImageSet set = images_of_numbers(std::move(raw), options, name);
  if (column >= 0) {
    set.labels = whole_labels(labels, name);
    set.notes.push_back(fmt::format("the {} column was taken for labels", column == 0 ? "first" : "last"));
  }
  return set;
}

ImageSet images_of_array(const NpyArray& array, const ImageOptions& options, const std::string& name) {
  if (array.type == "u1")
    return images_of_bytes(array.shape, {array.values.begin(), array.values.end()}, options, name);
  return images_of_numbers({array.shape, array.values, array.type == "b1"}, options, name);
}

// The arrays of an archive that nobody named: images and labels by the names that others give them.
std::pair<std::string, std::string> usual_names(const Content& content, bool training) {
  const std::vector<std::pair<std::string, std::string>> parts =
      training
          ? std::vector<std::pair<std::string, std::string>>{{"x_train", "y_train"}, {"train_images", "train_labels"}}
          : std::vector<std::pair<std::string, std::string>>{{"x_test", "y_test"}, {"test_images", "test_labels"}};
  const std::vector<std::pair<std::string, std::string>> wholes = {
      {"images", "labels"}, {"x", "y"}, {"X", "y"}, {"data", "labels"}, {"data", "target"}, {"arr_0", "arr_1"}};
  const std::vector<ZipMember> members = list_zip(content.bytes, content.name);
  const auto has = [&](const std::string& name) {
    return std::ranges::find(members, name + ".npy", &ZipMember::name) != members.end();
  };
  for (const auto* list : {&parts, &wholes}) {
    for (const auto& [images, labels] : *list) {
      if (has(images)) return {images, has(labels) ? labels : ""};
    }
  }
  return {"", ""};
}

std::vector<double> numbers_of_labels(const Content& content, int64_t images);

ImageSet images_of_content(Content content, const ImageOptions& options) {
  if (content.kind == FileKind::zip) {
    std::string labels;
    if (content.member.empty()) std::tie(content.member, labels) = usual_names(content, options.training);
    const NpyArray array = parse_npy_or_npz(content.bytes, content.member, content.file.string());
    ImageSet set = images_of_array(array, options, content.name);
    if (labels.empty()) return set;
    content.member = labels;
    set.labels = whole_labels(numbers_of_labels(content, set.images()), fmt::format("{}:{}", content.name, labels));
    return set;
  }
  if (content.kind == FileKind::npy || !content.member.empty())
    return images_of_array(parse_npy_or_npz(content.bytes, content.member, content.file.string()), options,
                           content.name);
  if (content.kind == FileKind::png) return images_of_pngs({content.file}, content.name);
  if (content.kind == FileKind::idx ||
      (content.bytes.size() >= 2 && content.bytes[0] == std::byte{0} && content.bytes[1] == std::byte{0})) {
    IdxArray array = parse_idx(content.bytes, content.name);
    const std::vector<int64_t> shape(array.shape.begin(), array.shape.end());
    if (array.type == IdxType::u1) return images_of_bytes(shape, std::move(array.values), options, content.name);
    return images_of_numbers({shape, std::move(array.numbers)}, options, content.name);
  }
  const fs::path ending = content.file;
  if (has_table_name(ending)) return images_of_table(parse_csv(content.bytes, content.name), options, content.name);
  throw IoError(fmt::format(
      "{}: no images ({}); a PNG image, a folder of them, an IDX file, a .npy or .npz array or a table .csv is needed",
      content.name, looks_like(content.bytes)));
}

// Rows that are all 0 but for one 1, as some programs write classes: the place of the 1.
std::optional<std::vector<double>> one_hot(const NpyArray& array) {
  std::vector<double> classes;
  const int64_t width = array.shape[1];
  for (int64_t row = 0; row < array.shape[0]; ++row) {
    const auto first = array.values.begin() + row * width, last = first + width;
    const auto one = std::find(first, last, 1.0);
    if (one == last || std::count(first, last, 0.0) != width - 1) return {};
    classes.push_back(static_cast<double>(one - first));
  }
  return classes;
}

[[noreturn]] void refuse_labels(const Content& content, const std::vector<int64_t>& shape, int64_t images) {
  throw IoError(fmt::format("{} has shape {}; one label for each of the {} images is needed", content.name,
                            fmt::join(shape, " x "), images));
}

std::vector<double> numbers_of_labels(const Content& content, int64_t images) {
  if (content.kind == FileKind::npy || content.kind == FileKind::zip || !content.member.empty()) {
    NpyArray array = parse_npy_or_npz(content.bytes, content.member, content.file.string());
    std::vector<int64_t> shape = array.shape;
    while (shape.size() > 1 && shape.back() == 1) shape.pop_back();
    while (shape.size() > 1 && shape.front() == 1) shape.erase(shape.begin());
    if (shape.size() == 2 && shape[0] == images) {
      array.shape = shape;
      if (auto classes = one_hot(array)) return *classes;
    }
    if (shape.size() != 1 || shape[0] != images) refuse_labels(content, array.shape, images);
    return array.values;
  }
  if (has_table_name(content.file)) {
    const CsvTable table = parse_csv(content.bytes, content.name);
    if (table.columns != 1 || table.rows != images) refuse_labels(content, {table.rows, table.columns}, images);
    return table.values;
  }
  const IdxArray array = parse_idx(content.bytes, content.name);
  const std::vector<int64_t> shape(array.shape.begin(), array.shape.end());
  // QMNIST's labels are tables of eight whole numbers for each image, the class first.
  const bool table = array.type == IdxType::i4 && shape.size() == 2;
  if ((shape.size() != 1 && !table) || shape[0] != images) refuse_labels(content, shape, images);
  std::vector<double> labels(images);
  for (int64_t k = 0; k < images; ++k) labels[k] = array[table ? k * shape[1] : k];
  return labels;
}

}  // namespace

int64_t ImageSet::pixel_count() const {
  int64_t count = shape.empty() ? 0 : 1;
  for (const int64_t extent : shape) count *= extent;
  return count;
}

int64_t ImageSet::images() const {
  const int64_t pixels = pixel_count();
  return pixels == 0 ? 0 : static_cast<int64_t>(bytes.size() + levels.size()) / pixels;
}

ImageSet read_image_set(const fs::path& images, const std::optional<fs::path>& labels, const ImageOptions& options) {
  std::error_code none;
  ImageSet set;
  if (fs::is_directory(images, none)) {
    const FolderContent folder = look_into(images, options.training);
    if (folder.images) return read_image_set(*folder.images, labels ? labels : folder.labels_file, options);
    set = images_of_folder(folder, images.string());
  } else {
    set = images_of_content(content_of(images), options);
  }
  if (labels) set.labels = read_labels(*labels, set.images());
  const auto pixels = [](const std::vector<int64_t>& shape) {
    int64_t count = 1;
    for (const int64_t extent : shape) count *= extent;
    return count;
  };
  if (set.shape.size() == 1 && !options.shape.empty() && pixels(options.shape) == set.shape[0])
    set.shape = options.shape;
  if (options.transpose) {
    transpose_images(set, images.string());
  } else if (lower_case(images.filename().string()).starts_with("emnist")) {
    set.notes.push_back("EMNIST's own files hold their images with height and width exchanged; transposing turns them");
  }
  return set;
}

std::vector<int> read_labels(const fs::path& labels, int64_t images) {
  const Content content = content_of(labels);
  return whole_labels(numbers_of_labels(content, images), content.name);
}

std::pair<fs::path, std::optional<fs::path>> split_images(const std::string& text) {
  std::error_code none;
  if (fs::exists(text, none)) return {text, {}};
  for (size_t colon = text.rfind(':'); colon != std::string::npos && colon > 0; colon = text.rfind(':', colon - 1)) {
    const std::string left = text.substr(0, colon), right = text.substr(colon + 1);
    const auto [file, member] = split_array_name(left);
    if (!fs::exists(file, none)) continue;
    if (fs::exists(split_array_name(right).first, none)) return {left, right};
    if (!member.empty()) return {left, file.string() + ":" + right};
    const bool archive = fs::is_regular_file(file, none) && file_kind(read_file(file, kMaxBytes)) == FileKind::zip;
    if (archive) return {text, {}};
    return {left, right};
  }
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {text, {}};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

}  // namespace swell
