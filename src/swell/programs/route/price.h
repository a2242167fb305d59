#pragma once

#include "swell/ledger/bill.h"
#include "swell/programs/route/runs.h"

namespace swell::route {

// What a route costs. Moves that keep a tour a tour are made by the digital host, and no device is priced; of the
// penalty encoding the p-bits' flips are.
Bill price(const SearchFigures& figures, bool penalty, const Prices& prices);

}  // namespace swell::route
