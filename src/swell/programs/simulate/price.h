#pragma once

#include "swell/programs/simulate/simulate.h"

namespace swell::simulate {

Totals total(const Run& run);

// A trajectory as a device. The bath of the device is at the temperature of the prices and stands for the computer's
// kT.
Bill price(const Design& design, const Protocol& protocol, const Run& run, const Totals& totals, const Prices& prices);

}  // namespace swell::simulate
