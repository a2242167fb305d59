#include "swell/ledger/run_costs.h"

#include <algorithm>

namespace swell {

double count_draws(const Computer& computer, const Protocol& protocol, double dt, const Run& run) {
  double draws = 0;
  int64_t left = run.steps;  // of an interrupted run fewer than the protocol's
  for (const Segment& segment : protocol.segments) {
    const int64_t steps = std::min(left, count_steps(segment, dt));
    left -= steps;
    int64_t free = computer.units();
    for (size_t g = 0; g < segment.clamped.size(); ++g) free -= segment.clamped[g] ? computer.groups[g].size : 0;
    draws += static_cast<double>(steps) * static_cast<double>(free);
  }
  return draws * static_cast<double>(run.trajectories);
}

void book_costs(Bill& bill, const Computer& computer, const Protocol& protocol, double dt, const Run& run) {
  bill.results = run.trajectories;
  bill.engine = run.engine;
  bill.multiply_adds = static_cast<double>(run.multiply_adds);
  bill.draws = count_draws(computer, protocol, dt, run);
  bill.host_flips = Known<double>::none("no digital host takes part");
  bill.wall_s = run.wall_s;
}

}  // namespace swell
