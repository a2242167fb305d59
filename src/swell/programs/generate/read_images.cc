#include "swell/programs/generate/read_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "swell/base/errors.h"
#include "swell/embedded.h"
#include "swell/io/idx.h"

namespace swell::generate {

namespace {

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
        fmt::format("choosing classes of {} needs its labels; write IMAGES:LABELS, or give a folder with a "
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

}  // namespace swell::generate
