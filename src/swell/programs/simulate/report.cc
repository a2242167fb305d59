#include "swell/programs/simulate/report.h"

#include <fmt/format.h>

#include <algorithm>

#include "swell/report/bill.h"
#include "swell/report/diagnostics.h"
#include "swell/report/machine.h"
#include "swell/report/page.h"
#include "swell/report/plot.h"

namespace swell::simulate {

namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostCurves = 10;

Series curve(const Course& course, const std::string& name, auto value, int color) {
  Series series{name, {}, {}, {}, Mark::line, color};
  for (const CoursePoint& point : course.points) {
    const Estimate& at = value(point);
    if (at.count < 1) continue;
    series.x.push_back(point.time);
    series.y.push_back(at.mean);
    series.error.push_back(at.has_error() ? at.stderr_of_mean : 0.0);
  }
  return series;
}

std::string energy_plot(const Course& course) {
  return draw({"time, 1/mu",
               "since the start, E0",
               false,
               false,
               {curve(
                    course, "heat to the bath", [](const auto& p) -> const Estimate& { return p.heat; }, 1),
                curve(
                    course, "work done on the machine", [](const auto& p) -> const Estimate& { return p.work; }, 0),
                curve(
                    course, "energy V", [](const auto& p) -> const Estimate& { return p.energy; }, 2)}});
}

std::string group_plot(const Course& course, const std::string& label, auto values) {
  Plot plot{"time, 1/mu", label, false, false, {}};
  for (size_t g = 0; g < std::min(course.groups.size(), kMostCurves); ++g) {
    plot.series.push_back(curve(
        course, course.groups[g], [&](const auto& p) -> const Estimate& { return values(p)[g]; }, static_cast<int>(g)));
  }
  return draw(plot);
}

// Heat and work of each group, where the run kept them.
std::string group_books(const Course& course) {
  const CoursePoint& end = course.points.back();
  if (end.group_heat.empty()) return "";
  std::string html =
      figure(group_plot(
                 course, "heat since the start, E0", [](const auto& p) -> const auto& { return p.group_heat; }),
             "Heat that the units of each group gave to their own baths.");
  html += figure(group_plot(
                     course, "work since the start, E0", [](const auto& p) -> const auto& { return p.group_work; }),
                 "Work of the drive of each group.");
  std::vector<std::vector<std::string>> rows;
  for (size_t g = 0; g < course.groups.size(); ++g)
    rows.push_back({escaped(course.groups[g]), with_error(end.group_work[g]), with_error(end.group_heat[g])});
  rows.push_back({"all, couplings and clamps as well", with_error(end.work), with_error(end.heat)});
  return html +
         number_table("Work and heat by the end of the run", {"group", "work of its drive, E0", "heat, E0"}, rows);
}

std::string course_figures(const Course& course) {
  if (course.points.size() < 2) return "";
  std::string html = "<h2>The course of the run</h2>\n";
  html += figure(group_plot(
                     course, "mean of x", [](const auto& p) -> const auto& { return p.mean; }),
                 "Mean of x over the units of a group and the trajectories.");
  html += figure(group_plot(
                     course, "variance of x", [](const auto& p) -> const auto& { return p.variance; }),
                 "Variance of x over the units of a group and the trajectories.");
  html += figure(energy_plot(course),
                 "Heat and work add up from the start of the run; energy = its start + work \u2212 heat.");
  html += group_books(course);
  const size_t last = course.points.size() - 1, steps = std::min<size_t>(10, last);
  std::vector<std::string> head{"time, 1/mu", "segment", "work, E0", "heat, E0"};
  const size_t groups = std::min<size_t>(course.groups.size(), 4);
  for (size_t g = 0; g < groups; ++g) {
    head.push_back("mean, " + escaped(course.groups[g]));
    head.push_back("variance, " + escaped(course.groups[g]));
  }
  std::vector<std::vector<std::string>> rows;
  for (size_t row = 0; row <= steps; ++row) {
    const CoursePoint& point = course.points[last * row / steps];
    rows.push_back(
        {fmt::format("{:.6g}", point.time), escaped(point.segment), with_error(point.work), with_error(point.heat)});
    for (size_t g = 0; g < groups; ++g) {
      rows.back().push_back(with_error(point.mean[g]));
      rows.back().push_back(with_error(point.variance[g]));
    }
  }
  return html +
         number_table(fmt::format("{} of the {} points in course.csv", rows.size(), course.points.size()), head, rows);
}

std::string segment_table(const Outcome& outcome, double dt) {
  std::vector<std::vector<std::string>> rows;
  for (const SegmentSummary& segment : outcome.segments) {
    rows.push_back({escaped(segment.name), fmt::format("{:g}", static_cast<double>(segment.steps) * dt),
                    with_error(segment.work), with_error(segment.heat), with_error(segment.entropy)});
  }
  return number_table("Segment by segment", {"segment", "duration, 1/mu", "work, E0", "heat, E0", "entropy, k"}, rows);
}

std::string average_table(const Design& design, const Outcome& outcome) {
  if (outcome.run.observations == 0) return "";
  std::vector<std::vector<std::string>> rows;
  for (size_t g = 0; g < design.computer.groups.size(); ++g) {
    const size_t pair = g * (g + 1) / 2 + g;  // of the group with itself
    rows.push_back({escaped(design.computer.groups[g].name), with_error(outcome.averages.group_mean[g]),
                    with_error(outcome.averages.group_covariance[pair])});
  }
  return number_table(fmt::format("Averages over {} observations", outcome.run.observations),
                      {"group", "mean of x", "variance of the group's mean"}, rows) +
         table("", {{"energy V", with_error(outcome.averages.energy) + " E0"},
                    {"its variance", with_error(outcome.averages.energy_variance) + " E0\u00b2"}});
}

}  // namespace

