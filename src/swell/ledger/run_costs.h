#pragma once

#include "swell/engine/run.h"
#include "swell/ledger/bill.h"

namespace swell {

// What the run counted of its own costs, as the simulation part of a bill: results, multiply-adds, draws, wall time.
void book_costs(Bill& bill, const Run& run);

}  // namespace swell
