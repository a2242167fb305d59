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
#include "swell/ledger/to_json.h"
#include "swell/programs/generate/pictures.h"
#include "swell/report/bill.h"
#include "swell/report/diagnostics.h"
#include "swell/report/machine.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::generate {

namespace {

using Json = nlohmann::ordered_json;

// A curve over the number of its point.
std::string curve(std::span<const double> values, const std::string& x_label, const std::string& y_label,
                  bool logarithmic) {
  std::vector<double> x(values.size());
  std::iota(x.begin(), x.end(), 0.0);
  return draw({x_label, y_label, false, logarithmic, {{"", x, {values.begin(), values.end()}, {}, Mark::line}}});
}

std::string quality_sentence(const Samples& samples) {
  if (!samples.judged) return "";
  std::string classes;
  for (const auto& [label, count] : samples.quality.class_counts)
    classes += fmt::format("{}{}: {}", classes.empty() ? "" : ", ", label, count);
  return fmt::format(
      " Mean cosine with the nearest training image {} (1 is the image itself, 0 noise); nearer to a negative: {} of "
      "{}; share of other images in the picture {}, blends (more than a tenth): {} of {}; samples of each class: {}.",
      with_error(samples.quality.nearest_cosine), samples.quality.negatives, samples.count,
      with_error(samples.quality.blend), samples.quality.blended, samples.count, classes);
}

std::string gray_bar(double white) {
  return scale_bar(fmt::format("x = {:.2g}", -white), "0", fmt::format("x = {:.2g}", white), {"#000", "#fff"});
}

// What each stage has learned, over the noise of its middle, and what the noisy machine makes of it.
std::string stages_figure(const Trained& trained, const TrainReport& training) {
  const Stages& stages = *trained.design.stages;
  std::vector<double> noise;
  for (int64_t k = 0; k < stages.count; ++k) noise.push_back(stages.rho(stages.middle(k)));
  Plot plot{"noise, in units of an image",
            "loss",
            true,
            false,
            {{"by quadrature", noise, training.losses.loss, training.losses.error, Mark::line}}};
  if (!training.gate.simulated.empty())
    plot.series.push_back({"hidden units simulated", noise, training.gate.simulated, {}, Mark::points});
  return figure(draw(plot),
                "The loss of each stage on images that were not learned from: by quadrature with its standard "
                "error, and of the force that simulated hidden units exert.");
}

std::string training_figure(const Trained& trained, const TrainReport& training) {
  if (training.curve.size() < 2) return "";
  if (trained.training["method"] == "score")
    return figure(curve(training.curve, "update", "mean loss of the stages", true),
                  "Training: denoising score matching, in units of the best linear estimate of a pixel by itself.") +
           stages_figure(trained, training);
  return trained.training["method"] == "exact"
             ? figure(curve(training.curve, "iteration", "relative residual", true),
                      "Training: conjugate gradients on the exact least-squares problem.")
             : figure(curve(training.curve, "update", "loss per step and unit", false),
                      "Training: -ln P of the reversed noising trajectory, floor 1/2.");
}

// Where in time a machine of stages gives its heat off, and where work is done on it.
std::string heat_figure(const Stages& stages, const Samples& samples) {
  Series heat{"heat to the bath", {}, {}, {}, Mark::points},
      work{"work of writing the stage", {}, {}, {}, Mark::points};
  for (int64_t k = 0; k < stages.count; ++k) {
    const auto add = [&](Series& series, const Estimate& value) {
      series.x.push_back(stages.rho(stages.middle(k)));
      series.y.push_back(value.mean);
      series.error.push_back(value.has_error() ? value.stderr_of_mean : 0.0);
    };
    add(heat, samples.heat_of_segment.at(k + 1));  // after the noise
    add(work, samples.work_of_segment.at(k + 1));
  }
  return figure(draw({"noise of the stage, in units of an image", "kT an image", true, false, {heat, work}}),
                std::string("Where an image costs: heat given off in each stage, and the work of switching its "
                            "couplings on, with standard errors. Time runs from right to left. ") +
                    (stages.from_label ? "The label's image was there before; its heat is not in the figure. "
                                       : "Shapes are decided where noise is about as large as the image. ") +
                    "The heat of the last stages is that of strokes becoming sharp.");
}

// What hidden units see of an image, in a stage from each band.
std::string stage_fields(const Design& design) {
  const Stages& stages = *design.stages;
  std::string figures;
  const int64_t bands = std::max<int64_t>(stages.bands, std::min<int64_t>(stages.count, 4));
  for (int64_t band = 0; band < bands; ++band) {
    const int64_t k = (2 * band + 1) * stages.count / (2 * bands);
    figures += figure(receptive_fields(design, design.computer.sets.at(k), 36),
                      fmt::format("Receptive fields in stage {}, noise {:.2g}: couplings to the visible units of the "
                                  "hidden units that differ most from the mean.",
                                  k + 1, stages.rho(stages.middle(k))) +
                          scale_bar("opposite signs", "", "the same sign", {"#003cc8", "#f5f5f5", "#c80000"}));
  }
  return figures;
}

// A design need not couple its visible units to others.
std::string field_figure(const Trained& trained) {
  if (trained.design.stages) return stage_fields(trained.design);
  try {
    return figure(
        receptive_fields(trained.design, trained.design.computer.sets.at(0)),
        "Receptive fields: couplings to the visible units of the hidden units that differ most from the mean." +
            scale_bar("opposite signs", "", "the same sign", {"#003cc8", "#f5f5f5", "#c80000"}));
  } catch (const InputError&) {
    return "";
  }
}

}  // namespace

