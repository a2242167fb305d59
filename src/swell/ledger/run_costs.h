#pragma once

#include "swell/engine/run.h"
#include "swell/ledger/bill.h"

namespace swell {

// Normals that a run drew: one for each unit that is not clamped, each step and trajectory.
double count_draws(const Computer& computer, const Protocol& protocol, double dt, const Run& run);

// What the run counted of its own costs, as the simulation part of a bill: results, multiply-adds, draws, wall time.
void book_costs(Bill& bill, const Computer& computer, const Protocol& protocol, double dt, const Run& run);

}  // namespace swell
