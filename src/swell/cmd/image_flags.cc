// Images by the forms that users have them in, wherever --data is taken.

#include "swell/cmd/image_flags.h"

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/io/datasets.h"
#include "swell/io/npy.h"
#include "swell/programs/generate/read_images.h"

namespace swell::cmd {

void add_image_flags(CLI::App& app, ImageFlags& flags) {
  app.add_flag("--transpose", flags.transpose, "exchange height and width of the images, as EMNIST's files need");
  app.add_option("--white", flags.white,
                 "the number that is white in arrays and tables, 0 for the least of 1, 255 and 65535 that none exceeds")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 1e30));
  app.add_option(
         "--label-column", flags.label_column,
         "of a table of images: auto, by the name of a column (label, class, target, digit, y) or by the number "
         "of columns; first; last; none")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "first", "last", "none"}));
}

ImageOptions image_options(const ImageFlags& flags, std::vector<int64_t> shape, bool training) {
  const LabelColumn column = flags.label_column == "first"  ? LabelColumn::first
                             : flags.label_column == "last" ? LabelColumn::last
                             : flags.label_column == "none" ? LabelColumn::none
                                                            : LabelColumn::automatic;
  return {std::move(shape), training, flags.transpose, flags.white, column};
}

DataFiles find_data(const std::string& data, bool training) {
  std::error_code none;
  std::string sets;
  for (const Dataset& known : known_datasets()) {
    sets += (sets.empty() ? "" : ", ") + known.name;
    if (data != known.name) continue;
    const auto folder = user_data_folder() / known.name;
    const size_t first = training ? 0 : 2;
    const DataFiles files{folder / known.files[first].name, folder / known.files[first + 1].name};
    if (std::filesystem::exists(files.images, none) && std::filesystem::exists(*files.labels, none)) return files;
    if (std::filesystem::exists(data, none)) break;
    fetched(data);
    throw IoError(
        fmt::format("the data set {0} in {1} is not complete; 'swell data {0}' fetches it", data, folder.string()));
  }
  auto [images, labels] = split_images(data);
  if (!std::filesystem::exists(split_array_name(images).first, none)) {
    throw IoError(fmt::format("cannot read {}: no such file or folder (sets that 'swell data' fetches: {})",
                              images.string(), sets));
  }
  return {std::move(images), std::move(labels)};
}

void say_notes(const std::vector<std::string>& notes, const Common& common) {
  for (const std::string& note : notes) common.say(fmt::format("images: {}", note));
}

DataSet load_images(const DataFlags& flags, const ImageFlags& image_flags, const Design& design, const Common& common) {
  const generate::Selection selection{flags.classes, flags.per_class, flags.numbers};
  if (flags.data.empty()) {
    if (!flags.classes.empty() || flags.per_class > 0 || !flags.numbers.empty()) {
      throw InputError("--classes, --per-class and --images choose from a file; name one with --data IMAGES[:LABELS]");
    }
    return generate::embedded_digits();
  }
  if (!flags.numbers.empty() && (!flags.classes.empty() || flags.per_class > 0)) {
    throw InputError("--images names single images; leave out --classes and --per-class, or --images");
  }
  const DataFiles files = find_data(flags.data, true);
  const std::vector<int64_t> shape = design.computer.groups[data_group(design)].shape;
  std::vector<std::string> notes;
  DataSet images = generate::read_training_set(files.images, files.labels, selection,
                                               image_options(image_flags, shape, true), notes);
  say_notes(notes, common);
  return images;
}

}  // namespace swell::cmd
