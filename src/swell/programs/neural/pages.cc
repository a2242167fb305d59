#include "swell/programs/neural/pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "swell/programs/neural/report.h"
#include "swell/report/bill.h"
#include "swell/report/diagnostics.h"
#include "swell/report/machine.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::neural {

namespace {

std::string percent(const Share& share) {
  return fmt::format("{:.2f} &plusmn; {:.2f} %", 100 * share.value, 100 * share.stderr_of_value);
}

std::string machine_part(const Design& design) {
  std::string html = "<h2>The machine</h2>\n";
  if (!design.description.empty()) html += "<p>" + escaped(design.description) + "</p>\n";
  html += figure(machine_drawing(design), "Groups of units with their on-site potentials, and what couples them.");
  for (const Protocol& protocol : design.protocols) {
    if (protocol.name == "answer")
      html += figure(
          protocol_drawing(design, protocol),
          "The protocol \"answer\": the question is clamped, the other units relax from x = 0, one group is read.");
  }
  return html;
}

// Rows: labels; columns: answers; the share of a label that gets each answer.
std::string confusion(const TestReport& report) {
  std::vector<std::string> head{"label"};
  for (int64_t k = 0; k < report.classes; ++k) head.push_back(fmt::format("{}", k));
  head.push_back("right");
  std::vector<std::vector<std::string>> rows;
  for (int64_t label = 0; label < report.classes; ++label) {
    std::vector<std::string> row{fmt::format("{}", label)};
    int64_t all = 0;
    for (int64_t k = 0; k < report.classes; ++k) {
      const int64_t count = report.confusion[label * report.classes + k];
      all += count;
      row.push_back(k == label ? fmt::format("<b>{}</b>", count) : fmt::format("{}", count));
    }
    const int64_t right = report.confusion[label * report.classes + label];
    row.push_back(all > 0 ? fmt::format("{:.1f} %", 100.0 * static_cast<double>(right) / static_cast<double>(all))
                          : "");
    rows.push_back(row);
  }
  return number_table("Which label gets which answer, in one run", head, rows);
}

}  // namespace

std::string neuron_page(const NeuronOptions& options, const NeuronReport& report) {
  std::string page = "<h1>The thermodynamic neuron</h1>\n";
  const std::string complaint = report.disagreement(options.dt);
  page += swell::answer(
      "largest difference between simulation and Fokker-Planck equation",
      fmt::format("{:.2g} standard errors", report.largest_deviation),
      fmt::format("in {} means of {} runs each: {}. U(x) = {:g} x\u00b2 + {:g} x\u00b3 + {:g} x\u2074 \u2212 I x, read "
                  "at set times from x = 0, steps of {:g}/mu.",
                  report.rows.size(), report.samples,
                  complaint.empty() ? fmt::format("what chance gives ({:.2g})", report.chance)
                                    : std::string("more than chance gives"),
                  options.J2, options.J3, options.J4, options.dt));
  page += warning(report.interruption) + warning(complaint);
  page += explain_errors(fmt::format("{} independent runs", report.samples));
  page +=
      figure(activation_plot(report),
             "Activation against input. Points: simulated; lines: Fokker-Planck equation at the same time; broken: in "
             "equilibrium.");
  std::vector<std::vector<std::string>> rows;
  for (const Activation& row : report.rows) {
    rows.push_back({fmt::format("{:g}", row.kT), fmt::format("{:g}", row.time), fmt::format("{:.4g}", row.input),
                    with_error(row.simulated), fmt::format("{:.4g}", row.fokker_planck),
                    row.simulated.has_error() ? fmt::format("{:+.1f}", row.deviation()) : "",
                    fmt::format("{:.4g}", row.equilibrium),
                    row.simulated.has_error() ? fmt::format("{:.3g}", row.spread) : ""});
  }
  page += number_table("All means",
                       {"kT, E0", "time, 1/mu", "input, E0", "simulated", "Fokker-Planck", "off by, errors",
                        "equilibrium", "spread of a run"},
                       rows);
  std::vector<std::vector<std::string>> heats;
  for (const NeuronReport::Warmth& warmth : report.warmth)
    heats.push_back({fmt::format("{:g}", warmth.kT), fmt::format("{:g}", warmth.time), with_error(warmth.heat_kT)});
  page += number_table("Heat of a unit until it is read, mean over the inputs", {"kT, E0", "time, 1/mu", "heat, kT"},
                       heats);
  page += diagnostics_table(report.diagnostics);
  page += bill_tables(report.bill);
  page += table("The Fokker-Planck equation", {{"cells", fmt::format("{} at most", report.cells)}});
  return html_page("neuron", page);
}

