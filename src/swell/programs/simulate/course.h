#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "swell/engine/run.h"
#include "swell/ledger/statistics.h"
#include "swell/ledger/to_json.h"
#include "swell/model/design.h"

// The course of a run in time: means over trajectories with their standard errors, point after point.
namespace swell::simulate {

// How many steps lie between points where so many points are wanted (0 for none): the same for any number of threads.
// There are fewer where all of them would take more than 256 MiB, or where reading large machines so often would slow
// the run.
int64_t course_every(const Computer& computer, const Protocol& protocol, double dt, int64_t trajectories,
                     int64_t points, bool by_group = false);

struct CoursePoint {
  int64_t step = 0;
  double time = 0;      // 1/mu
  std::string segment;  // that has just taken its steps; the first one at the start
  Estimate work, heat;  // E0, since the start of the run
  Estimate entropy;     // of the bath, k: each step's heat over its kT
  Estimate energy;      // V, E0
  Estimate heat_kT;     // heat over the computer's kT; without values where that is 0
  // Of each group: the mean of x over its units, and the variance of x over its units and the trajectories.
  std::vector<Estimate> mean, variance;
  // Of each group, E0, since the start of the run: work of its drive, and heat to the baths of its units; or empty.
  std::vector<Estimate> group_work, group_heat;
};

struct Course {
  std::vector<std::string> groups;
  std::vector<CoursePoint> points;
};

// Empty where the run kept none.
Course course_of(const Design& design, const Protocol& protocol, const Run& run);

// {time: [points], segment: [points], work: {value: [points], stderr: [points], count, unit}, ..., mean_GROUP,
// variance_GROUP; work_GROUP and heat_GROUP where they were kept}
nlohmann::ordered_json to_json(const Course& course);

// One row a point, and the names of the columns in the first: time, step, segment, work, work_stderr, heat, ...,
// mean_GROUP, mean_GROUP_stderr, variance_GROUP, variance_GROUP_stderr; where they were kept work_GROUP and heat_GROUP
// with theirs. Errors of a single trajectory are left empty.
std::string course_csv(const Course& course);

// For the terminal: about `rows` of the points, in columns.
std::string course_table(const Course& course, size_t rows = 11);

}  // namespace swell::simulate
