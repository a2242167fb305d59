#include "swell/ledger/run_costs.h"

namespace swell {

void book_costs(Bill& bill, const Run& run) {
  bill.results = run.trajectories;
  bill.engine = run.engine;
  bill.multiply_adds = static_cast<double>(run.multiply_adds);
  bill.draws = static_cast<double>(run.draws);
  bill.host_flips = Known<double>::none("no digital host takes part");
  bill.wall_s = run.wall_s;
}

void RunCosts::add(const Run& run) {
  add(RunCosts{run.engine, static_cast<double>(run.multiply_adds), static_cast<double>(run.draws)});
}

void RunCosts::add(const RunCosts& other) {
  if (!other.engine.empty()) engine = other.engine;
  multiply_adds += other.multiply_adds;
  draws += other.draws;
}

}  // namespace swell