std::string report_page(const Design& design, const Options& options, const Outcome& outcome) {
  const Run& run = outcome.run;
  const Bill& bill = outcome.bill;
  const Protocol& protocol = find_protocol(design, options.protocol);
  std::string page = fmt::format("<h1>{}: protocol {}</h1>\n", escaped(design.name), escaped(protocol.name));
  const double kT = joules_per_kT(bill.prices);
  page += answer(
      "heat of a trajectory",
      bill.heat_kT ? with_error(*bill.heat_kT) + " kT" : with_error(outcome.totals.heat) + " E0",
      fmt::format("{}work {}; {:.3g} s on the device. {} trajectories of {} units, {} steps of {:g}/mu, seed {}.",
                  bill.heat_kT
                      ? fmt::format("= {} J at {:g} K; ", with_error(*bill.heat_kT, kT), bill.prices.temperature_kelvin)
                      : "",
                  bill.work_kT ? with_error(*bill.work_kT) + " kT" : with_error(outcome.totals.work) + " E0",
                  *bill.time_s, run.trajectories, run.units, run.steps, design.dt, options.seed.number));
  page += warning(interruption(outcome)) + warning(outcome.first_law.complaint());
  page +=
      explain_errors(fmt::format("{} independent trajector{}", run.trajectories, run.trajectories == 1 ? "y" : "ies"));
  page += bill_tables(bill);
  page += table("Energies", {{"entropy given to the bath", with_error(outcome.totals.entropy) + " k",
                              "each step's heat over its own kT"}});
  page += diagnostics_table(outcome.diagnostics);
  page += course_figures(outcome.course);
  page += segment_table(outcome, design.dt) + average_table(design, outcome);
  page += "<h2>The machine and its protocol</h2>\n";
  if (!design.description.empty()) page += "<p>" + escaped(design.description) + "</p>\n";
  page += figure(machine_drawing(design), "Groups of units with their on-site potentials, and what couples them.");
  page += figure(protocol_drawing(design, protocol), "The protocol. Dark where couplings are in force.");
  std::vector<double> heat(run.trajectories);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    for (int64_t s = 0; s < run.segments; ++s) heat[t] += run.book(t, s).heat;
  }
  if (run.trajectories >= 20)
    page += figure(histogram(heat, "heat of a trajectory, E0", "trajectories"), "Heat fluctuates from run to run.");
  return html_page(design.name + ", " + protocol.name, page);
}

}  // namespace swell::simulate
