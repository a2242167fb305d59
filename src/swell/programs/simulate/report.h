#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "swell/programs/simulate/simulate.h"

namespace swell::simulate {

// One self-contained page: heat and work with the bill, the machine and its protocol, the course of the run in time,
// segments and averages.
std::string report_page(const Design& design, const Options& options, const Outcome& outcome);

}  // namespace swell::simulate
