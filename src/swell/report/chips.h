#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "swell/hardware/chip_errors.h"

namespace swell {

// {spec, chips, failed, what, median, p10, p90, mean {value, stderr, count, unit}, perfect, entropy_production}.
nlohmann::ordered_json to_json(const ChipErrors& chips);
// One line for people.
std::string sentence(const ChipErrors& chips);
// A section of a report page: the histogram of the errors, and what the numbers mean.
std::string section(const ChipErrors& chips);

}  // namespace swell
