#include "swell/programs/simulate/price.h"

#include <set>

#include "swell/ledger/run_costs.h"

namespace swell::simulate {

Totals total(const Run& run) {
  std::vector<double> heat(run.trajectories), work(run.trajectories), entropy(run.trajectories);
  for (int64_t t = 0; t < run.trajectories; ++t) {
    for (int64_t s = 0; s < run.segments; ++s) {
      heat[t] += run.book(t, s).heat;
      work[t] += run.book(t, s).work;
      entropy[t] += run.book(t, s).entropy;
    }
  }
  return {estimate(work), estimate(heat), estimate(entropy)};
}

Bill price(const Design& design, const Protocol& protocol, const Run& run, const Totals& totals, const Prices& prices) {
  Bill bill;
  bill.prices = prices;
  bill.per = "trajectory";
  const double kT = design.computer.kT;
  const auto in_kT = [&](const Estimate& E0) {
    return kT > 0 ? Known<Estimate>(scaled(E0, 1 / kT)) : Known<Estimate>::unknown("kT of the computer is 0");
  };
  bill.heat_kT = in_kT(totals.heat);
  bill.preparation_kT = Known<Estimate>::none("the whole protocol is the result");
  bill.work_kT = in_kT(totals.work);
  bill.flips = Known<Estimate>::none("no p-bits");
  bill.time_s = static_cast<double>(run.steps) * design.dt * prices.time_unit_s;
  bill.side_by_side_s = bill.time_s;
  bill.readouts = static_cast<double>(run.units);
  bill.inputs = Known<double>::none("patterns that drive or clamp are not priced");
  std::set<int> sets;
  for (const Segment& segment : protocol.segments) sets.insert(segment.couplings);
  sets.erase(kNoCouplings);
  double writes = 0;
  for (const int set : sets)
    writes += static_cast<double>(count_parameters(design.computer, design.computer.sets[set]));
  bill.writes = writes;
  book_costs(bill, run);
  bill.training_wall_s = Known<double>::none("nothing was trained");
  const char* no_digital = "a protocol has no digital counterpart of its own";
  bill.digital_method = Known<std::string>::none(no_digital);
  bill.digital_multiply_adds = Known<double>::none(no_digital);
  bill.digital_wall_s = Known<double>::none(no_digital);
  return bill;
}

}  // namespace swell::simulate
