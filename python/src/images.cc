// Machines that make images: training and sampling.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "design.h"
#include "entropy.h"
#include "images_for.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "precision.h"
#include "ranks.h"
#include "swell/hardware/chip_files.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/sample.h"
#include "swell/programs/generate/train.h"
#include "watch.h"

namespace swell::python {

namespace {

const Options<generate::TrainOptions>& options_of_training() {
  static const Options<generate::TrainOptions> all = {
      {"method",
       [](generate::TrainOptions& options, nb::handle value) {
         options.method = one_of<generate::Method>(value, "method",
                                                   {{"exact", generate::Method::exact},
                                                    {"gradient", generate::Method::gradient},
                                                    {"score", generate::Method::score}});
       }},
      {"precision",
       [](generate::TrainOptions& options, nb::handle value) {
         options.bf16 = one_of<bool>(value, "precision", {{"f32", false}, {"bf16", true}});
       }},
      {"rows", SWELL_INTO(rows)},
      {"robust",
       [](generate::TrainOptions& options, nb::handle value) {
         options.factor = coupling_factor(hardware::parse_imperfections(nb::cast<std::string>(value), "robust"));
       }},
      {"seed", SWELL_INTO(seed.number)},
      {"threads", SWELL_INTO(threads)},
      {"ranks", kNoteRanks},
      {"tolerance", SWELL_INTO(tolerance)},
      {"updates", SWELL_INTO(updates)},
      {"rate", SWELL_INTO(rate)}};
  return all;
}

const Options<generate::SampleOptions>& options_of_sampling() {
  static const Options<generate::SampleOptions> all = {{"seed", SWELL_INTO(seed.number)},
                                                       {"entropy",
                                                        [](generate::SampleOptions& options, nb::handle value) {
                                                          const auto& source = nb::cast<const PythonFeed&>(value);
                                                          options.seed = {source.seed, source.feed.get()};
                                                        }},
                                                       {"labels", SWELL_INTO(labels)},
                                                       {"threads", SWELL_INTO(threads)},
                                                       {"ranks", kNoteRanks},
                                                       {"tile", SWELL_INTO(tile)},
                                                       {"dt", SWELL_INTO(dt)},
                                                       {"precision", set_precision},
                                                       {"isa", SWELL_INTO(isa)},
                                                       {"film_samples", SWELL_INTO(film_samples)},
                                                       {"film_frames", SWELL_INTO(film_frames)}};
  return all;
}

nb::tuple train(const NamedDesign& design, nb::handle images, const std::vector<int>& labels, const nb::dict& given,
                nb::object progress) {
  generate::TrainOptions options;
  if (design.design().stages) options.method = generate::Method::score;
  read_options(given, options_of_training(), "training", options, options.threads);
  const std::unique_ptr<Ranks> ranks = ranks_of(given);
  if (ranks && options.method == generate::Method::gradient)
    throw InputError("comm shares training by method exact or score; training by gradient is one process's");
  options.ranks = ranks.get();
  if (given.contains("updates")) require_at_least(1, "updates", options.updates);
  if (given.contains("robust") && options.method != generate::Method::exact)
    throw InputError("robust is of exact training (method='exact'), whose mean loss over chips it knows");
  require_positive("tolerance", options.tolerance);
  require_not_negative("rate", options.rate);
  const DataSet set = images_for(design.design(), images, labels);
  Watch watch(std::move(progress));
  options.progress = [&](const Progress& at) { return watch.tell(at.stage.c_str(), at.done, at.total); };
  generate::TrainReport report;
  Trained trained;
  watch.run(false, [&] { trained = generate::train(design.design(), set, options, report); });
  const auto points = static_cast<int64_t>(report.curve.size());
  return nb::make_tuple(NamedDesign{std::make_shared<const Trained>(std::move(trained))},
                        give(std::move(report.curve), {points}), report.converged, report.wall_s,
                        watch.was_interrupted() ? watch.pending() : nb::none());
}

nb::dict quality_of(const generate::Quality& quality) {
  nb::dict told;
  told["cosine"] = give(quality.cosine, {static_cast<int64_t>(quality.cosine.size())});
  told["nearest"] = give(quality.nearest, {static_cast<int64_t>(quality.nearest.size())});
  told["nearest_cosine"] = nb::make_tuple(quality.nearest_cosine.mean, quality.nearest_cosine.stderr_of_mean);
  told["blend"] = nb::make_tuple(quality.blend.mean, quality.blend.stderr_of_mean);
  nb::dict classes;
  for (const auto& [label, count] : quality.class_counts) classes[nb::int_(label)] = count;
  told["class_counts"] = classes;
  told["negatives"] = quality.negatives;
  told["blended"] = quality.blended;
  return told;
}

nb::dict generate_images(const NamedDesign& design, int64_t count, const nb::dict& given, nb::object progress) {
  generate::SampleOptions options;
  options.samples = count;
  options.film_samples = 0;  // a film is made where one is asked for
  read_options(given, options_of_sampling(), "sampling", options, options.threads);
  const std::unique_ptr<Ranks> ranks = ranks_of(given);
  options.ranks = ranks.get();
  require_at_least(1, "n", options.samples);
  require_at_least(0, "tile", options.tile);
  require_not_negative("dt", options.dt);
  require_at_least(0, "film_samples", options.film_samples);
  require_at_least(0, "film_frames", options.film_frames);
  Watch watch(std::move(progress));
  options.progress = [&](const Progress& at) { return watch.tell("generating", at.done, at.total); };
  generate::Samples samples;
  watch.run(false, [&] { samples = generate::generate(*design.trained, options); });
  nb::dict told;
  const int64_t pixels = samples.count > 0 ? static_cast<int64_t>(samples.values.size()) / samples.count : 0;
  const auto frames = static_cast<int64_t>(samples.film_times.size());
  told["interruption"] = watch.was_interrupted() ? watch.pending() : nb::none();
  told["shape"] = nb::tuple(nb::cast(samples.shape));
  told["values"] = give(std::move(samples.values), {samples.count, pixels});
  told["labels"] = samples.labels.empty() ? nb::none() : nb::object(nb::cast(samples.labels));
  told["heat_kT"] = give(std::move(samples.entropy), {samples.count});
  told["film"] = give(std::move(samples.film), {frames, samples.film_samples, pixels});
  told["film_times"] = give(std::move(samples.film_times), {frames});
  told["quality"] = samples.judged ? nb::object(quality_of(samples.quality)) : nb::none();
  told["wall_s"] = samples.wall_s;
  told["interrupted"] = samples.interrupted;
  told["bill"] = to_python(to_json(samples.bill));
  return told;
}

}  // namespace

void add_images(nb::module_& module) {
  module.attr("_train_options") = tuple_of(options_of_training());
  module.attr("_sample_options") = tuple_of(options_of_sampling());
  module.def("_train", &train, nb::arg("design"), nb::arg("images").none(), nb::arg("labels"), nb::arg("options"),
             nb::arg("progress").none());
  module.def("_generate", &generate_images, nb::arg("design"), nb::arg("count"), nb::arg("options"),
             nb::arg("progress").none());
}

}  // namespace swell::python
