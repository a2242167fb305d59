// How good images are, beside reference lines.

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "arrays.h"
#include "json.h"
#include "module.h"
#include "options.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/judge/read_samples.h"
#include "swell/programs/judge/report.h"
#include "watch.h"

namespace swell::python {

namespace {

struct JudgeSettings : judge::JudgeOptions {
  int64_t n = 0;                           // 0 for all
  std::optional<judge::Range> range = {};  // what is black and what is white
};

const Options<JudgeSettings>& options_of_judge() {
  static const Options<JudgeSettings> all = {
      {"n", SWELL_INTO(n)},
      {"range",
       [](JudgeSettings& settings, nb::handle value) {
         const auto ends = nb::cast<std::vector<double>>(value);
         if (ends.size() != 2 || ends[0] == ends[1])
           throw InputError("range needs two different numbers: what is black and what is white");
         settings.range = {ends[0], ends[1]};
       }},
      {"noise", SWELL_INTO(noise)},
      {"binarise", [](JudgeSettings& settings, nb::handle value) { settings.threshold = nb::cast<double>(value); }},
      {"resamples", SWELL_INTO(resamples)},
      {"seed", SWELL_INTO(seed)},
      {"threads", SWELL_INTO(threads)}};
  return all;
}

// {as `swell judge --json` has it: result, references}.
nb::dict judge_images(const In<double, 2>& images, const std::vector<int64_t>& shape, const std::vector<int>& labels,
                      const std::string& data, const std::string& folder, const nb::dict& given, nb::object progress) {
  JudgeSettings settings;
  read_options(given, options_of_judge(), "the judge", settings, settings.threads);
  require_at_least(0, "n", settings.n);
  require_at_least(2, "resamples", settings.resamples);
  require_not_negative("noise", settings.noise);
  std::vector<double> values = to_vector(images);
  Watch watch(std::move(progress));
  settings.go_on = [&] { return watch.go_on(); };
  settings.progress = [&](const Progress& at) { return watch.tell(at.stage.c_str(), at.done, at.total); };
  judge::Report report;
  std::vector<std::string> notes;
  watch.run(false, [&] {
    const judge::Network network = judge::network_of(data);
    judge::Images samples = judge::samples_of_numbers(shape, std::move(values), settings.range, "images", notes);
    samples.labels = labels;
    samples = judge::shuffled(samples, settings.seed, settings.n);
    judge::prepare(samples, settings.threshold);
    report = judge::judge(network, samples, judge::read_data(data, folder), settings);
  });
  watch.raise_pending();
  nb::dict told;
  told["result"] = to_python(judge::to_json(report));
  told["references"] = to_python(judge::references_of(report));
  told["notes"] = nb::cast(notes);
  return told;
}

}  // namespace

void add_judge(nb::module_& module) {
  module.attr("_judge_options") = tuple_of(options_of_judge());
  module.def("_judge", &judge_images, nb::arg("images"), nb::arg("shape"), nb::arg("labels"), nb::arg("data"),
             nb::arg("folder"), nb::arg("options"), nb::arg("progress").none());
  module.def("_judge_sets", &judge::known_sets);
}

}  // namespace swell::python
