// swell judge: how good generated images are, beside reference lines.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/cmd/command.h"
#include "swell/cmd/console.h"
#include "swell/cmd/flags.h"
#include "swell/cmd/image_flags.h"
#include "swell/cmd/progress.h"
#include "swell/ledger/to_json.h"
#include "swell/programs/judge/read_samples.h"
#include "swell/programs/judge/report.h"

namespace swell::cmd {

namespace {

constexpr int64_t kQuickImages = 200, kQuickResamples = 20;

struct Flags {
  std::string samples, labels, data = "mnist";
  std::vector<double> range;
  int64_t most = 0;
  judge::JudgeOptions options;
};

std::optional<judge::Range> range_of(const Flags& flags) {
  if (flags.range.empty()) return {};
  if (flags.range.size() != 2 || flags.range[0] == flags.range[1])
    throw InputError("--range needs two different numbers, what is black and what is white, as in --range -1,1");
  return judge::Range{flags.range[0], flags.range[1]};
}

void say_figures(const judge::Report& report, const Common& common) {
  common.say(
      fmt::format("the judge recognises {:.2f} % of the test images of {}; FD is to all {} of them, KD to half of them",
                  100 * report.test_accuracy, report.data, report.test_images));
  if (!report.has_labels)
    common.say("no classes were given (--labels FILE): no agreement; variances by the judge's own");
  common.say(judge::table_of_lines(report));
}

void check(Result& result, const judge::Report& report) {
  const std::string copies = fmt::format(
      "{:.3g} % of {} samples are nearly a training image: less than {:.3f} times as far from it as from "
      "the next; 1 % of the test images are",
      100 * report.samples.copied.mean, report.searched, report.copied_ratio);
  result.check(
      "not memorised", !report.memorised, copies,
      {{"copied", swell::to_json(report.samples.copied, "1")}, {"copied_of_test_images", judge::kCopiedOfTest}});
  if (report.memorised) warn(copies);
}

Result run(const Flags& flags, const Common& common) {
  const judge::Network network = judge::network_of(flags.data);
  std::vector<std::string> notes;
  judge::Images samples = judge::read_samples(
      flags.samples, flags.labels.empty() ? std::nullopt : std::optional<std::filesystem::path>(flags.labels),
      range_of(flags), notes);
  say_notes(notes, common);
  const int64_t found = samples.count();
  find_data(flags.data, true);
  const judge::Data data = judge::read_data(flags.data, fetched(flags.data));
  judge::JudgeOptions options = flags.options;
  int64_t most = flags.most;
  if (common.quick) {
    most = most > 0 ? std::min(most, kQuickImages) : kQuickImages;
    options.resamples = std::min(options.resamples, kQuickResamples);
  }
  samples = judge::shuffled(samples, common.seed, most);
  judge::prepare(samples, options.threshold);
  options.seed = common.seed;
  options.threads = common.threads;
  options.go_on = [] { return !interrupted(); };
  ProgressLine progress;
  options.progress = [&](const Progress& at) { return progress.show(at); };
  const judge::Report report = judge::judge(network, samples, data, options);
  clear_progress();
  Result result;
  result.inputs = {{"images_found", found}, {"samples", samples.count()}, {"resamples", options.resamples}};
  result.result = judge::to_json(report);
  result.references = judge::references_of(report);
  say_figures(report, common);
  check(result, report);
  if (!common.report.empty()) result.page = judge::report_page(report, options, {samples, data.train});
  return result;
}

}  // namespace

Command judge_command() {
  return {"judge", "how good generated images are, beside reference lines", [](CLI::App& app) -> Action {
            auto flags = std::make_shared<Flags>();
            judge::JudgeOptions& o = flags->options;
            app.add_option("SAMPLES", flags->samples,
                           "images of 28 x 28: the folder of 'swell generate'; an array .npy or .npz:NAME; a folder of "
                           "PNG images, an IDX file, a table .csv")
                ->required();
            app.add_option("--labels", flags->labels,
                           "the classes that were asked for, 0 to 9: .npy, IDX or a table of one column; without it "
                           "labels.npy beside samples.npy, or those that the images have")
                ->option_text("FILE");
            app.add_option("--data", flags->data,
                           fmt::format("the set that they are held against, after 'swell data NAME': {}",
                                       fmt::join(judge::known_sets(), ", ")))
                ->capture_default_str()
                ->option_text("IMAGES")
                ->check(CLI::IsMember(judge::known_sets()));
            app.add_option("-n,--samples", flags->most, "judge only so many, drawn at random, 0 for all")
                ->capture_default_str()
                ->check(CLI::Range(int64_t{0}, int64_t{1} << 40));
            app.add_option("--range", flags->range,
                           "of an array: the numbers that are black and white, for example -1,1; without it 0,1, -1,1 "
                           "or 0,255 by where nearly all numbers lie")
                ->delimiter(',')
                ->expected(2);
            app.add_option("--noise", o.noise,
                           "standard deviation of the noise in the samples, black to white = 1: a reference line has "
                           "test images with as much")
                ->capture_default_str()
                ->check(CLI::Range(0.0, 10.0));
            app.add_option_function<double>(
                   "--binarise", [flags](double threshold) { flags->options.threshold = threshold; },
                   "make pixels above this white and the others black, in samples, data and reference lines alike")
                ->check(CLI::Range(0.0, 1.0));
            app.add_option("--resamples", o.resamples, "resamples of the bootstrap, for standard errors")
                ->capture_default_str()
                ->check(CLI::Range(2, 10000));
            return [flags](const Common& common) { return run(*flags, common); };
          }};
}

}  // namespace swell::cmd