Json to_json(const Samples& samples) {
  Json json;
  json["samples"] = samples.count;
  json["interrupted"] = samples.interrupted;
  json["wall_s"] = samples.wall_s;
  json["unit_steps_per_s"] = samples.unit_steps_per_s;
  json["memory_predicted_bytes"] = samples.memory_predicted_bytes;
  const auto& law = samples.diagnostics.first_law;
  json["heat"] = samples.bill.heat_kT ? swell::to_json(*samples.bill.heat_kT, "kT") : Json(nullptr);
  json["first_law_residual"] = law ? Json(law->residual) : Json(nullptr);
  json["first_law_share"] = law ? Json(law->share) : Json(nullptr);
  if (samples.judged) {
    json["nearest_cosine"] = swell::to_json(samples.quality.nearest_cosine, "1");
    json["class_counts"] = Json::object();
    for (const auto& [label, count] : samples.quality.class_counts) json["class_counts"][std::to_string(label)] = count;
    json["negatives"] = samples.quality.negatives;
    json["blend"] = swell::to_json(samples.quality.blend, "1");
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

std::vector<PlannedFile> planned_files(const std::filesystem::path& folder, const Trained& trained, int64_t samples) {
  const Design& design = trained.design;
  const double pixels = static_cast<double>(design.computer.groups[data_group(design)].size);
  return {{folder / "samples.npy", static_cast<double>(samples) * pixels * sizeof(float), "fewer samples"}};
}

void write_outputs(const std::filesystem::path& folder, const Trained& trained, const Samples& samples) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(fmt::format("cannot make the folder {}: {}", folder.string(), error.message()));
  std::vector<int64_t> shape{samples.count};
  shape.insert(shape.end(), samples.shape.begin(), samples.shape.end());
  write_npy(folder / "samples.npy", shape, std::span<const float>(samples.values));
  if (!samples.labels.empty()) {
    const std::vector<double> labels(samples.labels.begin(), samples.labels.end());
    write_npy(folder / "labels.npy", std::vector{samples.count}, std::span<const double>(labels));
  }
  write_png(folder / "grid.png", sample_grid(samples));
  const std::vector<Image> frames = film(samples);
  if (!frames.empty()) write_gif(folder / "movie.gif", frames, {5, 200, 32});
  write_png(folder / "couplings.png", receptive_fields(trained.design, trained.design.computer.sets[0]));
}

std::string report_page(const Trained& trained, const TrainReport& training, const Samples& samples, uint64_t seed) {
  const Design& design = trained.design;
  const Bill& bill = samples.bill;
  std::string page = fmt::format("<h1>Images from thermal noise: {}</h1>\n", escaped(design.name));
  if (bill.heat_kT) {
    page += answer("heat of an image", with_error(*bill.heat_kT) + " kT",
                   fmt::format("= {} J at {:g} K; {:.3g} s on the device. {} images, seed {}.{}",
                               with_error(*bill.heat_kT, joules_per_kT(bill.prices)), bill.prices.temperature_kelvin,
                               *bill.time_s, samples.count, seed, quality_sentence(samples)));
  } else {
    page += answer("images", fmt::format("{}", samples.count),
                   fmt::format("Their heat is not known: {}. {:.3g} s on the device each, seed {}.{}",
                               escaped(bill.heat_kT.why()), *bill.time_s, seed, quality_sentence(samples)));
  }
  page += explain_errors(fmt::format("{} independent images", samples.count));
  const double white = gray_scale(samples.values);
  page += figure(sample_grid(samples), "The samples, read at the end of the run." + gray_bar(white));
  const std::vector<Image> frames = film(samples);
  if (!frames.empty()) {
    page += figure(encode_gif(frames, {5, 200, 32}), "gif",
                   "Noise becoming images, with the clock in 1/mu and the phase of the protocol; of phases without "
                   "couplings every fifth frame is shown." +
                       gray_bar(white));
  }
  if (trained.images.rows() > 0)
    page +=
        figure(training_grid(trained.images), fmt::format("What it was trained on: {} image{}.", trained.images.rows(),
                                                          trained.images.rows() == 1 ? "" : "s") +
                                                  gray_bar(1));
  page += bill_tables(bill) + diagnostics_table(samples.diagnostics);
  if (samples.count >= 20 && bill.heat_kT)
    page += figure(histogram(samples.entropy, "heat of an image, kT", "images"),
                   "Heat given to the bath while an image forms.");
  if (design.stages && bill.heat_kT) page += heat_figure(*design.stages, samples);
  page += "<h2>The machine</h2>\n";
  page += fmt::format(
      "<p>A simulated thermodynamic computer of {} fluctuating units. An image starts as thermal noise; then the "
      "learned "
      "couplings are switched on and the units settle into an image, giving heat to the bath.</p>\n",
      design.computer.units());
  page += figure(machine_drawing(design), "Groups of units with their on-site potentials, and what couples them.");
  page += figure(protocol_drawing(design, find_protocol(design, "generation")),
                 "The protocol \"generation\". Dark where couplings are in force.");
  page += field_figure(trained) + training_figure(trained, training);
  return html_page(design.name, page);
}

std::string report_page(const Trained& trained, const TrainReport& training) {
  const Design& design = trained.design;
  const bool exact = trained.training["method"] == "exact";
  std::string page = fmt::format("<h1>Training {}</h1>\n", escaped(design.name));
  page += answer(
      exact           ? "relative residual of the least squares"
      : design.stages ? "mean loss of the stages, on images that were not learned from"
                      : "loss per step and unit (its floor is 1/2)",
      training.curve.empty() ? "none"
      : design.stages        ? fmt::format("{:.4g}", training.losses.mean())
                             : fmt::format("{:.4g}", training.curve.back()),
      fmt::format("{} {}{}, {:.3g} s on this computer; {} parameters of {} units, learned from {} images ({}).",
                  exact ? training.curve.size() - 1 : training.curve.size(), exact ? "iterations" : "updates",
                  training.interrupted ? ", interrupted"
                  : training.converged ? ""
                                       : ", not converged",
                  training.wall_s, parameters_of(design), design.computer.units(),
                  trained.training["images"].get<int64_t>(), escaped(trained.training["source"].get<std::string>())));
  page += training_figure(trained, training);
  if (trained.images.rows() > 0)
    page += figure(training_grid(trained.images), "What it was trained on (at most 100 are shown)." + gray_bar(1));
  page += field_figure(trained);
  page += figure(machine_drawing(design), "Groups of units with their on-site potentials, and what couples them.");
  for (const Protocol& protocol : design.protocols)
    page += figure(protocol_drawing(design, protocol), fmt::format("The protocol \"{}\".", escaped(protocol.name)));
  return html_page("training " + design.name, page);
}

std::string machine_page(const Trained& trained) {
  const Design& design = trained.design;
  std::string page = fmt::format("<h1>{}</h1>\n", escaped(design.name));
  page += answer(
      "a machine of", fmt::format("{} units, {} parameters", design.computer.units(), parameters_of(design)),
      fmt::format("kT = {:g} E0, steps of {:g}/mu. {}", design.computer.kT, design.dt, escaped(design.description)));
  page += figure(machine_drawing(design), "Groups of units with their on-site potentials, and what couples them.");
  for (const Protocol& protocol : design.protocols)
    page += figure(protocol_drawing(design, protocol), fmt::format("The protocol \"{}\".", escaped(protocol.name)));
  if (!trained.training.empty()) {
    page += "<h2>What it learned</h2>\n";
    const bool fields = std::ranges::find(design.patterns, PatternMap::data) != design.patterns.end();
    if (fields && !design.computer.sets.empty()) page += field_figure(trained);
    if (trained.images.rows() > 0) page += figure(training_grid(trained.images), "Images that it keeps." + gray_bar(1));
  }
  return html_page(design.name, page);
}

}  // namespace swell::generate
