#include "swell/programs/simulate/course.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "swell/ledger/to_json.h"

namespace swell::simulate {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kMostBytes = 256.0 * 1024 * 1024;
constexpr double kLarge = 1e8;        // unit-steps from which the cost of a point counts
constexpr int64_t kLeastSteps = 40;   // between points of large runs: a point costs about as much as a step or two
constexpr size_t kGroupsInTable = 3;  // that fit side by side on a terminal

// A column of the course: its name and its value at a point.
struct Column {
  std::string name, unit;
  std::vector<const Estimate*> values;
};

bool has_group_books(const Course& course) {
  return !course.points.empty() && !course.points.front().group_heat.empty();
}

std::vector<Column> columns(const Course& course) {
  std::vector<Column> all;
  const auto add = [&](const std::string& name, const char* unit, auto value) {
    Column& column = all.emplace_back(Column{name, unit, {}});
    for (const CoursePoint& point : course.points) column.values.push_back(&value(point));
  };
  add("work", "E0", [](const CoursePoint& p) -> const Estimate& { return p.work; });
  add("heat", "E0", [](const CoursePoint& p) -> const Estimate& { return p.heat; });
  add("heat_kT", "kT", [](const CoursePoint& p) -> const Estimate& { return p.heat_kT; });
  add("entropy", "k", [](const CoursePoint& p) -> const Estimate& { return p.entropy; });
  add("energy", "E0", [](const CoursePoint& p) -> const Estimate& { return p.energy; });
  for (size_t g = 0; g < course.groups.size(); ++g) {
    add("mean_" + course.groups[g], "1", [g](const CoursePoint& p) -> const Estimate& { return p.mean[g]; });
    add("variance_" + course.groups[g], "1", [g](const CoursePoint& p) -> const Estimate& { return p.variance[g]; });
  }
  for (size_t g = 0; has_group_books(course) && g < course.groups.size(); ++g) {
    add("work_" + course.groups[g], "E0", [g](const CoursePoint& p) -> const Estimate& { return p.group_work[g]; });
    add("heat_" + course.groups[g], "E0", [g](const CoursePoint& p) -> const Estimate& { return p.group_heat[g]; });
  }
  return all;
}

Json column_json(const Column& column) {
  Json means = Json::array(), errors = Json::array();
  for (const Estimate* value : column.values) {
    means.push_back(value->count > 0 && std::isfinite(value->mean) ? Json(value->mean) : Json(nullptr));
    errors.push_back(value->has_error() ? Json(value->stderr_of_mean) : Json(nullptr));
  }
  return {{"value", means},
          {"stderr", errors},
          {"count", column.values.empty() ? 0 : column.values.front()->count},
          {"unit", column.unit}};
}

std::string cell(const Estimate& value) {
  if (!value.has_error()) return fmt::format("{:.4g}", value.mean);
  return fmt::format("{:.4g} +- {:.1g}", value.mean, value.stderr_of_mean);
}

}  // namespace

int64_t course_every(const Computer& computer, const Protocol& protocol, double dt, int64_t trajectories,
                     int64_t points, bool by_group) {
  if (points == 0) return 0;
  const int64_t steps = count_steps(protocol, dt);
  const double point_bytes = static_cast<double>(trajectories) *
                             static_cast<double>(4 + (by_group ? 4 : 2) * computer.groups.size()) * sizeof(double);
  const auto fitting = static_cast<int64_t>(std::clamp(kMostBytes / point_bytes, 1.0, 1e9));
  int64_t every = (steps + std::min(points, fitting) - 1) / std::min(points, fitting);
  const double work =
      static_cast<double>(computer.units()) * static_cast<double>(steps) * static_cast<double>(trajectories);
  if (work > kLarge) every = std::max(every, kLeastSteps);
  return every;
}

