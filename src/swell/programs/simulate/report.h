#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "swell/programs/simulate/simulate.h"

namespace swell::simulate {

Totals total(const Run& run);

// A trajectory as a device. The bath of the device is at the temperature of the prices and stands for the computer's
// kT.
Bill price(const Design& design, const Protocol& protocol, const Run& run, const Totals& totals, const Prices& prices);

// One self-contained page: heat and work with the bill, the machine and its protocol, the course of the run in time,
// segments and averages.
std::string report_page(const Design& design, const Options& options, const Outcome& outcome);

}  // namespace swell::simulate
