#pragma once

#include <string>

#include "swell/engine/run.h"
#include "swell/ledger/bill.h"

namespace swell {

// What the run counted of its own costs, as the simulation part of a bill: results, multiply-adds, draws, wall time.
void book_costs(Bill& bill, const Run& run);

// The same of many runs that make one answer, such as those of a search.
struct RunCosts {
  std::string engine;                   // that ran them; empty before the first
  double multiply_adds = 0, draws = 0;  // of all

  void add(const Run& run);
  void add(const RunCosts& other);
};

}  // namespace swell
