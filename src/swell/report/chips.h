#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace swell {

// What the faults of a batch of chips do to a task.
struct ChipErrors {
  std::string what;             // what the error is, for people: "relative error of the inverse"
  std::string spec;             // the name of the specification
  std::vector<double> error;    // [chips that work]
  int64_t failed = 0;           // chips that settle nowhere, or have no potential with a minimum
  double perfect = 0;           // the same of the machine as designed
  std::vector<double> entropy;  // [chips that work] housekeeping entropy production rate, k per 1/mu; empty where none
};

// {spec, chips, failed, what, median, p10, p90, mean {value, stderr, count, unit}, perfect, entropy_production}.
nlohmann::ordered_json to_json(const ChipErrors& chips);
// One line for people.
std::string sentence(const ChipErrors& chips);
// A section of a report page: the histogram of the errors, and what the numbers mean.
std::string section(const ChipErrors& chips);

}  // namespace swell
