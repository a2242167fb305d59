// Machines that make images: training and sampling.

#include <fmt/format.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "design.h"
#include "images_for.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "swell/base/errors.h"
#include "swell/base/threads.h"
#include "swell/programs/generate/sample.h"
#include "swell/programs/generate/train.h"
#include "watch.h"

namespace swell::python {

namespace {

constexpr const char* kTrain[] = {"method", "seed", "threads", "tolerance", "updates", "rate"};
constexpr const char* kSample[] = {"seed", "threads", "tile", "precision", "isa", "film_samples", "film_frames"};

nb::tuple train(const NamedDesign& design, nb::handle images, const std::vector<int>& labels, const nb::dict& given,
                nb::object progress) {
  require_known(given, kTrain, "training");
  generate::TrainOptions options;
  options.threads = hardware_threads();
  set_option(given, "seed", options.seed);
  set_option(given, "threads", options.threads);
  set_option(given, "tolerance", options.tolerance);
  set_option(given, "updates", options.updates);
  set_option(given, "rate", options.rate);
  std::string method = "exact";
  set_option(given, "method", method);
  if (method != "exact" && method != "gradient")
    throw InputError(fmt::format("method '{}' is not known; exact, gradient are", method));
  if (method == "gradient") options.method = generate::Method::gradient;
  if (options.threads < 1) throw InputError(fmt::format("threads {} is not allowed; 1 or more is", options.threads));
  if (options.updates < 1) throw InputError(fmt::format("updates {} is not allowed; 1 or more is", options.updates));
  const DataSet set = images_for(design.design(), images, labels);
  Watch watch(std::move(progress));
  options.progress = [&](const std::string& stage, double done, double total, double) {
    return watch.tell(stage.c_str(), done, total);
  };
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
  require_known(given, kSample, "sampling");
  generate::SampleOptions options;
  options.samples = count;
  options.threads = hardware_threads();
  options.film_samples = 0;  // a film is made where one is asked for
  set_option(given, "seed", options.seed);
  set_option(given, "threads", options.threads);
  set_option(given, "tile", options.tile);
  set_option(given, "isa", options.isa);
  set_option(given, "film_samples", options.film_samples);
  set_option(given, "film_frames", options.film_frames);
  std::string precision;
  if (set_option(given, "precision", precision)) {
    const auto named = precision_named(precision);
    if (!named) throw InputError(fmt::format("precision '{}' is not known; f32, bf16x3, bf16 are", precision));
    options.precision = *named;
  }
  if (options.samples < 1) throw InputError(fmt::format("n {} is not allowed; 1 or more is", options.samples));
  if (options.film_samples < 0 || options.film_frames < 0)
    throw InputError("a film cannot have fewer than no pictures");
  Watch watch(std::move(progress));
  options.progress = [&](int64_t done, int64_t total) {
    return watch.tell("generating", static_cast<double>(done), static_cast<double>(total));
  };
  generate::Samples samples;
  watch.run(false, [&] { samples = generate::generate(*design.trained, options); });
  nb::dict told;
  const int64_t pixels = samples.count > 0 ? static_cast<int64_t>(samples.values.size()) / samples.count : 0;
  const auto frames = static_cast<int64_t>(samples.film_times.size());
  told["interruption"] = watch.was_interrupted() ? watch.pending() : nb::none();
  told["shape"] = nb::tuple(nb::cast(samples.shape));
  told["values"] = give(std::move(samples.values), {samples.count, pixels});
  told["heat_kT"] = give(std::move(samples.heat_kT), {samples.count});
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
  module.attr("_train_options") = tuple_of(kTrain);
  module.attr("_sample_options") = tuple_of(kSample);
  module.def("_train", &train, nb::arg("design"), nb::arg("images").none(), nb::arg("labels"), nb::arg("options"),
             nb::arg("progress").none());
  module.def("_generate", &generate_images, nb::arg("design"), nb::arg("count"), nb::arg("options"),
             nb::arg("progress").none());
}

}  // namespace swell::python