std::string class_page(const Design& design, const std::string& data, const TestReport& report) {
  std::string page = fmt::format("<h1>{} answers</h1>\n", escaped(design.name));
  page += swell::answer(
      "right answers in one run", percent(report.single),
      fmt::format("{} by the mean of {} runs; the label is among the two largest outputs in {}. {} images of {}. "
                  "An answer gives {} kT to the bath and takes {:.3g} s on the device.",
                  percent(report.averaged), report.runs, percent(report.top2), report.images, escaped(data),
                  with_error(*report.bill.heat_kT), *report.bill.time_s));
  page += warning(report.interruption);
  page += explain_errors(fmt::format("{} images", report.images));
  page += bill_tables(report.bill) + diagnostics_table(report.diagnostics);
  page += "<h2>Which answers</h2>\n" + confusion(report);
  const Protocol& protocol = find_protocol(design, "answer");
  if (!report.by_time.empty())
    page += figure(time_plot(report, protocol.segments.at(0).duration), "Right answers against the time of reading.");
  if (!report.by_temperature.empty()) {
    page += figure(temperature_plot(report), "Right answers against temperature.");
    std::vector<std::vector<std::string>> rows;
    for (const auto& at : report.by_temperature)
      rows.push_back({fmt::format("{:g}", at.where), percent(at.single), percent(at.averaged), with_error(at.heat_kT)});
    page += number_table("Temperatures", {"kT, E0", "one run", "mean of 3", "heat, kT"}, rows);
  }
  return html_page(design.name, page + machine_part(design));
}

std::string function_page(const Design& design, const std::string& data, const FunctionReport& report) {
  const Prices& prices = report.bill.prices;
  std::string page = fmt::format("<h1>{} computes a function</h1>\n", escaped(design.name));
  page += swell::answer(
      "root mean square error", fmt::format("{:.4g}", report.at_end.of_mean),
      fmt::format("of the mean of {} runs; {:.4g} of a single one. Questions from {}. A run gives {} kT = {} J to "
                  "the bath at {:g} K.",
                  report.samples, report.at_end.of_single, escaped(data), with_error(*report.bill.heat_kT),
                  with_error(*report.bill.heat_kT, joules_per_kT(prices)), prices.temperature_kelvin));
  page += warning(report.interruption);
  page += explain_errors(fmt::format("{} independent runs", report.samples));
  page += bill_tables(report.bill) + diagnostics_table(report.diagnostics);
  page += figure(
      function_plot(report),
      "Answers against the (first) input; bars of the single run are the spread of one run, those of the mean its "
      "standard error.");
  if (!report.by_time.empty())
    page += figure(function_error_plot(report),
                   fmt::format("Error against the time of reading; least at {:g}, trained at {:g}.", report.best_time,
                               report.at_end.time));
  std::vector<std::vector<std::string>> rows;
  for (size_t k = 0; k < std::min<size_t>(report.values.size(), 200); ++k) {
    const auto& value = report.values[k];
    rows.push_back({fmt::format("{:.4g}", value.input[0]), fmt::format("{:.4g}", value.target),
                    with_error(value.answer), value.answer.has_error() ? fmt::format("{:.3g}", value.spread) : ""});
  }
  page += number_table("Answers", {"input", "target", "mean answer", "spread of a run"}, rows);
  return html_page(design.name, page + machine_part(design));
}

std::string training_page(const Design& design, const TrainReport& report, const std::string& method,
                          const std::string& data, int64_t examples) {
  const bool exact = report.method == Method::exact;
  const char* unit = exact ? "iterations" : report.method == Method::gradient ? "updates" : "generations";
  std::string page = fmt::format("<h1>Training {}</h1>\n", escaped(design.name));
  page += swell::answer(
      exact ? "unexplained force, mean square" : "loss", fmt::format("{:.4g}", report.final_loss),
      fmt::format("{} training: {} {}{}, {} trajectories simulated, {:.3g} s on this computer. {} examples of {}.",
                  escaped(method), report.curve.size(), unit, report.interrupted ? ", stopped before their end" : "",
                  report.evaluations, report.wall_s, examples, escaped(data)));
  if (report.teacher_accuracy >= 0) {
    page += table("The teacher", {{"right on the training set", fmt::format("{:.2f} %", 100 * report.teacher_accuracy)},
                                  {"an answer", fmt::format("{} multiply-adds", report.teacher_multiply_adds)},
                                  {"its training", fmt::format("{:.3g} s", report.teacher_wall_s)}});
  }
  std::vector<double> x(report.curve.size());
  std::iota(x.begin(), x.end(), 1.0);
  const bool positive = std::all_of(report.curve.begin(), report.curve.end(), [](double y) { return y > 0; });
  page += figure(
      draw({unit, exact ? "relative residual" : "loss", false, positive, {{"", x, report.curve, {}, Mark::line}}}),
      exact ? "Conjugate gradients on the least squares." : "The loss as training goes on.");
  return html_page("training " + design.name, page + machine_part(design));
}

}  // namespace swell::neural
