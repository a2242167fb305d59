#include "swell/programs/generate/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/base/errors.h"
#include "swell/io/atomic_file.h"
#include "swell/io/base64.h"
#include "swell/io/gif.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/programs/generate/pictures.h"
#include "swell/programs/generate/plots.h"

namespace swell::generate {

namespace {

using Json = nlohmann::ordered_json;

std::string embed(std::span<const std::byte> bytes, const char* type, const std::string& caption) {
  return fmt::format(
      "<figure><img alt=\"{0}\" src=\"data:image/{1};base64,{2}\"><figcaption>{0}</figcaption></figure>\n", caption,
      type, encode_base64(bytes));
}

std::string row(const std::string& what, const std::string& value, const std::string& remark = "") {
  return fmt::format("<tr><th>{}</th><td>{}</td><td>{}</td></tr>\n", what, value, remark);
}

std::string with_error(const Estimate& estimate, double scale = 1) {
  return fmt::format("{:.4g} &plusmn; {:.2g}", estimate.mean * scale, estimate.stderr_of_mean * scale);
}

std::string bill_table(const Bill& bill) {
  const double kT = joules_per_kT(bill.prices);
  const double digital = bill.prices.denoiser_multiply_adds * bill.prices.multiply_add_joule;
  const double readout = bill.prices.readout_joule * static_cast<double>(bill.readouts);
  std::string table = "<table><caption>The device, per image</caption>\n";
  table += row("heat while the image forms", with_error(bill.heat_kT) + " kT",
               fmt::format("{} J at {:g} K", with_error(bill.heat_kT, kT), bill.prices.temperature_kelvin));
  table +=
      row("heat while it fills with noise", with_error(bill.preparation_kT) + " kT", "negative: taken from the bath");
  table += row("work of switching the couplings on", with_error(bill.work_kT) + " kT");
  table += row("time", fmt::format("{:.3g} s", bill.device_time_s),
               fmt::format("with 1/mu = {:g} s", bill.prices.time_unit_s));
  table += "</table>\n<table><caption>Not in the device figure</caption>\n";
  table += row("readout, per image", fmt::format("{} values, {:.3g} J", bill.readouts, readout),
               fmt::format("at {:g} J each: an assumption, set it with --price-readout", bill.prices.readout_joule));
  table +=
      row("writing the parameters, once",
          fmt::format("{} values, {:.3g} J", bill.writes, bill.prices.write_joule * static_cast<double>(bill.writes)),
          fmt::format("at {:g} J each: an assumption, set it with --price-write", bill.prices.write_joule));
  table += row("training", fmt::format("{:.3g} s of this computer", bill.training_wall_s), "not done by the device");
  table += "</table>\n<table><caption>The same job on a digital machine, per image</caption>\n";
  table += row(
      "digital denoiser", fmt::format("{:.3g} J = {:.3g} kT", digital, digital / kT),
      fmt::format(
          "{:.3g} multiply-adds (the published lower bound) at {:g} J each; memory, control and training not counted",
          bill.prices.denoiser_multiply_adds, bill.prices.multiply_add_joule));
  if (bill.heat_kT.mean > 0) {
    table += row("ratio to the device's heat", fmt::format("{:.2g}", digital / (bill.heat_kT.mean * kT)));
    table += row("ratio to heat and readout", fmt::format("{:.2g}", digital / (bill.heat_kT.mean * kT + readout)),
                 "with these prices the readout, not the computing, decides");
  }
  table += "</table>\n<table><caption>This simulation, in all</caption>\n";
  table += row("generation",
               fmt::format("{:.3g} multiply-adds, {:.3g} s", bill.simulation_multiply_adds, bill.simulation_wall_s),
               fmt::format("for {} images; a cost of the simulator, not of the device", bill.results));
  return table + "</table>\n";
}

constexpr const char* kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "h1{font-weight:600}figure{display:inline-block;margin:0 1.5rem 1.5rem 0;vertical-align:top}"
    "img{image-rendering:pixelated;max-width:100%}figcaption{font-size:.85rem;color:#56616d;max-width:36rem}"
    "table{border-collapse:collapse;margin:0 0 1.5rem;width:100%}caption{text-align:left;font-weight:600;padding:.4rem "
    "0}"
    "th{text-align:left;font-weight:400;width:30%}th,td{border-top:1px solid #dde3e8;padding:.3rem .6rem .3rem "
    "0;vertical-align:top}"
    "td:last-child{color:#56616d;font-size:.85rem}";

std::string quality_line(const Samples& samples) {
  if (!samples.judged) return "";
  std::string classes;
  for (const auto& [label, count] : samples.quality.class_counts)
    classes += fmt::format("{}{}: {}", classes.empty() ? "" : ", ", label, count);
  return fmt::format(
      "<p>Mean cosine with the nearest training image {}; nearer to a negative: {} of {}; samples per class: {}.</p>\n",
      with_error(samples.quality.nearest_cosine), samples.quality.negatives, samples.count, classes);
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
  } else {
    json["nearest_cosine"] = nullptr;
    json["class_counts"] = nullptr;
    json["negatives"] = nullptr;
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
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Swell: "
      "{}</title><style>{}</style></head><body>\n",
      trained.design.name, kStyle);
  page += fmt::format(
      "<h1>Digits from thermal noise</h1>\n<p>A simulated thermodynamic computer of {} fluctuating units, design "
      "<b>{}</b>, trained on {} image{}. "
      "Each image starts as thermal noise; then the learned couplings are switched on and the units settle into an "
      "image, giving heat to "
      "the bath. {} samples, seed {}.</p>\n",
      trained.design.computer.units(), trained.design.name, trained.images.images(),
      trained.images.images() == 1 ? "" : "s", samples.count, summary["seed"].get<uint64_t>());
  page += quality_line(samples);
  page += embed(encode_gif(film(samples), {5, 200, 32}), "gif",
                "Noise becoming images: the units' values over the whole run.");
  page += embed(encode_png(sample_grid(samples)), "png", "The samples, read at the end of the run.");
  page += embed(encode_png(training_grid(trained.images)), "png", "What it was trained on.");
  page += embed(encode_png(receptive_fields(trained.design, trained.design.computer.sets[0])), "png",
                "Receptive fields: couplings to the visible units of the hidden units that differ most from the mean. "
                "Red: the two want the same sign; blue: opposite signs.");
  page += figure(histogram(samples.heat_kT, "heat per image, kT", "images"),
                 "Heat given to the bath while each image forms.");
  page += exact ? figure(curve(training.curve, "iteration", "relative residual", true),
                         "Training: conjugate gradients on the exact least-squares problem.")
                : figure(curve(training.curve, "update", "loss per step and unit", false),
                         "Training: -ln P of the reversed noising trajectory, floor 1/2.");
  page += "<h2>The bill</h2>\n" + bill_table(samples.bill);
  return page + "</body></html>\n";
}

}  // namespace swell::generate