Course course_of(const Design& design, const Protocol& protocol, const Run& run) {
  Course course;
  for (const Group& group : design.computer.groups) course.groups.push_back(group.name);
  const ObservedSums& where = run.sums;
  const auto over_trajectories = [&](int64_t sum) {
    std::vector<double> values(run.trajectories);
    for (int64_t t = 0; t < run.trajectories; ++t) values[t] = run.observed[t * where.size() + sum];
    return values;
  };
  size_t segment = 0;
  int64_t end = count_steps(protocol.segments[0], design.dt);
  for (size_t p = 0; p < run.course_steps.size(); ++p) {
    const auto point = static_cast<int64_t>(p);
    CoursePoint at;
    at.step = run.course_steps[p];
    at.time = static_cast<double>(at.step) * design.dt;
    while (at.step > end) end += count_steps(protocol.segments[++segment], design.dt);
    at.segment = protocol.segments[segment].name;
    at.work = estimate(over_trajectories(where.work(point)));
    at.heat = estimate(over_trajectories(where.heat(point)));
    if (design.computer.kT > 0) at.heat_kT = scaled(at.heat, 1 / design.computer.kT);
    at.entropy = estimate(over_trajectories(where.entropy(point)));
    at.energy = estimate(over_trajectories(where.course_energy(point)));
    for (int64_t g = 0; g < where.groups; ++g) {
      const std::vector<double> x = over_trajectories(where.course_mean(point, g));
      at.mean.push_back(estimate(x));
      at.variance.push_back(covariance(x, x, over_trajectories(where.course_mean(point, g) + 1)));
      at.variance.back().mean = std::max(0.0, at.variance.back().mean);  // rounding
    }
    for (int64_t g = 0; where.by_group && g < where.groups; ++g) {
      at.group_heat.push_back(estimate(over_trajectories(where.course_group_heat(point, g))));
      at.group_work.push_back(estimate(over_trajectories(where.course_group_heat(point, g) + 1)));
    }
    course.points.push_back(std::move(at));
  }
  return course;
}

Json to_json(const Course& course) {
  Json json;
  json["time"] = Json::array();
  json["segment"] = Json::array();
  for (const CoursePoint& point : course.points) {
    json["time"].push_back(point.time);
    json["segment"].push_back(point.segment);
  }
  for (const Column& column : columns(course)) json[column.name] = column_json(column);
  return json;
}

std::string course_csv(const Course& course) {
  const std::vector<Column> all = columns(course);
  std::string text = "time,step,segment";
  for (const Column& column : all) text += fmt::format(",{0},{0}_stderr", column.name);
  for (size_t p = 0; p < course.points.size(); ++p) {
    const CoursePoint& point = course.points[p];
    text += fmt::format("\n{},{},{}", point.time, point.step, point.segment);
    for (const Column& column : all) {
      const Estimate& value = *column.values[p];
      text += value.count > 0 ? fmt::format(",{},", value.mean) : ",,";
      if (value.has_error()) text += fmt::format("{}", value.stderr_of_mean);
    }
  }
  return text + "\n";
}

std::string course_table(const Course& course, size_t rows) {
  if (course.points.empty()) return "";
  std::vector<Column> shown = columns(course);
  std::erase_if(shown, [](const Column& column) {
    return column.name == "heat_kT" || column.name == "entropy" || column.name == "energy";
  });
  // With books of each group those stand in place of the states.
  const bool books = has_group_books(course);
  if (books) {
    std::erase_if(shown, [](const Column& column) {
      return column.name.starts_with("mean_") || column.name.starts_with("variance_");
    });
  }
  if (shown.size() > 2 + 2 * kGroupsInTable) shown.resize(2 + 2 * kGroupsInTable);
  std::vector<std::vector<std::string>> cells{{"time, 1/mu", "segment"}};
  for (const Column& column : shown) {
    std::string name = column.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    cells[0].push_back(name + (column.unit == "E0" ? ", E0" : ""));
  }
  const size_t last = course.points.size() - 1, steps = std::min(rows - 1, last);
  for (size_t row = 0; row <= steps; ++row) {
    const size_t p = steps == 0 ? last : last * row / steps;
    cells.push_back({fmt::format("{:.6g}", course.points[p].time), course.points[p].segment});
    for (const Column& column : shown) cells.back().push_back(cell(*column.values[p]));
  }
  std::vector<size_t> width(cells[0].size(), 0);
  for (const auto& row : cells) {
    for (size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  std::string text;
  for (const auto& row : cells) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) line += fmt::format("  {:>{}}", row[c], width[c]);
    text += (text.empty() ? "" : "\n") + line;
  }
  const size_t left_out = 2 + 2 * course.groups.size() - shown.size();
  if (left_out > 0) text += fmt::format("\n  (and {} groups more in course.csv)", left_out / 2);
  if (books) text += "\n  (means and variances in course.csv)";
  return text;
}

}  // namespace swell::simulate
