// What trains and tests machines that answer: images of a fetched set or of files, tables, tasks by name.

#include <fmt/format.h>

#include <algorithm>

#include "swell/base/errors.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/neural.h"
#include "swell/io/csv.h"
#include "swell/io/datasets.h"
#include "swell/programs/neural/read_examples.h"

namespace swell::cmd {

void add_neural_data_flags(CLI::App& app, NeuralDataFlags& flags) {
  app.add_option(
         "--data", flags.data,
         "images with their classes: a folder with a subfolder of PNG images for each class; IMAGES:LABELS as "
         "IDX (gzip or not) or .npy (images x height x width); FILE.npz[:IMAGES:LABELS]; a table .csv, a row of "
         "pixels for each image with its class first; or a set by name after 'swell data', whose training part "
         "trains and whose test part tests. Or a table .csv of inputs and targets")
      ->option_text("IMAGES");
  add_image_flags(app, flags.images);
  app.add_option("--task", flags.task, "a function by name: cos, cos(2 pi z) for z from 0 to 1")
      ->check(CLI::IsMember({"cos"}));
  app.add_option("--points", flags.points, "values of z with --task")
      ->capture_default_str()
      ->check(CLI::Range(2, 100000));
  app.add_option("--examples", flags.most, "only the first so many images, 0 for all")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
}

DataSet load_examples(const NeuralDataFlags& flags, const neural::NeuralDesign& design, bool training, double norm,
                      const Common& common) {
  if (flags.task.empty() == flags.data.empty())
    throw InputError("nothing to learn from was named, or two things were: exactly one of --data and --task is needed");
  if (!flags.task.empty()) return neural::cosine_task(flags.points, design);
  std::error_code none;
  const bool known = std::ranges::any_of(known_datasets(), [&](const Dataset& set) { return set.name == flags.data; });
  if (!known && flags.data.find(':') == std::string::npos && !std::filesystem::exists(flags.data, none)) {
    throw InputError(
        fmt::format("--data is '{}', and there is no such file or folder; a folder of images, IMAGES:LABELS, a table "
                    ".csv or the name of a fetched set is needed",
                    flags.data));
  }
  const DataFiles files = find_data(flags.data, training);
  const bool table = has_table_name(files.images) && !std::filesystem::is_directory(files.images, none);
  if (table && !files.labels && flags.images.label_column == "auto") {
    const CsvTable rows = read_csv(files.images);
    if (!neural::is_table_of_classes(rows, design))
      return neural::examples_of_table(rows, design, files.images.string());
  }
  std::vector<std::string> notes;
  DataSet examples = neural::read_images(files.images, files.labels, design, norm, flags.most,
                                         image_options(flags.images, neural::question_shape(design), training), notes);
  say_notes(notes, common);
  return examples;
}

}  // namespace swell::cmd
