// What trains and tests machines that answer: images of a fetched set or of files, tables, tasks by name.

#include <fmt/format.h>

#include "swell/base/errors.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/neural.h"
#include "swell/io/datasets.h"

namespace swell::cmd {

void add_neural_data_flags(CLI::App& app, NeuralDataFlags& flags) {
  app.add_option(
      "--data", flags.data,
      "IMAGES.idx:LABELS.idx (gzip or not); a set by name after 'swell data', whose training part trains and "
      "whose test part tests; or a table TABLE.csv of inputs and targets");
  app.add_option("--task", flags.task, "a function by name: cos, cos(2 pi z) for z from 0 to 1")
      ->check(CLI::IsMember({"cos"}));
  app.add_option("--points", flags.points, "values of z with --task")
      ->capture_default_str()
      ->check(CLI::Range(2, 100000));
  app.add_option("--examples", flags.most, "only the first so many images, 0 for all")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
}

neural::Examples load_examples(const NeuralDataFlags& flags, const Design& design, bool training, double norm) {
  if (flags.task.empty() == flags.data.empty())
    throw InputError("nothing to learn from was named, or two things were: exactly one of --data and --task is needed");
  if (!flags.task.empty()) return neural::cosine_task(flags.points, design);
  for (const Dataset& known : known_datasets()) {
    if (flags.data != known.name) continue;
    const auto folder = fetched(known.name);
    const size_t first = training ? 0 : 2;
    return neural::read_images(folder / known.files[first].name, folder / known.files[first + 1].name, design, norm,
                               flags.most);
  }
  if (flags.data.ends_with(".csv")) return neural::read_table(flags.data, design);
  const size_t colon = flags.data.rfind(':');
  if (colon == std::string::npos)
    throw InputError(fmt::format(
        "--data is '{}'; IMAGES.idx:LABELS.idx, a table .csv or the name of a fetched set is needed", flags.data));
  return neural::read_images(flags.data.substr(0, colon), flags.data.substr(colon + 1), design, norm, flags.most);
}

}  // namespace swell::cmd
