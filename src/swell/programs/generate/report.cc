#include "swell/programs/generate/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/gif.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/programs/generate/pictures.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::generate {

namespace {

using Json = nlohmann::ordered_json;

std::string bill_table(const Bill& bill) {
  const double kT = joules_per_kT(bill.prices);
  const double digital = bill.prices.denoiser_multiply_adds * bill.prices.multiply_add_joule;
  const double readout = bill.prices.readout_joule * static_cast<double>(bill.readouts);
  std::string html = table(
      "The device, per image",
      {{"heat while the image forms", with_error(bill.heat_kT) + " kT",
        fmt::format("{} J at {:g} K", with_error(bill.heat_kT, kT), bill.prices.temperature_kelvin)},
       {"heat while it fills with noise", with_error(bill.preparation_kT) + " kT", "negative: taken from the bath"},
       {"work of switching the couplings on", with_error(bill.work_kT) + " kT"},
       {"time", fmt::format("{:.3g} s", bill.device_time_s),
        fmt::format("with 1/mu = {:g} s", bill.prices.time_unit_s)}});
  html += table(
      "Not in the device figure",
      {{"readout, per image", fmt::format("{} values, {:.3g} J", bill.readouts, readout),
        fmt::format("at {:g} J each: an assumption, set it with --price-readout", bill.prices.readout_joule)},
       {"writing the parameters, once",
        fmt::format("{} values, {:.3g} J", bill.writes, bill.prices.write_joule * static_cast<double>(bill.writes)),
        fmt::format("at {:g} J each: an assumption, set it with --price-write", bill.prices.write_joule)},
       {"training", fmt::format("{:.3g} s of this computer", bill.training_wall_s), "not done by the device"}});
  std::vector<Row> digital_rows = {
      {"digital denoiser", fmt::format("{:.3g} J = {:.3g} kT", digital, digital / kT),
       fmt::format(
           "{:.3g} multiply-adds (the published lower bound) at {:g} J each; memory, control and training not counted",
           bill.prices.denoiser_multiply_adds, bill.prices.multiply_add_joule)}};
  if (bill.heat_kT.mean > 0) {
    digital_rows.push_back({"ratio to the device's heat", fmt::format("{:.2g}", digital / (bill.heat_kT.mean * kT))});
    digital_rows.push_back({"ratio to heat and readout",
                            fmt::format("{:.2g}", digital / (bill.heat_kT.mean * kT + readout)),
                            "with these prices the readout, not the computing, decides"});
  }
  html += table("The same job on a digital machine, per image", digital_rows);
  return html +
         table("This simulation, in all",
               {{"generation",
                 fmt::format("{:.3g} multiply-adds, {:.3g} s", bill.simulation_multiply_adds, bill.simulation_wall_s),
                 fmt::format("for {} images; a cost of the simulator, not of the device", bill.results)}});
}

// A curve over the number of its point.
std::string curve(std::span<const double> values, const std::string& x_label, const std::string& y_label,
                  bool logarithmic) {
  std::vector<double> x(values.size());
  std::iota(x.begin(), x.end(), 0.0);
  return draw({x_label, y_label, false, logarithmic, {{"", x, {values.begin(), values.end()}, {}, Mark::line}}});
}

std::string quality_line(const Samples& samples) {
  if (!samples.judged) return "";
  std::string classes;
  for (const auto& [label, count] : samples.quality.class_counts)
    classes += fmt::format("{}{}: {}", classes.empty() ? "" : ", ", label, count);
  return fmt::format(
      "<p>Mean cosine with the nearest training image {}; nearer to a negative: {} of {}; share of "
      "other images in the picture {}, blends (more than a tenth): {} of {}; samples per class: {}.</p>\n",
      with_error(samples.quality.nearest_cosine), samples.quality.negatives, samples.count,
      with_error(samples.quality.blend), samples.quality.blended, samples.count, classes);
}

}  // namespace

Json to_json(const Samples& samples) {
  Json json;
  json["samples"] = samples.count;
  json["wall_s"] = samples.wall_s;
  json["unit_steps_per_s"] = samples.unit_steps_per_s;
  json["memory_predicted_bytes"] = samples.memory_predicted_bytes;
  json["heat_kT"] = swell::to_json(samples.bill.heat_kT);
  if (samples.judged) {
    json["nearest_cosine"] = swell::to_json(samples.quality.nearest_cosine);
    json["class_counts"] = Json::object();
    for (const auto& [label, count] : samples.quality.class_counts) json["class_counts"][std::to_string(label)] = count;
    json["negatives"] = samples.quality.negatives;
    json["blend"] = swell::to_json(samples.quality.blend);
    json["blended"] = samples.quality.blended;
  } else {
    json["nearest_cosine"] = nullptr;
    json["class_counts"] = nullptr;
    json["negatives"] = nullptr;
    json["blend"] = nullptr;
    json["blended"] = nullptr;
  }
  return json;
}

void write_outputs(const std::filesystem::path& folder, const Trained& trained, const Samples& samples) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
  std::vector<int64_t> shape{samples.count};
  shape.insert(shape.end(), samples.shape.begin(), samples.shape.end());
  write_npy(folder / "samples.npy", shape, std::span<const float>(samples.values));
  write_png(folder / "grid.png", sample_grid(samples));
  const std::vector<Image> frames = film(samples);
  if (!frames.empty()) write_gif(folder / "movie.gif", frames, {5, 200, 32});
  write_png(folder / "couplings.png", receptive_fields(trained.design, trained.design.computer.sets[0]));
}

std::string report_page(const Trained& trained, const TrainReport& training, const Samples& samples,
                        const Json& summary) {
  const bool exact = trained.training["method"] == "exact";
  std::string page = fmt::format(
      "<h1>Digits from thermal noise</h1>\n<p>A simulated thermodynamic computer of {} fluctuating units, design "
      "<b>{}</b>, trained on {} image{}. "
      "Each image starts as thermal noise; then the learned couplings are switched on and the units settle into an "
      "image, giving heat to "
      "the bath. {} samples, seed {}.</p>\n",
      trained.design.computer.units(), trained.design.name, trained.images.images(),
      trained.images.images() == 1 ? "" : "s", samples.count, summary["seed"].get<uint64_t>());
  page += quality_line(samples);
  page += figure(encode_gif(film(samples), {5, 200, 32}), "gif",
                 "Noise becoming images: the units' values over the whole run.");
  page += figure(sample_grid(samples), "The samples, read at the end of the run.");
  page += figure(training_grid(trained.images), "What it was trained on.");
  page += figure(receptive_fields(trained.design, trained.design.computer.sets[0]),
                 "Receptive fields: couplings to the visible units of the hidden units that differ most from the mean. "
                 "Red: the two want the same sign; blue: opposite signs.");
  page += figure(histogram(samples.heat_kT, "heat per image, kT", "images"),
                 "Heat given to the bath while each image forms.");
  page += exact ? figure(curve(training.curve, "iteration", "relative residual", true),
                         "Training: conjugate gradients on the exact least-squares problem.")
                : figure(curve(training.curve, "update", "loss per step and unit", false),
                         "Training: -ln P of the reversed noising trajectory, floor 1/2.");
  page += "<h2>The bill</h2>\n" + bill_table(samples.bill);
  return html_page(trained.design.name, page);
}

}  // namespace swell::generate
